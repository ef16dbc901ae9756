"""Read many changes to a table at once if their fields have known types.

Reading a change field by field takes microseconds. Once the types of a table's fields are known, a pattern finds in C
how many consecutive changes match, and splits them into runs of numbers, which `struct` reads for all changes at
once, and into fields of several types or of short strings and blobs. Changes of other types, or with longer values,
are read field by field.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from operator import add, itemgetter
from typing import Any, Final, TypeAlias

from imodel_files._fields import BLOB, FLOAT, INTEGER, NO_VALUE, NULL, TEXT, UNDEFINED, Value, unpack_number
from imodel_files._runs import FIELDS

_FORMATS: Final = {UNDEFINED: "x", INTEGER: "xq", FLOAT: "xd", NULL: "x"}
_NULL_FIELD: Final = bytes([NULL])
_NUMBERS: Final = frozenset({INTEGER, FLOAT})
_MAX_ROWS: Final = 1024
_MAX_FIELDS: Final = 128
_MAX_FLEXIBLE: Final = 8
_MAX_SHAPES: Final = 64
_LESSON: Final = 8
_REVISION: Final = 4
"""The next shape requires this many times as many changes as the previous one; one in this many is learned from."""
LONGEST: Final = 127
"""Maximum length of the strings and blobs of a shape, in bytes."""

Record: TypeAlias = tuple[Value, ...] | None
Pair: TypeAlias = tuple[Any, Any]
"""The old and the new values of a change."""


class Shape:
    """The shape of changes: the types of their fields."""

    def __init__(self, head: bytes, kinds: list[frozenset[int]], sides: tuple[int, int], keys: tuple[int, ...]) -> None:
        """Compile the patterns.

        Args:
            head: The first two bytes of the changes.
            kinds: The possible types of each field.
            sides: The numbers of fields with old and with new values.
            keys: Indexes of the primary key columns, whose old values an update keeps.
        """
        parts = list(_parts(kinds))
        row = re.escape(head) + b"".join(part.pattern for part in parts)
        self._many = re.compile(b"(?:%s){1,%d}+" % (_uncaptured(head, parts), _MAX_ROWS), re.DOTALL)
        self._row = re.compile(row, re.DOTALL)
        self._columns = [part.read for part in parts if part.read is not None]
        self._whole = struct.Struct(f">2x{parts[0].format}") if len(parts) == 1 else None
        places = _places(parts)
        self._old, self._new = _getters(kinds, places, sides, keys)
        self.is_exact = not all(sides) or all(len(each) == 1 for each in kinds[sides[0] :])

    def end(self, data: bytes, place: int) -> int:
        """Return the end of the changes of this shape that start at `place`; `place` itself if there are none."""
        match = self._many.match(data, place)
        return match.end() if match is not None else place

    def read(self, data: bytes, place: int, end: int) -> Iterator[Pair]:
        """Return the old and new values of the changes in a range; nearly all of the work is done in C.

        Unless `is_exact`, redundant old values of an update are not dropped.

        Raises:
            UnicodeDecodeError: A string is not valid UTF-8.
        """
        if self._whole is not None:
            rows: Iterable[tuple[Any, ...]] = self._whole.iter_unpack(data[place:end])
        else:
            matches = self._row.findall(data, place, end)
            columns = zip(*matches, strict=True) if isinstance(matches[0], tuple) else [tuple(matches)]
            rows = repeat(())
            for read, column in zip(self._columns, columns, strict=True):
                rows = map(add, rows, read(column))
        values = map(add, rows, repeat((None, NO_VALUE)))
        if self._old is None:
            return zip(repeat(None), map(self._new, values), strict=False)
        if self._new is None:
            return zip(map(self._old, values), repeat(None), strict=False)
        both = list(values)
        return zip(map(self._old, both), map(self._new, both), strict=True)


class _Part:
    """Fields that are read together."""

    def __init__(self, kinds: list[frozenset[int]]) -> None:
        """Create a part for a run of fields of one type each, or for one field of several types."""
        self.kinds = kinds
        self.is_run = all(each <= {*_FORMATS} and len(each) == 1 for each in kinds)
        self.inner = b"".join(_pattern(each) for each in kinds)
        self.format = "".join(_FORMATS[kind] for each in kinds for kind in each) if self.is_run else ""
        self.numbers = sum(bool(each & _NUMBERS) for each in kinds) if self.is_run else 1
        self.pattern = b"(%s)" % self.inner if self.numbers else self.inner
        self.read: Callable[[tuple[bytes, ...]], Iterable[tuple[Any, ...]]] | None = None
        if self.is_run and self.numbers:
            unpack = struct.Struct(f">{self.format}").iter_unpack
            self.read = lambda column: unpack(b"".join(column))
        elif not self.is_run:
            self.read = _READERS.get(kinds[0], _values)


def _uncaptured(head: bytes, parts: list[_Part]) -> bytes:
    return re.escape(head) + b"".join(part.inner for part in parts)


def _parts(kinds: list[frozenset[int]]) -> Iterator[_Part]:
    """Split fields into runs of one type each, and single flexible fields."""
    run: list[frozenset[int]] = []
    for each in kinds:
        if len(each) == 1 and each <= {*_FORMATS}:
            run.append(each)
            continue
        if run:
            yield _Part(run)
            run = []
        yield _Part([each])
    if run:
        yield _Part(run)


def _pattern(kinds: frozenset[int]) -> bytes:
    choices = [FIELDS[kind] for kind in sorted(kinds)]
    return choices[0] if len(choices) == 1 else b"(?:%s)" % b"|".join(choices)


def _texts(column: tuple[bytes, ...]) -> Iterable[tuple[Any, ...]]:
    return zip([None if field == _NULL_FIELD else field[2:].decode() for field in column], strict=True)


def _blobs(column: tuple[bytes, ...]) -> Iterable[tuple[Any, ...]]:
    return zip([field[2:] for field in column], strict=True)


def _values(column: tuple[bytes, ...]) -> Iterable[tuple[Any, ...]]:
    return zip([_value(field) for field in column], strict=True)


_READERS: Final = {
    frozenset({TEXT}): _texts,
    frozenset({TEXT, NULL}): _texts,
    frozenset({BLOB}): _blobs,
}
"""Faster readers for the most frequent combinations of types."""


def _value(field: bytes) -> Value:
    kind = field[0]
    if kind == BLOB:
        return field[2:]
    if kind == TEXT:
        return field[2:].decode()
    if kind in _NUMBERS:
        return unpack_number(kind, field[1:])
    return None if kind == NULL else NO_VALUE


def _places(parts: list[_Part]) -> list[int]:
    """Return the position of each field among the values of the parts, which None and `NO_VALUE` follow."""
    nothing = sum(part.numbers for part in parts)
    places = []
    seen = 0
    for part in parts:
        for each in part.kinds:
            if part.is_run and not each & _NUMBERS:
                places.append(nothing if NULL in each else nothing + 1)
            else:
                places.append(seen)
                seen += 1
    return places


def _getters(
    kinds: list[frozenset[int]], places: list[int], sides: tuple[int, int], keys: tuple[int, ...]
) -> tuple[Any, Any]:
    """Return getters for the old and the new values; None for a side that the changes lack."""
    old, new = sides
    if not old or not new:
        return (itemgetter(*places), None) if old else (None, itemgetter(*places))
    undefined = frozenset({UNDEFINED})
    missing = max(places) if undefined in kinds else 0
    kept = [
        place if kinds[old + index] != undefined or index in keys else missing
        for index, place in enumerate(places[:old])
    ]  # drop the redundant old values that some writers store in an update, as SQLite does
    return itemgetter(*kept), itemgetter(*places[old:])


class Shapes:
    """Creates the shapes of a file and limits their number."""

    def __init__(self, largest: int) -> None:
        """Start without shapes; `largest` is the maximum size of a row's values in bytes."""
        self.left = _MAX_SHAPES if largest >= LONGEST * _MAX_FLEXIBLE else 0

    def learn(
        self, head: bytes, kinds: list[frozenset[int]], sides: tuple[int, int], keys: tuple[int, ...]
    ) -> Shape | None:
        """Return a new shape; None if there are too many, or the fields are unsuitable."""
        flexible = sum(len(each) > 1 or not each <= {*_FORMATS} for each in kinds)
        has_numbers = any(each & _NUMBERS for each in kinds)
        if not self.left or max(sides) < 2 or flexible > _MAX_FLEXIBLE or not has_numbers:  # noqa: PLR2004 - a getter of one item does not return a tuple
            return None
        self.left -= 1
        return Shape(head, kinds, sides, keys)


class _Learned:
    """The facts learned about the changes of a group with the same first two bytes."""

    def __init__(self) -> None:
        self.kinds: list[set[int]] = []
        self.shape: Shape | None = None
        self.seen = 0
        self.lesson = _LESSON


class GroupShapes:
    """The shapes of a group's changes, by their first two bytes."""

    def __init__(self, shapes: Shapes, keys: tuple[int, ...]) -> None:
        """Start without shapes."""
        self._shapes = shapes
        self._keys = keys
        self._learned: dict[bytes, _Learned] = {}

    def find(self, data: bytes, place: int) -> tuple[Shape, int] | None:
        """Return the shape of the changes at a place, and where they end; None if the shape is unknown."""
        learned = self._learned.get(data[place : place + 2])
        if learned is None or learned.shape is None:
            return None
        end = learned.shape.end(data, place)
        return None if end == place else (learned.shape, end)

    def forget(self, head: bytes) -> None:
        """Read changes with these first two bytes field by field from now on."""
        learned = self._learned[head] = _Learned()
        learned.lesson = 1 << 62

    def add(self, head: bytes, old: Record, new: Record) -> None:
        """Learn from a change that matches no shape."""
        if not self._shapes.left or len(old or ()) + len(new or ()) > _MAX_FIELDS:
            return
        learned = self._learned.setdefault(head, _Learned())
        learned.seen += 1
        if learned.seen > _LESSON and learned.seen % _REVISION:
            return
        values = (*(old or ()), *(new or ()))
        if any(isinstance(value, str | bytes) and len(value) > LONGEST for value in values):
            return
        learned.kinds = learned.kinds or [set() for _ in values]
        for kinds, value in zip(learned.kinds, values, strict=True):
            kinds.add(_kind(value))
        if learned.seen >= learned.lesson:
            learned.lesson *= _REVISION
            sides = len(old or ()), len(new or ())
            learned.shape = self._shapes.learn(head, [*map(frozenset, learned.kinds)], sides, self._keys)


def _kind(value: Value) -> int:
    if value is NO_VALUE:
        return UNDEFINED
    if value is None:
        return NULL
    return {int: INTEGER, float: FLOAT, str: TEXT, bytes: BLOB}[type(value)]
