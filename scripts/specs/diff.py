"""What differs for a client between two versions of a definition. Meanings are compared, not texts.

``$ref``, ``allOf`` and the spellings of OpenAPI 3.0 and 3.1 are read away first, so a definition that was only
rearranged equals itself. Which difference breaks a client is said by the tables and the small rules that follow
them. Descriptions, examples, tags, links, callbacks, discriminators and ``not`` are left out of account.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum
from itertools import chain, product
from typing import Any, Generic, NamedTuple, TypeGuard, TypeVar

from scripts.specs.walk import Operation, Pointer, lookup, nodes, operations, pointer_text, resolved
from scripts.toolkit import ToolError

Document = dict[str, Any]
Nodes = frozenset[int]
Value = TypeVar("Value")


class Side(Enum):
    """Who writes a value: the client (request) or the service (answer)."""

    REQUEST = "request"
    ANSWER = "answer"


class Change(NamedTuple):
    """One difference."""

    breaking: bool
    where: str
    what: str


class Flag(NamedTuple):
    """Something that is so or not: how its change is told, and on which side which direction breaks."""

    on: str
    off: str
    breaking: Collection[tuple[Side, bool]] = ()


REQUIRED = Flag("now required", "no longer required", {(Side.REQUEST, True), (Side.ANSWER, False)})
NULL = Flag("may now be null", "may no longer be null", {(Side.ANSWER, True), (Side.REQUEST, False)})
UNIQUE = Flag("entries must now differ", "entries may now be equal", {(Side.REQUEST, True)})
CLOSED = Flag("takes no other properties now", "takes other properties now", {(Side.REQUEST, True)})
DEPRECATED = Flag("deprecated", "no longer deprecated")
PREVIEW = Flag("now a technical preview", "no longer a technical preview")

BREAKING_PRESENCE = {
    ("operation", "removed"),
    ("parameter", "removed"),
    ("parameter", "added, required"),
    ("request body", "removed"),
    ("request body", "added, required"),
    ("request media type", "removed"),
    ("request property", "removed"),
    ("request property", "added, required"),
    ("request alternative", "removed"),
    ("success answer", "removed"),
    ("answer media type", "removed"),
    ("answer header", "removed"),
    ("answer property", "removed"),
    ("answer alternative", "added"),
}
"""What breaks a client by coming or going; every other coming and going is compatible."""

COMPATIBLE_FORMATS: dict[Side, tuple[tuple[set[str | None], set[str | None]], ...]] = {
    # The service takes at least what it took.
    Side.REQUEST: (
        ({"uuid", "uri"}, {None}),
        ({"int32"}, {"int64", None}),
        ({"float"}, {"double", None}),
    ),
    # The same characters or the same number, with a stricter or looser promise about them.
    Side.ANSWER: (
        ({"uuid", "uri", None}, {"uuid", "uri", None}),
        ({"int32", "int64", None}, {"int32", "int64", None}),
        ({"float", "double", None}, {"float", "double", None}),
    ),
}
"""Changes of a format, from one of the first set to one of the second, that break nobody; all others do."""

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}
"""Header parameters that OpenAPI tells readers to ignore."""

_ANYTHING: Document = {}
_NOTHING: Document = {"not": {}}
_MARKED_DEPRECATED: Document = {"deprecated": True}
_BYTES: Document = {"type": "string", "format": "binary"}
_ONE_TYPE: dict[str, Document] = {
    name: {"type": name} for name in ("array", "boolean", "integer", "number", "object", "string")
}
_TEXT_MEDIA = re.compile(r"json|xml|^text/|^multipart/|x-www-form-urlencoded")
_TEMPLATE = re.compile(r"\{([^}]*)\}")
_JOINT = " · "


# --- reading: a schema with its references and compositions resolved --------------------------------------


class Schema(NamedTuple):
    """The schema nodes that bind one value together, the referenced ones before those that refer to them."""

    document: Document
    parts: tuple[Document, ...]
    null: bool = False

    @property
    def identity(self) -> tuple[Nodes, bool]:
        """Equal for schemas of one document that are made of the same nodes."""
        return frozenset(map(id, self.parts)), self.null

    def stated(self, keyword: str) -> list[Any]:
        """Every value given to a keyword, the one that has the last word last."""
        return [part[keyword] for part in self.parts if keyword in part]

    def last(self, keyword: str) -> Any:
        """The value of a keyword that has the last word, or None."""
        return next(reversed(self.stated(keyword)), None)

    def says(self, keyword: str) -> bool:
        """Whether a keyword is true anywhere."""
        return True in self.stated(keyword)


def read_schema(document: Document, *schemas: object) -> Schema:
    """Resolve schemas that hold for the same value.

    Raises:
        KeyError: A ``$ref`` points nowhere.
    """
    spreads = [_spread(document, schema, frozenset()) for schema in schemas]
    parts = _once(part for spread, _ in spreads for part in spread)
    return Schema(document, parts, _agreed(null for _, null in spreads) is True)


def _once(parts: Iterable[Document]) -> tuple[Document, ...]:
    """The nodes without repetition, each where it comes last."""
    return tuple(reversed({id(part): part for part in reversed(tuple(parts))}.values()))


def _mapping(node: object) -> Document:
    if isinstance(node, dict):
        return node
    return _NOTHING if node is False else _ANYTHING


def _listed(node: object) -> list[Any]:
    if isinstance(node, list):
        return node
    return [] if node is None else [node]


def _spread(document: Document, node: object, above: Nodes) -> tuple[tuple[Document, ...], bool | None]:
    """The nodes a schema is made of, and whether it admits null (None: it leaves that open)."""
    schema = _mapping(node)
    if id(schema) in above:
        return (), None
    above |= {id(schema)}
    inner = [lookup(document, schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    inner += _listed(schema.get("allOf"))
    inner += [members[0] for members in _choices(document, schema) if len(members) == 1]
    spreads = [_spread(document, member, above) for member in inner]
    null = _own_null(document, schema, above)
    if null is None:
        null = _agreed(vote for _, vote in spreads)
    return (*chain.from_iterable(parts for parts, _ in spreads), schema), null


def _agreed(votes: Iterable[bool | None]) -> bool | None:
    cast = {vote for vote in votes if vote is not None}
    return False not in cast if cast else None


def _own_null(document: Document, schema: Document, above: Nodes) -> bool | None:
    """What a node itself says about null, whatever it refers to."""
    if schema.get("nullable") is True:
        return True
    if "type" in schema:
        return "null" in _listed(schema["type"])
    votes = [_choice_null(document, _listed(schema[key]), above) for key in ("anyOf", "oneOf") if schema.get(key)]
    if "enum" in schema:
        votes.append(None in _listed(schema["enum"]))
    if "const" in schema:
        votes.append(schema["const"] is None)
    return _agreed(votes)


def _choice_null(document: Document, members: list[Any], above: Nodes) -> bool | None:
    if any(_only_null(document, member) for member in members):
        return True
    if len(members) == 1:
        return None
    return any(_spread(document, member, above)[1] is True for member in members)


def _only_null(document: Document, node: object) -> bool:
    schema = _mapping(resolved(document, node))
    if "const" in schema:
        return schema["const"] is None
    return _listed(schema.get("type")) == ["null"] or schema.get("enum") == [None]


def _choices(document: Document, schema: Document) -> list[list[Any]]:
    """The members of ``anyOf`` and of ``oneOf``, without null."""
    groups = [
        [member for member in _listed(schema.get(key)) if not _only_null(document, member)]
        for key in ("anyOf", "oneOf")
    ]
    return [members for members in groups if members]


def _forms(schema: Schema, settled: Nodes = frozenset()) -> tuple[Schema, ...]:
    """The forms a value may take: one schema for every choice of alternatives and of types."""
    choosing = [part for part in schema.parts if id(part) not in settled]
    groups = [members for part in choosing for members in _choices(schema.document, part) if len(members) > 1]
    if not groups:
        kinds = sorted(_types(schema))
        return tuple(_narrowed(schema, [_ONE_TYPE[kind]]) for kind in kinds) if len(kinds) > 1 else (schema,)
    settled |= set(map(id, choosing))
    found: dict[object, Schema] = {}
    for chosen in product(*groups):
        narrowed = _narrowed(schema, read_schema(schema.document, *chosen).parts)
        found |= {form.identity: form for form in _forms(narrowed, settled)}
    return tuple(found.values())


def _narrowed(schema: Schema, more: Iterable[Document]) -> Schema:
    return Schema(schema.document, _once((*schema.parts, *more)))


# --- reading: the keywords of one form ---------------------------------------------------------------------


def _types(form: Schema) -> frozenset[str]:
    """The types a form states, or those its other keywords imply; none means any."""
    stated = [names for names in (_known_types(value) for value in form.stated("type")) if names]
    if stated:
        return frozenset.intersection(*stated) or stated[-1]
    if any(form.stated(keyword) for keyword in ("properties", "required", "additionalProperties")):
        return frozenset({"object"})
    if form.stated("items"):
        return frozenset({"array"})
    return _without_integer(_kind(value) for value in _stated_values(form) or ())


def _known_types(value: object) -> frozenset[str]:
    return _without_integer(name for name in _listed(value) if isinstance(name, str))


def _without_integer(names: Iterable[str]) -> frozenset[str]:
    """Types as a set, where ``number`` covers ``integer`` and null is not a type."""
    known = _ONE_TYPE.keys() & set(names)
    return frozenset(known - {"integer"} if "number" in known else known)


def _kind(value: object) -> str:
    """The JSON type of a value."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _type(form: Schema) -> str:
    return " | ".join(sorted(_types(form))) or "any"


def _format(form: Schema) -> str | None:
    """The format; 3.1 tells raw and encoded bytes by ``contentMediaType`` and ``contentEncoding``."""
    if form.stated("format"):
        return str(form.last("format"))
    if form.stated("contentEncoding"):
        return "byte"
    return "binary" if form.stated("contentMediaType") else None


def _stated_values(form: Schema) -> list[Any] | None:
    """The values every ``enum`` and ``const`` admits, without null; None when there is neither."""
    lists = [*map(_listed, form.stated("enum")), *([value] for value in form.stated("const"))]
    if not lists:
        return None
    allowed = set.intersection(*({literal(value) for value in values} for values in lists))
    return [value for value in lists[-1] if value is not None and literal(value) in allowed]


def _values(form: Schema) -> list[str] | None:
    """The literals a form is restricted to, None when it is not."""
    values = _stated_values(form)
    types = _types(form)
    fitting = types | {"integer"} if "number" in types else types
    return None if values is None else [literal(value) for value in values if _kind(value) in fitting]


def literal(value: object) -> str:
    """A JSON value as a person reads it; equal for equal values."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _pattern(form: Schema) -> str | None:
    return " and ".join(sorted(set(map(str, form.stated("pattern"))))) or None


def _default(schema: Schema) -> str | None:
    return literal(schema.last("default")) if schema.stated("default") else None


class Bound(NamedTuple):
    """A limit of a value. ``tightness`` grows as the limit comes closer, for upper and lower ones."""

    tightness: float
    exclusive: bool
    sign: int

    def __str__(self) -> str:
        """The number as the definition has it."""
        return literal(self.tightness * self.sign) + (" exclusive" if self.exclusive else "")


def _bound(keyword: str, sign: int, exclusive: str = "") -> Callable[[Schema], Bound | None]:
    """A reader of a bound: the tightest one stated, in either spelling of exclusiveness."""

    def read(form: Schema) -> Bound | None:
        found = [bound for part in form.parts for bound in _part_bounds(part, keyword, sign, exclusive)]
        if exclusive and _types(form) == {"integer"}:
            found = [_whole(bound) for bound in found]
        if not exclusive and sign > 0:
            found = [bound for bound in found if bound.tightness > 0]
        return max(found, default=None)

    return read


def _part_bounds(part: Document, keyword: str, sign: int, exclusive: str) -> Iterator[Bound]:
    value, border = part.get(keyword), part.get(exclusive)
    if _numeric(value):
        yield Bound(value * sign, border is True, sign)
    if _numeric(border):
        yield Bound(border * sign, exclusive=True, sign=sign)


def _numeric(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(bound: Bound) -> Bound:
    """The same limit for whole numbers, where the next one is known."""
    size = math.floor(bound.tightness) + 1 if bound.exclusive else math.ceil(bound.tightness)
    return Bound(size, exclusive=False, sign=bound.sign)


def _multiple(form: Schema) -> float | None:
    value = form.last("multipleOf")
    return value if _numeric(value) and value > 0 else None


# --- rules: which change of a keyword breaks a client ------------------------------------------------------


class Facet(NamedTuple):
    """A keyword with a value: how it is read from a form, and when its change breaks."""

    name: str
    read: Callable[[Schema], Any]
    breaks: Callable[[Side, Any, Any], bool]


def _always(_side: Side, _old: object, _new: object) -> bool:
    return True


def _never(_side: Side, _old: object, _new: object) -> bool:
    return False


def _format_breaks(side: Side, old: str | None, new: str | None) -> bool:
    return not any(old in before and new in after for before, after in COMPATIBLE_FORMATS[side])


def _bound_breaks(side: Side, old: Bound | None, new: Bound | None) -> bool:
    return side is Side.REQUEST and new is not None and (old is None or new > old)


def _pattern_breaks(side: Side, _old: str | None, new: str | None) -> bool:
    return side is Side.REQUEST and new is not None


def _multiple_breaks(side: Side, old: float | None, new: float | None) -> bool:
    return side is Side.REQUEST and new is not None and (old is None or old % new != 0)


FORM_FACETS = (
    Facet("type", _type, _always),
    Facet("format", _format, _format_breaks),
    Facet("minimum", _bound("minimum", 1, "exclusiveMinimum"), _bound_breaks),
    Facet("maximum", _bound("maximum", -1, "exclusiveMaximum"), _bound_breaks),
    Facet("minLength", _bound("minLength", 1), _bound_breaks),
    Facet("maxLength", _bound("maxLength", -1), _bound_breaks),
    Facet("minItems", _bound("minItems", 1), _bound_breaks),
    Facet("maxItems", _bound("maxItems", -1), _bound_breaks),
    Facet("minProperties", _bound("minProperties", 1), _bound_breaks),
    Facet("maxProperties", _bound("maxProperties", -1), _bound_breaks),
    Facet("multipleOf", _multiple, _multiple_breaks),
    Facet("pattern", _pattern, _pattern_breaks),
)
VALUE_FACETS = (Facet("default", _default, _never),)


# --- comparing: building blocks ----------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a person finds a thing: operation, part of it, and the way through a body."""

    heads: tuple[str, ...]
    tree: str = ""

    def __str__(self) -> str:
        """The place in one line."""
        return _JOINT.join((*self.heads, self.tree) if self.tree else self.heads)

    def part(self, name: str) -> "Place":
        """A part of an operation, a request or an answer."""
        return Place((*self.heads, name))

    def property(self, name: str) -> "Place":
        """A property of the object here."""
        return Place(self.heads, f"{self.tree}.{name}" if self.tree else name)

    def entries(self, mark: str) -> "Place":
        """What an array or a map here holds."""
        return Place(self.heads, self.tree + mark)


class Family(NamedTuple, Generic[Value]):
    """Named things of one kind: where each is, how two are compared, which are required, what they are."""

    place: Callable[[Value], Place]
    compare: Callable[[Place, Value, Value], Iterable[Change]]
    kind: Callable[[Value], str]
    required: Callable[[Value], bool] = lambda _: False


def _family(old: Mapping[Any, Value], new: Mapping[Any, Value], family: Family[Value]) -> Iterator[Change]:
    """Compare things by their keys; what has no counterpart came or went."""
    for key in {**old, **new}:
        if key not in new:
            yield _presence(family.kind(old[key]), "removed", family.place(old[key]))
        elif key not in old:
            word = "added, required" if family.required(new[key]) else "added"
            yield _presence(family.kind(new[key]), word, family.place(new[key]))
        else:
            yield from family.compare(family.place(old[key]), old[key], new[key])


def _presence(kind: str, word: str, place: Place) -> Change:
    return Change((kind, word) in BREAKING_PRESENCE, str(place), word)


def _flag(flag: Flag, side: Side, place: Place, *, old: bool, new: bool) -> Iterator[Change]:
    if old != new:
        yield Change((side, new) in flag.breaking, str(place), flag.on if new else flag.off)


def _facets(facets: Iterable[Facet], side: Side, place: Place, old: Schema, new: Schema) -> Iterator[Change]:
    for facet in facets:
        before, after = facet.read(old), facet.read(new)
        if before != after:
            yield Change(facet.breaks(side, before, after), str(place), _moved(facet.name, before, after))


def _moved(name: str, old: object, new: object) -> str:
    before, after = ("none" if value is None else value for value in (old, new))
    return f"{name} {before} → {after}"


# --- comparing: schemas ------------------------------------------------------------------------------------

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
            *_flag(NULL, self.side, place, old=old.null, new=new.null),
            *_flag(DEPRECATED, self.side, place, old=old.says("deprecated"), new=new.says("deprecated")),
            *_facets(VALUE_FACETS, self.side, place, old, new),
            *below.choices(place, below.distinct(_forms(old)), below.distinct(_forms(new))),
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
            if _type(before) == _type(after)
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
        facets = list(_facets(FORM_FACETS, self.side, place, old, new))
        if _type(old) != _type(new):
            return facets[:1]
        return [
            *facets,
            *self.enums(place, _values(old), _values(new)),
            *_flag(UNIQUE, self.side, place, old=old.says("uniqueItems"), new=new.says("uniqueItems")),
            *_flag(CLOSED, self.side, place, old=_closed(old), new=_closed(new)),
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
        return _family(_properties(old, self.side), _properties(new, self.side), family)

    def members(self, place: Place, old: "Property", new: "Property") -> Iterator[Change]:
        """The changes between two properties."""
        yield from _flag(REQUIRED, self.side, place, old=old.required, new=new.required)
        yield from self.schemas(place, old.schema, new.schema)

    def contents(self, place: Place, old: Schema, new: Schema) -> Iterator[Change]:
        """The changes between what two arrays or two maps hold."""
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            before, after = _held(old, keyword), _held(new, keyword)
            if before.parts or after.parts:
                yield from self.schemas(place.entries(mark), before, after)


def _described(form: Schema) -> str:
    names = sorted({name for value in form.stated("properties") for name in _mapping(value)})
    return f"{_type(form)} with {', '.join(names)}" if names else _type(form)


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
    maps = [_mapping(value) for value in form.stated("properties")]
    required = {name for names in form.stated("required") for name in _listed(names) if isinstance(name, str)}
    found = {}
    for name in dict.fromkeys(chain(*maps, sorted(required))):
        schema = read_schema(form.document, *(properties[name] for properties in maps if name in properties))
        if not schema.says("readOnly" if side is Side.REQUEST else "writeOnly"):
            found[name] = Property(name, name in required, schema)
    return found


# --- comparing: operations ---------------------------------------------------------------------------------


class Body(NamedTuple):
    """What a request or an answer carries, by media type."""

    required: bool
    media: dict[str, Schema]


class Parameter(NamedTuple):
    """A parameter of a request or a header of an answer."""

    group: str
    name: str
    required: bool
    schema: Schema
    writing: str | None = None


class Answer(NamedTuple):
    """An answer of an operation."""

    status: str
    body: Body
    headers: dict[str, Parameter]


class Endpoint(NamedTuple):
    """An operation as a client meets it."""

    operation: Operation
    security: str
    parameters: dict[tuple[str, str], Parameter]
    body: dict[str, Body]
    answers: dict[str, Answer]


def _endpoints(document: Document) -> dict[tuple[str, str], Endpoint]:
    """Every operation, by its method and its path without the names in it."""
    return {
        (operation.method, _TEMPLATE.sub("{}", operation.path)): _endpoint(document, operation)
        for operation in operations(document)
    }


def _endpoint(document: Document, operation: Operation) -> Endpoint:
    node = operation.node
    body = _mapping(resolved(document, node.get("requestBody")))
    answers = {
        status.lower(): _answer(document, status, _mapping(resolved(document, answer)))
        for status, answer in _mapping(node.get("responses")).items()
    }
    return Endpoint(
        operation,
        _security(node.get("security", document.get("security"))),
        _parameters(document, operation),
        {"": _body(document, body)} if body else {},
        answers,
    )


def _parameters(document: Document, operation: Operation) -> dict[tuple[str, str], Parameter]:
    """The parameters of an operation and its path, those in the path known by their position."""
    shared = _listed(document["paths"][operation.path].get("parameters"))
    template = _TEMPLATE.findall(operation.path)
    found = {}
    for node in (*shared, *_listed(operation.node.get("parameters"))):
        parameter = _parameter(document, _mapping(resolved(document, node)))
        key = parameter.name
        if parameter.group == "header":
            key = key.lower()
        elif parameter.group == "path" and key in template:
            key = str(template.index(key))
        if parameter.group != "header" or key not in _IGNORED_HEADERS:
            found[parameter.group, key] = parameter
    return found


def _parameter(document: Document, node: Document) -> Parameter:
    group = str(node.get("in"))
    media = next(iter(_mapping(node.get("content")).values()), None)
    schema = _mapping(media).get("schema") if media else node.get("schema")
    marks = [_MARKED_DEPRECATED] if node.get("deprecated") is True else []
    read = read_schema(document, schema, *marks)
    return Parameter(group, str(node.get("name")), node.get("required") is True, read, _writing(node, read))


def _writing(node: Document, schema: Schema) -> str | None:
    """How a parameter with several values is written; None where there is nothing to choose."""
    if not {"array", "object"} & {kind for form in _forms(schema) for kind in _types(form)}:
        return None
    style = node.get("style", "form" if node.get("in") in {"query", "cookie"} else "simple")
    exploded = node.get("explode", style == "form")
    return f"{style}, exploded" if exploded else str(style)


def _body(document: Document, node: Document) -> Body:
    media = {}
    for name, content in _mapping(node.get("content")).items():
        kind = name.partition(";")[0].strip().lower()
        schema = _mapping(content).get("schema") or {}
        media[kind] = read_schema(document, schema if schema or _TEXT_MEDIA.search(kind) else _BYTES)
    return Body(node.get("required") is True, media)


def _answer(document: Document, status: str, node: Document) -> Answer:
    headers = {
        name.lower(): _parameter(document, {"in": "header", "name": name, **_mapping(resolved(document, header))})
        for name, header in _mapping(node.get("headers")).items()
        if name.lower() != "content-type"
    }
    return Answer(status, _body(document, node), headers)


def _security(requirements: object) -> str:
    ways = [_mapping(requirement) for requirement in _listed(requirements)]
    return " or ".join(sorted(filter(None, map(_way, ways)))) or "none"


def _way(requirement: Document) -> str:
    names = [
        f"{name} {' '.join(sorted(map(str, _listed(scopes))))}".strip() for name, scopes in sorted(requirement.items())
    ]
    return " and ".join(names)


def _compare_endpoints(place: Place, old: Endpoint, new: Endpoint) -> Iterator[Change]:
    before, after = old.operation.node, new.operation.node
    if before.get("operationId") != after.get("operationId"):
        what = _moved("operationId", before.get("operationId"), after.get("operationId"))
        yield Change(breaking=True, where=str(place), what=what)
    for flag, key in ((DEPRECATED, "deprecated"), (PREVIEW, "x-technical-preview")):
        yield from _flag(flag, Side.REQUEST, place, old=bool(before.get(key)), new=bool(after.get(key)))
    if old.security != new.security:
        yield Change(breaking=False, where=str(place), what=_moved("security", old.security, new.security))
    parameters = Family[Parameter](
        place=lambda found: place.part(f"{found.group} {found.name}"),
        compare=_compare_parameters,
        kind=lambda _: "parameter",
        required=lambda found: found.required,
    )
    yield from _family(old.parameters, new.parameters, parameters)
    bodies = Family[Body](
        place=lambda _: place.part("request"),
        compare=_compare_bodies,
        kind=lambda _: "request body",
        required=lambda found: found.required,
    )
    yield from _family(old.body, new.body, bodies)
    answers = Family[Answer](
        place=lambda found: place.part(f"answer {found.status}"),
        compare=_compare_answers,
        kind=lambda found: "success answer" if found.status[:1] in {"1", "2", "3"} else "error answer",
    )
    yield from _family(old.answers, new.answers, answers)


def _compare_parameters(place: Place, old: Parameter, new: Parameter) -> Iterator[Change]:
    if old.group == "path" and old.name != new.name:
        yield Change(breaking=False, where=str(place), what=f"renamed to {new.name}")
    yield from _flag(REQUIRED, Side.REQUEST, place, old=old.required, new=new.required)
    if old.writing and new.writing and old.writing != new.writing:
        yield Change(breaking=True, where=str(place), what=_moved("style", old.writing, new.writing))
    yield from Comparison(Side.REQUEST).schemas(place, old.schema, new.schema)


def _compare_bodies(place: Place, old: Body, new: Body) -> Iterator[Change]:
    yield from _flag(REQUIRED, Side.REQUEST, place, old=old.required, new=new.required)
    yield from _compare_media(Side.REQUEST, place, old.media, new.media)


def _compare_answers(place: Place, old: Answer, new: Answer) -> Iterator[Change]:
    headers = Family[Parameter](
        place=lambda found: place.part(f"header {found.name}"),
        compare=_compare_headers,
        kind=lambda _: "answer header",
    )
    yield from _family(old.headers, new.headers, headers)
    yield from _compare_media(Side.ANSWER, place, old.body.media, new.body.media)


def _compare_headers(place: Place, old: Parameter, new: Parameter) -> Iterator[Change]:
    yield from _flag(REQUIRED, Side.ANSWER, place, old=old.required, new=new.required)
    yield from Comparison(Side.ANSWER).schemas(place, old.schema, new.schema)


def _compare_media(side: Side, place: Place, old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[Change]:
    """Compare contents; the media type is named where it came or went, or where there are several."""
    several = len({**old, **new}) > 1
    for name in {**old, **new}:
        if name in old and name in new:
            here = place.part(name) if several else place
            yield from Comparison(side).schemas(here, old[name], new[name])
        else:
            word = "added" if name in new else "removed"
            yield _presence(f"{side.value} media type", word, place.part(name))


# --- comparing: definitions --------------------------------------------------------------------------------


def compare(old: Document, new: Document) -> list[Change]:
    """What a client of ``old`` meets when the service is as ``new`` says, in the definition's order.

    Raises:
        KeyError: A ``$ref`` points nowhere (``check_references`` finds it beforehand).
    """
    family = Family[Endpoint](
        place=lambda found: Place((found.operation.id,)),
        compare=_compare_endpoints,
        kind=lambda _: "operation",
    )
    return [
        *_family(_endpoints(old), _endpoints(new), family),
        *_compare_texts("server", _servers(old), _servers(new)),
        *_compare_texts("security scheme", _schemes(old), _schemes(new)),
    ]


def _servers(document: Document) -> dict[str, str]:
    return {url: url for url in (str(_mapping(one).get("url")) for one in _listed(document.get("servers")))}


def _schemes(document: Document) -> dict[str, str]:
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    return {name: _undescribed(_mapping(resolved(document, node))) for name, node in schemes.items()}


def _undescribed(scheme: Document) -> str:
    return literal({key: value for key, value in scheme.items() if key != "description"})


def _compare_texts(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Compare what concerns the whole API; the facade has its own settings for these."""
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            word = "removed" if name not in new else "added" if name not in old else "changed"
            yield Change(breaking=False, where=f"{kind} {name}", what=word)


def report(changes: Collection[Change]) -> list[str]:
    """The changes as lines of text: breaking ones first, each operation's together, the counts last."""
    if not changes:
        return ["no semantic difference"]
    order = {group: index for index, group in enumerate(dict.fromkeys(map(_group, changes)))}
    lines = [
        f"{'BREAKING' if change.breaking else 'compatible':<10} {change.where}: {change.what}"
        for change in sorted(changes, key=lambda one: (not one.breaking, order[_group(one)]))
    ]
    breaking = sum(change.breaking for change in changes)
    return [*lines, f"{_count(breaking, 'breaking')}, {_count(len(changes) - breaking, 'compatible')}"]


def _group(change: Change) -> str:
    return change.where.split(_JOINT)[0]


def _count(number: int, kind: str) -> str:
    return f"{number} {kind} {'change' if number == 1 else 'changes'}"


# --- references --------------------------------------------------------------------------------------------

_LITERALS = {"default", "enum", "const", "example", "value"}
_NAMING = {
    "properties",
    "schemas",
    "parameters",
    "responses",
    "headers",
    "examples",
    "requestBodies",
    "patternProperties",
}


def check_references(document: Document, origin: str) -> None:
    """Follow every ``$ref``.

    Raises:
        ToolError: One points nowhere, in a circle, or out of the definition.
    """
    for pointer, node in nodes(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and not _sample(pointer):
            try:
                resolved(document, node)
            except KeyError as error:
                place = pointer_text((*pointer, "$ref"))
                raise ToolError(
                    f"{origin}: {place} points to {node['$ref']!r}, which is not in the definition; fetch it again"
                ) from error


def _sample(pointer: Pointer) -> bool:
    """Whether a place lies in sample data, where ``$ref`` is a property like any other."""
    steps = zip((None, *pointer), pointer, strict=False)
    return any(
        (key in _LITERALS and before not in _NAMING) or (before == "examples" and isinstance(key, int))
        for before, key in steps
    )
