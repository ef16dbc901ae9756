"""Where a difference is, and what is common to comparing things that have names."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from scripts.specs.diff.reading import Schema
from scripts.specs.diff.rules import BREAKING_PRESENCE, Facet, Flag, Side

Value = TypeVar("Value")

JOINT = " · "


class Change(NamedTuple):
    """One difference."""

    breaking: bool
    where: str
    what: str


class Place(NamedTuple):
    """Where a person finds a thing: operation, part of it, and the way through a body."""

    heads: tuple[str, ...]
    tree: str = ""

    def __str__(self) -> str:
        """The place in one line."""
        return JOINT.join((*self.heads, self.tree) if self.tree else self.heads)

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


def compare_named(old: Mapping[Any, Value], new: Mapping[Any, Value], family: Family[Value]) -> Iterator[Change]:
    """Compare things by their keys; what has no counterpart came or went."""
    for key in {**old, **new}:
        if key not in new:
            yield coming_or_going(family.kind(old[key]), "removed", family.place(old[key]))
        elif key not in old:
            word = "added, required" if family.required(new[key]) else "added"
            yield coming_or_going(family.kind(new[key]), word, family.place(new[key]))
        else:
            yield from family.compare(family.place(old[key]), old[key], new[key])


def coming_or_going(kind: str, word: str, place: Place) -> Change:
    """A thing that was added or removed."""
    return Change((kind, word) in BREAKING_PRESENCE, str(place), word)


def flag_change(flag: Flag, side: Side, place: Place, *, old: bool, new: bool) -> Iterator[Change]:
    """The change of something that is so or not."""
    if old != new:
        yield Change((side, new) in flag.breaking, str(place), flag.on if new else flag.off)


def facet_changes(facets: Iterable[Facet], side: Side, place: Place, old: Schema, new: Schema) -> Iterator[Change]:
    """The changes of keywords with a value."""
    for facet in facets:
        before, after = facet.read(old), facet.read(new)
        if before != after:
            yield Change(facet.breaks(side, before, after), str(place), moved(facet.name, before, after))


def moved(name: str, old: object, new: object) -> str:
    """A change of a value in words."""
    before, after = ("none" if value is None else value for value in (old, new))
    return f"{name} {before} → {after}"
