"""Comparing two schemas, one form of a value at a time."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from scripts.specs.diff.places import Change, Family, Place, compare_named, facet_changes, flag_change
from scripts.specs.diff.reading import Schema, as_list, as_mapping, forms_of, read_schema, type_of, values_of
from scripts.specs.diff.rules import (
    BREAKING_PRESENCE,
    CLOSED,
    DEPRECATED,
    FORM_FACETS,
    NULL,
    REQUIRED,
    UNIQUE,
    VALUE_FACETS,
    Side,
)

Pairs = frozenset[tuple[object, object]]


class Comparison(NamedTuple):
    """Comparing schemas on one side; ``above`` holds the pairs under way, where a recursion ends."""

    side: Side
    above: Pairs = frozenset()

    def schemas(self, place: Place, old: Schema, new: Schema) -> list[Change]:
        """The changes between two schemas and everything in them."""
        pair = (old.identity, new.identity)
        if pair in self.above:
            return []
        below = Comparison(self.side, self.above | {pair})
        changes = [
            *flag_change(NULL, self.side, place, old=old.null, new=new.null),
            *flag_change(DEPRECATED, self.side, place, old=old.says("deprecated"), new=new.says("deprecated")),
            *facet_changes(VALUE_FACETS, self.side, place, old, new),
            *below.choices(place, below.distinct(forms_of(old)), below.distinct(forms_of(new))),
        ]
        return list(dict.fromkeys(changes))

    def distinct(self, forms: Iterable[Schema]) -> list[Schema]:
        """Forms without those that say the same as another."""
        kept: list[Schema] = []
        for form in forms:
            if all(self.forms(Place(()), other, form) for other in kept):
                kept.append(form)
        return kept

    def choices(self, place: Place, old: list[Schema], new: list[Schema]) -> Iterator[Change]:
        """The changes between the forms of two schemas, the most alike taken for the same form."""
        if len(old) == len(new) == 1:
            yield from self.forms(place, old[0], new[0])
            return
        matches = [
            (self.forms(place, before, after), row, column)
            for row, before in enumerate(old)
            for column, after in enumerate(new)
            if type_of(before) == type_of(after)
        ]
        rows, columns = set(range(len(old))), set(range(len(new)))
        for changes, row, column in sorted(matches, key=lambda match: len(match[0])):
            if row in rows and column in columns:
                rows.remove(row)
                columns.remove(column)
                yield from changes
        kind = f"{self.side.value} alternative"
        for row in sorted(rows):
            text = f"may no longer be {_described(old[row])}"
            yield Change((kind, "removed") in BREAKING_PRESENCE, str(place), text)
        for column in sorted(columns):
            text = f"may now also be {_described(new[column])}"
            yield Change((kind, "added") in BREAKING_PRESENCE, str(place), text)

    def forms(self, place: Place, old: Schema, new: Schema) -> list[Change]:
        """The changes between two forms; of another type there is nothing more to say."""
        facets = list(facet_changes(FORM_FACETS, self.side, place, old, new))
        if type_of(old) != type_of(new):
            return facets[:1]
        return [
            *facets,
            *self.enums(place, values_of(old), values_of(new)),
            *flag_change(UNIQUE, self.side, place, old=old.says("uniqueItems"), new=new.says("uniqueItems")),
            *flag_change(CLOSED, self.side, place, old=_closed(old), new=_closed(new)),
            *self.properties(place, old, new),
            *self.contents(place, old, new),
        ]

    def enums(self, place: Place, old: list[str] | None, new: list[str] | None) -> Iterator[Change]:
        """The changes between two lists of permitted values."""
        request = self.side is Side.REQUEST
        if old is None and new is not None:
            yield Change(request, str(place), f"now one of {', '.join(new)}")
        elif old is not None and new is None:
            yield Change(breaking=False, where=str(place), what="no longer restricted to listed values")
        else:
            before, after = old or [], new or []
            for value in before:
                if value not in after:
                    yield Change(request, str(place), f"enum value {value} removed")
            for value in after:
                if value not in before:
                    yield Change(breaking=False, where=str(place), what=f"enum value {value} added")

    def properties(self, place: Place, old: Schema, new: Schema) -> Iterator[Change]:
        """The changes between the properties of two objects."""
        family = Family[Property](
            place=lambda found: place.property(found.name),
            compare=self.members,
            kind=lambda _: f"{self.side.value} property",
            required=lambda found: found.required,
        )
        return compare_named(_properties(old, self.side), _properties(new, self.side), family)

    def members(self, place: Place, old: "Property", new: "Property") -> Iterator[Change]:
        """The changes between two properties."""
        yield from flag_change(REQUIRED, self.side, place, old=old.required, new=new.required)
        yield from self.schemas(place, old.schema, new.schema)

    def contents(self, place: Place, old: Schema, new: Schema) -> Iterator[Change]:
        """The changes between what two arrays or two maps hold."""
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            before, after = _held(old, keyword), _held(new, keyword)
            if before.parts or after.parts:
                yield from self.schemas(place.entries(mark), before, after)


def _described(form: Schema) -> str:
    names = sorted({name for value in form.stated("properties") for name in as_mapping(value)})
    return f"{type_of(form)} with {', '.join(names)}" if names else type_of(form)


def _closed(form: Schema) -> bool:
    return False in (*form.stated("additionalProperties"), *form.stated("unevaluatedProperties"))


def _held(form: Schema, keyword: str) -> Schema:
    """The schema of what a form holds; without parts when it may hold anything."""
    inner = [value for value in form.stated(keyword) if isinstance(value, dict) and value]
    return read_schema(form.document, *inner)


class Property(NamedTuple):
    """A property of an object."""

    name: str
    required: bool
    schema: Schema


def _properties(form: Schema, side: Side) -> dict[str, Property]:
    """The properties that travel on a side: a read-only one is no part of a request."""
    maps = [as_mapping(value) for value in form.stated("properties")]
    required = {name for names in form.stated("required") for name in as_list(names) if isinstance(name, str)}
    found = {}
    for name in dict.fromkeys(chain(*maps, sorted(required))):
        schema = read_schema(form.document, *(properties[name] for properties in maps if name in properties))
        if not schema.says("readOnly" if side is Side.REQUEST else "writeOnly"):
            found[name] = Property(name, name in required, schema)
    return found
