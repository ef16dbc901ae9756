"""Count changes fast, with patterns for whole changes that are learned from the first changes to a table.

In Python, counting a change takes a few microseconds. The regular expressions of `re` run in C: once the types of a
table's columns are known, a pattern of these types matches a whole change. A string or blob starts with its length and
is matched by one branch for each length below 128. If a column contains longer ones, the pattern is split: the first
part ends at the length, which Python reads, and the second part continues after the value. The patterns are
possessive, and each branch starts with a different byte, so that matching takes linear time and never backtracks.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from imodel_files._fields import (
    BLOB,
    FLOAT,
    INTEGER,
    NULL,
    SHORTEST_LONG,
    TEXT,
    UNDEFINED,
    read_length,
    skip_fields,
)

_LESSON: Final = 200
"""Number of changes to learn from before there is a pattern."""
_SAMPLE: Final = 32
"""After that, only one in this many changes that do not match the pattern contributes to the next pattern."""
_REVISION: Final = 4
"""Factor by which the number of changes that the next pattern requires exceeds that of the previous one."""
_MAX_FIELDS: Final = 256
_MAX_STRINGS: Final = 8
_MAX_PATTERNS: Final = 64
_STREAK: Final = 32
_MANY: Final = 64

_SHORT: Final = b"(?:%s)" % b"|".join(re.escape(bytes([size])) + b".{%d}+" % size for size in range(SHORTEST_LONG))
FIELDS: Final = {
    UNDEFINED: rb"\x00",
    INTEGER: rb"\x01.{8}+",
    FLOAT: rb"\x02.{8}+",
    TEXT: rb"\x03" + _SHORT,
    BLOB: rb"\x04" + _SHORT,
    NULL: rb"\x05",
}
"""Patterns of fields by type; of strings and blobs, only short ones match."""
_STRINGS: Final = 1 << TEXT | 1 << BLOB
_NUMBERS: Final = 1 << INTEGER | 1 << FLOAT
_LONG: Final = 1 << 6
"""The bit for a string or blob that is not short, among the types of a field."""

_Pattern = re.Pattern[bytes]


class Runner(Protocol):
    """Skips changes of the same shape."""

    def run(self, data: bytes, place: int) -> tuple[int, int]:
        """Return the end of the last change, and the number of changes."""


class _ShortRows:
    """Changes whose strings are all short: a pattern for one change, and one for many."""

    def __init__(self, change: bytes) -> None:
        self._one = re.compile(change, re.DOTALL)
        self._many = re.compile(b"(?:%s){%d}+" % (change, _MANY), re.DOTALL)

    def run(self, data: bytes, place: int) -> tuple[int, int]:
        one, many = self._one.match, self._many.match
        count = 0
        while count < _STREAK and (hit := one(data, place)):
            place = hit.end()
            count += 1
        while count >= _STREAK and (hit := many(data, place)):
            place = hit.end()
            count += _MANY
        return place, count


class _LongRows:
    """Changes with long strings: one pattern up to the type of each string, and one for the rest after the last."""

    def __init__(self, parts: list[bytes], rest: bytes) -> None:
        self._parts = [re.compile(part, re.DOTALL) for part in parts]
        self._rest = re.compile(rest, re.DOTALL)

    def run(self, data: bytes, place: int) -> tuple[int, int]:
        count = 0
        while end := self._end(data, place):
            place = end
            count += 1
        return place, count

    def _end(self, data: bytes, place: int) -> int | None:
        for part in self._parts:
            hit = part.match(data, place)
            if hit is None:
                return None
            place = hit.end()
            if data[place - 1] in (TEXT, BLOB):
                try:
                    size, place = read_length(data, place)
                except IndexError:
                    return None
                place += size
        hit = self._rest.match(data, place) if place <= len(data) else None
        return hit.end() if hit else None


class Compiled:
    """Creates the patterns of a file and limits their number."""

    def __init__(self) -> None:
        """Start without patterns."""
        self._count = 0

    def runner(self, head: bytes, kinds: list[int]) -> Runner | None:
        """Return a runner that skips changes; None if there would be no suitable pattern, or too many patterns.

        Args:
            head: The first two bytes of the changes.
            kinds: The possible types of each field, as bits.
        """
        strings = sum((each & _STRINGS).bit_count() for each in kinds if not each & _LONG)
        mixed = any(each & _LONG and each & _NUMBERS for each in kinds)
        if self._count >= _MAX_PATTERNS or strings > _MAX_STRINGS or mixed:
            return None
        self._count += 1
        parts = []
        pattern = re.escape(head)
        for each in kinds:
            if each & _LONG:
                parts.append(pattern + _any_type(each))
                pattern = b""
            else:
                pattern += _field(each)
        return _LongRows(parts, pattern) if parts else _ShortRows(pattern)


def _any_type(kinds: int) -> bytes:
    return b"[%s]" % b"".join(rb"\x%02x" % kind for kind in FIELDS if kinds >> kind & 1)


def _field(kinds: int) -> bytes:
    choices = [pattern for kind, pattern in FIELDS.items() if kinds >> kind & 1]
    return choices[0] if len(choices) == 1 else b"(?:%s)" % b"|".join(choices)


class _Learned:
    """The facts learned about changes with the same first two bytes."""

    def __init__(self, fields: int) -> None:
        self.kinds = [0] * fields
        self.known: list[int] = []
        self.runner: Runner | None = None
        self.missed = 0
        self.next_lesson = _LESSON


class Runs:
    """Counts the changes of a group."""

    def __init__(
        self, columns: int, compiled: Compiled, fields_of: Callable[[int, int], int], counts: Counter[bytes]
    ) -> None:
        """Start a group of a table with this many columns; `counts` adds up its changes by their first two bytes."""
        self._counts = counts
        self._columns = columns
        self._compiled = compiled
        self._fields_of = fields_of
        self._learned: dict[bytes, _Learned] = {}

    def count(self, data: bytes, place: int) -> int:
        """Count changes of known shapes, and return where they end."""
        while (learned := self._learned.get(head := data[place : place + 2])) and learned.runner:
            place, count = learned.runner.run(data, place)
            if not count:
                break
            self._counts[head] += count
        return place

    def add(self, data: bytes, place: int) -> None:
        """Count a change that lies entirely within the block, and learn from it."""
        head = data[place : place + 2]
        self._counts[head] += 1
        fields = self._fields_of(head[0], self._columns)
        if fields > _MAX_FIELDS:
            return
        learned = self._learned.get(head)
        if learned is None:
            learned = self._learned[head] = _Learned(fields)
        learned.missed += 1
        if learned.missed > _LESSON and learned.missed % _SAMPLE:
            return
        _learn(learned.kinds, data, place + 2)
        if learned.missed >= learned.next_lesson:
            learned.next_lesson *= _REVISION
            if learned.kinds != learned.known:
                learned.known = learned.kinds.copy()
                learned.runner = self._compiled.runner(head, learned.known)


def _learn(kinds: list[int], data: bytes, place: int) -> None:
    for index in range(len(kinds)):
        kind = data[place]
        long = kind in (TEXT, BLOB) and data[place + 1] >= SHORTEST_LONG
        kinds[index] |= 1 << kind | (_LONG if long else 0)
        place = skip_fields(data, place, 1) or place
