"""The fields of a change, where all of them lie in one block.

These functions are the inner loops: they give up by returning None where a field is cut off or not as it should be,
and leave it to the reader to find out which.
"""

import struct
from enum import Enum
from typing import Final, Literal, TypeAlias

UNDEFINED, INTEGER, FLOAT, TEXT, BLOB, NULL = range(6)

_INTEGER: Final = struct.Struct(">q")
_FLOAT: Final = struct.Struct(">d")
_NUMBER_FIELD: Final = 9
_FIELD_SIZES: Final = (1, _NUMBER_FIELD, _NUMBER_FIELD, 0, 0, 1)
"""By type; 0 where the length stands in the field."""
SHORTEST_LONG: Final = 0x80
"""A length from here on takes more than one byte; each but the last has this bit."""
_LONGEST_HEADER: Final = 400
"""A longer one, which is rare, is read byte by byte."""


class NoValue(Enum):
    """The type of `NO_VALUE`."""

    NO_VALUE = "no value"

    def __repr__(self) -> str:
        """As it is written in source."""
        return self.name


NO_VALUE: Final = NoValue.NO_VALUE
"""Stands in an update for a column that it neither changes nor is found by. It is not NULL, which is None."""

Value: TypeAlias = int | float | str | bytes | Literal[NoValue.NO_VALUE] | None
"""What a column holds: SQLite's five types, or `NO_VALUE`."""


def header_size(data: bytes, place: int) -> int | None:
    """How long the header of a table is, where it looks like one of less than 128 columns; None for any other."""
    try:
        columns = data[place + 1]
    except IndexError:
        return None
    end = data.find(b"\0", place + 2 + columns, place + _LONGEST_HEADER) + 1
    return end - place if end and columns < SHORTEST_LONG else None


def unpack_number(kind: int, data: bytes) -> int | float:
    """Read the eight bytes of an integer or a float."""
    number: int | float = (_INTEGER if kind == INTEGER else _FLOAT).unpack(data)[0]
    return number


def skip_fields(data: bytes, place: int, count: int) -> int | None:
    """Pass over fields.

    Args:
        data: A block.
        place: Where the first field begins.
        count: How many there are.

    Returns:
        Where the last one ends; None where the block does, or one is malformed.
    """
    sizes = _FIELD_SIZES
    try:
        for _ in range(count):
            size = sizes[data[place]]
            if size:
                place += size
            else:
                size, place = read_length(data, place + 1)
                place += size
    except IndexError:
        return None
    return place if place <= len(data) else None


def decode_fields(data: bytes, place: int, count: int) -> tuple[int, tuple[Value, ...]] | None:
    """Read fields; arguments and the case of None as for `skip_fields`.

    Returns:
        Where the last one ends, and the values.
    """
    values: list[Value] = []
    append, integer = values.append, _INTEGER.unpack_from
    try:
        for _ in range(count):
            kind = data[place]
            if kind == INTEGER:
                append(integer(data, place + 1)[0])
                place += _NUMBER_FIELD
            elif kind == NULL:
                append(None)
                place += 1
            elif kind == UNDEFINED:
                append(NO_VALUE)
                place += 1
            elif kind == FLOAT:
                append(_FLOAT.unpack_from(data, place + 1)[0])
                place += _NUMBER_FIELD
            elif kind in (TEXT, BLOB):
                size = data[place + 1]
                if size < SHORTEST_LONG:
                    place += 2
                else:
                    size, place = read_length(data, place + 1)
                raw = data[place : place + size]
                append(raw.decode() if kind == TEXT else raw)
                place += size
            else:
                return None
    except (IndexError, struct.error, UnicodeDecodeError):
        return None
    return (place, tuple(values)) if place <= len(data) else None


def read_length(data: bytes, place: int) -> tuple[int, int]:
    """Read a length of up to four bytes, and where it ends; a longer one counts as cut off."""
    size = data[place]
    if size < SHORTEST_LONG:
        return size, place + 1
    size &= 0x7F
    for following in range(place + 1, place + 4):
        byte = data[following]
        size = size << 7 | byte & 0x7F
        if byte < SHORTEST_LONG:
            return size, following + 1
    raise IndexError
