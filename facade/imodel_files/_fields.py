"""The fields of a change that lies entirely within one block.

These functions are the inner loops. If a field is truncated or malformed, `skip_fields` and `decode_fields` return
None, and the reader determines which of the two it is.
"""

import struct
from enum import Enum
from typing import Final, Literal, TypeAlias

UNDEFINED, INTEGER, FLOAT, TEXT, BLOB, NULL = range(6)

_INTEGER: Final = struct.Struct(">q")
_FLOAT: Final = struct.Struct(">d")
_NUMBER_FIELD: Final = 9
_FIELD_SIZES: Final = (1, _NUMBER_FIELD, _NUMBER_FIELD, 0, 0, 1)
"""Sizes by type; 0 if the field contains its length."""
SHORTEST_LONG: Final = 0x80
"""Lengths from this value up take more than one byte; all bytes but the last have this bit set."""
_LONGEST_HEADER: Final = 400
"""Longer headers, which are rare, are read byte by byte."""


class NoValue(Enum):
    """The type of `NO_VALUE`."""

    NO_VALUE = "no value"

    def __repr__(self) -> str:
        """Return the name of the constant."""
        return self.name


NO_VALUE: Final = NoValue.NO_VALUE
"""Marks a missing value, such as that of a column that an update does not change. It is not NULL, which is None."""

Value: TypeAlias = int | float | str | bytes | Literal[NoValue.NO_VALUE] | None
"""A column value: one of SQLite's five types, or `NO_VALUE`."""


def header_size(data: bytes, place: int) -> int | None:
    """Return the size of what looks like a table header with fewer than 128 columns; None for anything else."""
    try:
        columns = data[place + 1]
    except IndexError:
        return None
    end = data.find(b"\0", place + 2 + columns, place + _LONGEST_HEADER) + 1
    return end - place if end and columns < SHORTEST_LONG else None


def unpack_number(kind: int, data: bytes) -> int | float:
    """Decode the eight bytes of an integer or a float."""
    number: int | float = (_INTEGER if kind == INTEGER else _FLOAT).unpack(data)[0]
    return number


def skip_fields(data: bytes, place: int, count: int) -> int | None:
    """Skip fields.

    Args:
        data: A block.
        place: The position of the first field.
        count: Number of fields.

    Returns:
        The end of the last field; None if it is not within the block, or a field is malformed.
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
    """Decode fields; the arguments, and the cases that return None, are those of `skip_fields`.

    A string that is not valid UTF-8 counts as malformed.

    Returns:
        The end of the last field, and the values.
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
    """Read a length of up to four bytes, and return it and its end.

    Raises:
        IndexError: The length is truncated or longer.
    """
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
