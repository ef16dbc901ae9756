"""Encode changes in SQLite's session format; `_session` decodes them."""

import struct
from collections.abc import Iterable
from typing import Final

from imodel_files._change import OPERATIONS, Change, TableHeader
from imodel_files._fields import BLOB, FLOAT, INTEGER, NO_VALUE, NULL, TEXT, UNDEFINED, Value
from imodel_files._session import TABLE_MARKER

_CODES: Final = {operation: code for code, operation in OPERATIONS.items()}
_INTEGER: Final = struct.Struct(">Bq")
_FLOAT: Final = struct.Struct(">Bd")


def encode_header(table: TableHeader) -> bytes:
    """Return the encoded header of a group of changes."""
    places = bytearray(table.column_count)
    for place, index in enumerate(table.key_columns, 1):
        places[index] = place
    return bytes([TABLE_MARKER]) + _varint(table.column_count) + places + table.name.encode() + b"\0"


def encode_change(change: Change) -> bytes:
    """Return an encoded change. Strings that were not UTF-8 must have been decoded with ``surrogateescape``."""
    return bytes((_CODES[change.operation], change.indirect)) + encode_values(
        (*(change.old or ()), *(change.new or ()))
    )


def decode_text(raw: bytes) -> str:
    """Decode a string so that `encode_value` restores its bytes; a text factory for SQLite."""
    return raw.decode(errors="surrogateescape")


def encode_values(values: Iterable[Value]) -> bytes:
    """Return encoded values, each with its type."""
    return b"".join(map(encode_value, values))


def encode_value(value: Value) -> bytes:
    """Return an encoded value with its type."""
    if value is None:
        return bytes([NULL])
    if value is NO_VALUE:
        return bytes([UNDEFINED])
    if isinstance(value, int):
        return _INTEGER.pack(INTEGER, value)
    if isinstance(value, float):
        return _FLOAT.pack(FLOAT, value)
    if isinstance(value, str):
        raw = value.encode(errors="surrogateescape")
        return bytes([TEXT]) + _varint(len(raw)) + raw
    return bytes([BLOB]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Encode an integer of up to 31 bits as a SQLite varint."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
