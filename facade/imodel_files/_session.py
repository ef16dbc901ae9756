"""SQLite's session format, the format of a changeset's body, read block by block.

A body is a sequence of groups; each group consists of a table header and the changes to its rows. Changes that lie
entirely within the current block are read by the fast functions of `_fields` and `_shapes`. Changes that span blocks,
and the locations of errors, are handled by the methods of the reader, which load block after block.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

from imodel_files._block_reader import BlockReader
from imodel_files._change import DELETE, INSERT, OPERATIONS, UPDATE_CODE, Change, TableHeader
from imodel_files._errors import MalformedSessionError, PatchsetError, SessionLimitError
from imodel_files._fields import (
    BLOB,
    FLOAT,
    INTEGER,
    NO_VALUE,
    NULL,
    TEXT,
    UNDEFINED,
    Value,
    decode_fields,
    header_size,
    skip_fields,
    unpack_number,
)
from imodel_files._limits import Limits
from imodel_files._runs import Compiled, Runs
from imodel_files._shapes import GroupShapes, Pair, Record, Shapes

TABLE_MARKER: Final = ord("T")
PATCHSET_MARKER: Final = ord("P")
_MAX_COLUMNS: Final = 65_536

_HEADS: Final = frozenset(bytes((code, indirect)) for code in OPERATIONS for indirect in (0, 1))

ReduceRecord: TypeAlias = Callable[[Record], Record]


class _Draft:
    """A change under construction. Filling it in is four times faster than calling the constructor."""

    __slots__ = ("indirect", "key_columns", "new", "old", "operation", "table")


def check_marker(marker: int, path: str, offset: int) -> None:
    """Check that a marker starts a group.

    Raises:
        MalformedSessionError: It does not. `PatchsetError` if it starts a group of a patchset.
    """
    if marker == PATCHSET_MARKER:
        raise PatchsetError(path, "the changes are a patchset, which has no old values", offset)
    if marker != TABLE_MARKER:
        raise MalformedSessionError(path, f"expected a table header, found 0x{marker:02x}", offset)


class SessionReader(BlockReader):
    """Reads a body: call `next_table`, then `count_changes` or `read_changes` to its end, and repeat."""

    def __init__(  # noqa: PLR0913 - each describes the body or its use
        self,
        blocks: Iterator[bytes],
        path: str,
        offset: int,
        limits: Limits,
        errors: str = "strict",
        *,
        reduce: ReduceRecord | None = None,
    ) -> None:
        """Create a reader of blocks.

        Args:
            blocks: The body in blocks.
            path: The path of the file, for errors.
            offset: The offset of the body within the payload.
            limits: Limits for names, tables and rows.
            errors: How to decode strings that are not UTF-8, as in `bytes.decode`.
            reduce: Replaces old or new values that contain strings or blobs of more than `_shapes.LONGEST` bytes; also
                called for some other values. None keeps all values.
        """
        super().__init__(blocks, path, offset)
        self._limits = limits
        self._errors = errors
        self._reduce = reduce
        self._compiled = Compiled()
        self._shapes = Shapes(limits.values)
        self._headers: dict[bytes, TableHeader] = {}
        self._names: set[str] = set()

    def next_table(self) -> TableHeader | None:
        """Read the header of the next group; return None at the end of the body.

        Raises:
            ChangesetFileError: The header is malformed or exceeds the limits.
        """
        if not self._has_byte():
            return None
        size = header_size(self._data, self._place)
        if size is None:
            return self._read_header()
        raw = self._data[self._place : self._place + size]
        table = self._headers.get(raw)
        if table is None:
            table = self._read_header()
            if len(self._headers) < self._limits.tables:
                self._headers[raw] = table
        else:
            self._place += size
        return table

    def _read_header(self) -> TableHeader:
        check_marker(self._byte(), self._path, self._offset - 1)
        at = self._offset
        columns = self._varint()
        if not 1 <= columns <= _MAX_COLUMNS:
            raise self._malformed(f"a table has {columns} columns; it must have 1 to {_MAX_COLUMNS}", at)
        at = self._offset
        places = self._take(columns)
        if max(places) > columns:
            raise self._malformed(f"the primary key has more columns than the table, which has {columns}", at)
        keys = sorted((place, index) for index, place in enumerate(places) if place)
        name = self._name()
        self._names.add(name)
        if len(self._names) > self._limits.tables:
            raise SessionLimitError(self._path, f"more than {self._limits.tables} tables", at)
        return TableHeader(name, columns, tuple(index for _, index in keys))

    def count_changes(self, table: TableHeader, counts: Counter[bytes], *, bounded: bool = False) -> None:
        """Count the changes of a group by their first two bytes: the operation and the indirect flag.

        Args:
            table: The group's table.
            counts: The counter to update.
            bounded: Whether to reject rows that exceed `Limits.values`, as `read_changes` does.

        Raises:
            ChangesetFileError: A change is malformed, or a row exceeds the limit.
        """
        if self._at_group():
            return
        runs = Runs(table.column_count, self._compiled, _fields_of, counts)
        while self._has_byte():
            place, data = self._place, self._data
            can_exceed = bounded and self._limits.values < len(data)
            while not can_exceed and place < len(data) and data[place] not in (TABLE_MARKER, PATCHSET_MARKER):
                place = runs.count(data, place)
                end = self._whole_change(data, place, table.column_count)
                if end is None:
                    break
                runs.add(data, place)
                place = end
            self._place = place
            if place == len(data):
                continue
            if data[place] in (TABLE_MARKER, PATCHSET_MARKER):
                break
            counts[self._skip_change(table.column_count, self._limits.values if bounded else None)] += 1

    def read_changes(self, table: TableHeader) -> Iterator[Change]:
        """Read the changes of a group with their values.

        Raises:
            ChangesetFileError: A change is malformed, or a row exceeds the limit.
        """
        return chain.from_iterable(self._runs(table))

    def _runs(self, table: TableHeader) -> Iterator[Iterable[Change]]:
        """Read the changes of a group: changes with the same shape are read together, all others one at a time."""
        columns, keys, name = table.column_count, table.key_columns, table.name
        shapes = GroupShapes(self._shapes, keys)
        while self._has_byte() and not self._at_group():
            alike = self._read_alike(table, shapes)
            if alike is not None:
                yield alike
                continue
            head = self._head()
            operation = OPERATIONS[head[0]]
            old = None if operation is INSERT else self._record(columns)
            new = None if operation is DELETE else self._record(columns)
            shapes.add(head, old, new)
            if old is not None and new is not None:
                old = _old_values(old, new, keys)
            if self._reduce is not None:
                old, new = self._reduce(old), self._reduce(new)
            yield (Change(name, operation, head[1] == 1, keys, old, new),)

    def _read_alike(self, table: TableHeader, shapes: GroupShapes) -> Iterator[Change] | None:
        """Return the next changes if their shape is known; None otherwise."""
        data, place = self._data, self._place
        alike = shapes.find(data, place)
        if alike is None:
            return None
        shape, end = alike
        head = data[place : place + 2]
        try:
            pairs = shape.read(data, place, end)
        except UnicodeDecodeError:
            shapes.forget(head)  # read field by field, with the error handler that the caller chose
            return None
        self._place = end
        if not shape.is_exact:
            pairs = ((_old_values(old, new, table.key_columns), new) for old, new in pairs)
        return _changes(table, head, pairs)

    def _at_group(self) -> bool:
        """Return whether the next byte begins a group."""
        return self._place < len(self._data) and self._data[self._place] in (TABLE_MARKER, PATCHSET_MARKER)

    def _name(self) -> str:
        at = self._offset
        name = bytearray()
        while byte := self._byte():
            name.append(byte)
            if len(name) > self._limits.table_name:
                raise SessionLimitError(self._path, f"a table name is longer than {self._limits.table_name} bytes", at)
        try:
            return name.decode()
        except UnicodeDecodeError as error:
            raise self._malformed("a table name is not valid UTF-8", at + error.start) from error

    def _head(self) -> bytes:
        """Read the operation and the indirect flag."""
        head = self._data[self._place : self._place + 2]
        if head in _HEADS:
            self._place += 2
            return head
        at = self._offset
        operation = self._byte()
        if operation not in OPERATIONS:
            raise self._malformed(f"expected a change, found 0x{operation:02x}", at)
        indirect = self._byte()
        if indirect > 1:
            raise self._malformed(f"invalid indirect flag 0x{indirect:02x}", at + 1)
        return bytes((operation, indirect))

    def _whole_change(self, data: bytes, place: int, columns: int) -> int | None:
        """Return the end of a well-formed change that lies entirely within the block; None for any other change."""
        if data[place : place + 2] not in _HEADS:
            return None
        return skip_fields(data, place + 2, _fields_of(data[place], columns))

    def _skip_change(self, columns: int, bound: int | None) -> bytes:
        """Skip a change; the values of each of its records may have at most `bound` bytes."""
        head = self._head()
        for _ in range(_fields_of(head[0], columns) // columns):
            self._skip_record(columns, bound)
        return head

    def _skip_record(self, columns: int, bound: int | None) -> None:
        size = 0
        for _ in range(columns):
            at = self._offset
            kind = self._byte()
            if kind in (INTEGER, FLOAT):
                self._skip(8)
            elif kind in (TEXT, BLOB):
                length = self._varint()
                size += length
                if bound is not None and size > bound:
                    raise self._row_too_large(at)
                self._skip(length)
            elif kind not in (UNDEFINED, NULL):
                raise self._unknown(kind, at)

    def _record(self, columns: int) -> tuple[Value, ...]:
        decoded = decode_fields(self._data, self._place, columns)
        if decoded is None or decoded[0] - self._place > self._limits.values:
            return self._bounded_record(columns)
        self._place, values = decoded
        return values

    def _bounded_record(self, columns: int) -> tuple[Value, ...]:
        allowed = self._limits.values
        values = []
        for _ in range(columns):
            value, size = self._value(allowed)
            allowed -= size
            values.append(value)
        return tuple(values)

    def _value(self, allowed: int) -> tuple[Value, int]:
        """Read a value of at most `allowed` bytes; return it and its size in bytes, which is 0 for numbers."""
        at = self._offset
        kind = self._byte()
        if kind in (INTEGER, FLOAT):
            return unpack_number(kind, self._take(8)), 0
        if kind in (TEXT, BLOB):
            raw = self._string(at, allowed)
            return self._text(raw) if kind == TEXT else raw, len(raw)
        if kind == NULL:
            return None, 0
        if kind == UNDEFINED:
            return NO_VALUE, 0
        raise self._unknown(kind, at)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode(errors=self._errors)
        except UnicodeDecodeError as error:
            raise self._malformed("a string is not valid UTF-8", self._offset - len(raw) + error.start) from error

    def _string(self, at: int, allowed: int) -> bytes:
        size = self._varint()
        if size > allowed:
            raise self._row_too_large(at)
        return self._take(size)

    def _row_too_large(self, at: int) -> SessionLimitError:
        return SessionLimitError(self._path, f"the values of a row exceed {self._limits.values} bytes", at)

    def _unknown(self, kind: int, at: int) -> MalformedSessionError:
        return self._malformed(f"unknown value type 0x{kind:02x}", at)


def _changes(table: TableHeader, head: bytes, pairs: Iterable[Pair]) -> Iterator[Change]:
    """Yield a change for each pair of old and new values."""
    name, keys, operation, indirect = table.name, table.key_columns, OPERATIONS[head[0]], head[1] == 1
    for old, new in pairs:
        change: Any = _Draft()
        change.table = name
        change.operation = operation
        change.indirect = indirect
        change.key_columns = keys
        change.old = old
        change.new = new
        change.__class__ = Change
        yield change


def _old_values(old: tuple[Value, ...], new: tuple[Value, ...], keys: tuple[int, ...]) -> tuple[Value, ...]:
    """Drop the redundant old values that some writers store in an update; SQLite does the same."""
    values = [before if after is not NO_VALUE else NO_VALUE for before, after in zip(old, new, strict=True)]
    for index in keys:
        values[index] = old[index]
    return tuple(values)


def _fields_of(operation: int, columns: int) -> int:
    """Return the number of fields of a change: an update has old and new ones."""
    return 2 * columns if operation == UPDATE_CODE else columns
