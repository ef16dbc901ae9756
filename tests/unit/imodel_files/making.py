"""Changeset files and their parts, made independently of the package: with `struct`, `lzma` and apsw."""

import lzma
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from imodel_files.changesets import NO_VALUE

ID = "ec06481a0775ea0120275b1daeed97871fe429e5"
OTHER_ID = "8b34e083ffb17ece2d5c59ac1c79ccc92ccfcfbb"
MIB = 1 << 20

INSERT, UPDATE, DELETE = b"\x12\x00", b"\x17\x00", b"\x09\x00"
INDIRECT_INSERT = b"\x12\x01"
NULL, SAME = b"\x05", b"\x00"


def header(*, size: int = 22, marker: bytes = b"ChangeSetLzma", version: int = 16, compression: int = 2) -> bytes:
    """Return the 22 bytes at the beginning of a file."""
    return struct.pack("<H15sxHH", size, marker, version, compression)


def compressed(data: bytes, preset: int = 1) -> bytes:
    """Return an LZMA2 stream."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": preset, "dict_size": 1 << 20}]
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)


def stored(content: bytes) -> Iterator[bytes]:
    """Yield the chunks of an LZMA2 stream that are not compressed: the first of the stream, then the others."""
    for at in range(0, len(content), 1 << 16):
        piece = content[at : at + (1 << 16)]
        yield bytes([2 if at else 1]) + (len(piece) - 1).to_bytes(2, "big") + piece


def unpacked(file: bytes) -> bytes:
    """Return the unpacked content of a file."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 16 * MIB}]
    return lzma.decompress(file[23:], format=lzma.FORMAT_RAW, filters=filters)


def payload(body: bytes, prefix: bytes = b"") -> bytes:
    """Return the length of the prefix, the prefix and the body."""
    return struct.pack(">I", len(prefix)) + prefix + body


def changeset_file(content: bytes, *, dictionary: int = 0x18) -> bytes:
    """Return a file with this unpacked content."""
    return header() + bytes([dictionary]) + compressed(content)


def write_file(folder: Path, content: bytes) -> Path:
    """Write bytes to a file."""
    path = folder / "file.cs"
    path.write_bytes(content)
    return path


def with_body(folder: Path, body: bytes, prefix: bytes = b"") -> Path:
    """Write a file with this body."""
    return write_file(folder, changeset_file(payload(body, prefix)))


def table(name: str, columns: int, keys: bytes | None = None) -> bytes:
    """Return the header of a table, by default with its first column as the key."""
    places = keys or b"\1" + bytes(columns - 1)
    return b"T" + varint(columns) + places + name.encode() + b"\0"


def varint(value: int) -> bytes:
    """Return a number of up to 56 bits in the format of SQLite."""
    found = bytes([value & 0x7F])
    while value := value >> 7:
        found = bytes([value & 0x7F | 0x80]) + found
    return found


def field(value: Any) -> bytes:
    """Return a value with its type."""
    if value is None:
        return NULL
    if value is NO_VALUE:
        return SAME
    if isinstance(value, int):
        return struct.pack(">Bq", 1, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 2, value)
    data = value.encode() if isinstance(value, str) else value
    return bytes([3 if isinstance(value, str) else 4]) + varint(len(data)) + data


def fields(*values: Any) -> bytes:
    """Return values with their types."""
    return b"".join(map(field, values))


@dataclass(frozen=True)
class Table:
    """A table of a generated database; the key consists of the numbers of its columns, in its order."""

    name: str
    columns: int
    key: tuple[int, ...] = (0,)

    @property
    def ddl(self) -> str:
        """Return the statement that creates the table. Columns have no type, so that values are unchanged."""
        columns = ", ".join(f"c{number}" for number in range(self.columns))
        key = ", ".join(f"c{number}" for number in self.key)
        return f'CREATE TABLE "{self.name}" ({columns}, PRIMARY KEY ({key}))'


@dataclass(frozen=True)
class Action:
    """An action on a table: a row is inserted, replaced, updated or deleted."""

    kind: str
    table: int
    row: tuple[Any, ...]
    which: int = 0
    indirect: bool = False


def new_database(tables: Iterable[Table], path: str = ":memory:") -> apsw.Connection:
    """Create a database with empty tables."""
    database = apsw.Connection(path)
    for each in tables:
        database.execute(each.ddl)
    return database


def do(database: apsw.Connection, tables: list[Table], action: Action) -> None:
    """Execute an action, if its table has a row for it."""
    on = tables[action.table % len(tables)]
    row = action.row[: on.columns]
    if action.kind == "insert":
        if any(row[number] is None for number in on.key):
            return  # SQLite allows such a row, but does not record it
        marks = ", ".join("?" * on.columns)
        database.execute(f'INSERT OR REPLACE INTO "{on.name}" VALUES ({marks})', row)  # noqa: S608 - our own names
        return
    (rows,) = database.execute(f'SELECT count(*) FROM "{on.name}"').fetchone()  # noqa: S608 - our own names
    if not rows:
        return
    chosen = f'rowid = (SELECT rowid FROM "{on.name}" ORDER BY rowid LIMIT 1 OFFSET {action.which % rows})'  # noqa: S608
    if action.kind == "delete":
        database.execute(f'DELETE FROM "{on.name}" WHERE {chosen}')  # noqa: S608 - our own names
    elif others := [number for number in range(on.columns) if number not in on.key]:
        column = others[action.which % len(others)]
        database.execute(f'UPDATE "{on.name}" SET c{column} = ? WHERE {chosen}', (row[column],))  # noqa: S608


def recorded(
    database: apsw.Connection, tables: list[Table], actions: Iterable[Action], *, patchset: bool = False
) -> bytes:
    """Execute actions, and return the changeset of the session extension."""
    session = apsw.Session(database, "main")
    session.attach()
    for action in actions:
        session.indirect = action.indirect
        do(database, tables, action)
    found = session.patchset() if patchset else session.changeset()
    session.close()
    return found


def content_of(database: apsw.Connection, tables: Iterable[Table]) -> list[list[Any]]:
    """Return all rows of all tables, with the types of their values."""
    return [
        sorted(([(type(value).__name__, value) for value in row] for row in rows), key=repr)
        for rows in (database.execute(f'SELECT * FROM "{each.name}"').fetchall() for each in tables)  # noqa: S608
    ]


def typed(values: Iterable[Any] | None) -> list[tuple[str, Any]] | None:
    """Return values with their types, because 1 and 1.0 are equal; apsw's marker for no value becomes ours."""
    if values is None:
        return None
    ours = [NO_VALUE if value is apsw.no_change else value for value in values]
    return [(type(value).__name__, value) for value in ours]


def read_by_apsw(body: bytes) -> list[tuple[Any, ...]]:
    """Return the changes of a body as SQLite itself reads them."""
    return [
        (each.name, each.op.lower(), each.indirect, typed(each.old), typed(each.new))
        for each in apsw.Changeset.iter(body)
    ]
