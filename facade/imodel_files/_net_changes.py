"""The net changes of several changesets: one change for each row."""

from collections.abc import Iterator
from typing import Final

from imodel_files._added_columns import AddedColumn
from imodel_files._change import UPDATE_CODE, Change, TableHeader
from imodel_files._ddl import folded
from imodel_files._encoding import encode_change, encode_header, encode_value, encode_values
from imodel_files._errors import ChangesetMergeError, SessionLimitError
from imodel_files._limits import Limits
from imodel_files._row_changes import extend_change, merge_changes

_ROW_OVERHEAD: Final = 200
"""The memory that a change takes besides its encoded form, in bytes."""


class NetTable:
    """The net changes to a table.

    Attributes:
        header: The header of the table, with the largest number of columns so far.
        changes: One encoded change for each row, by its encoded key.
        size: The memory that the changes take, in bytes.
    """

    def __init__(self, header: TableHeader) -> None:
        """Create an empty collection for a table with its initial columns."""
        self.header = header
        self.changes: dict[bytes, bytes] = {}
        self.size = 0
        self._keys = frozenset(header.key_columns)
        self._first_count = header.column_count
        self._gained: list[bytes | None] = []
        self._expected: dict[str, AddedColumn] = {}

    def expect(self, column: AddedColumn) -> None:
        """Record a column that DDL adds; the same column may be added more than once."""
        self._expected.setdefault(folded(column.name), column)

    def fit(self, header: TableHeader, path: str) -> None:
        """Record the columns of the table in the next changeset.

        Raises:
            ChangesetMergeError: The table has another key, or columns with unknown values.
        """
        if header.key_columns != self.header.key_columns:
            raise ChangesetMergeError(
                path, f"the primary key of {header.name} differs from that in the changesets before it"
            )
        before = self.header.column_count
        if header.column_count <= before:
            return
        expected = [encode_value(each.value) for each in self._expected.values()]
        gained = header.column_count - self._first_count
        self._gained = [*expected[:gained], *[None] * (gained - len(expected))]
        self.header = TableHeader(self.header.name, header.column_count, header.key_columns)
        for key, change in self.changes.items():
            self.changes[key] = self._extended(change, before, path)
            self.size += len(self.changes[key]) - len(change)

    def add(self, change: Change, path: str) -> None:
        """Add a change that follows those added before.

        Raises:
            ChangesetMergeError: The change lacks columns with unknown values.
        """
        key, encoded = encode_values(change.key), encode_change(change)
        columns = len(change.old or change.new or ())
        if columns < self.header.column_count:
            encoded = self._extended(encoded, columns, path)
        existing = self.changes.get(key)
        if existing is None:
            self.changes[key] = encoded
            self.size += len(key) + len(encoded) + _ROW_OVERHEAD
            return
        merged = merge_changes(existing, encoded, self.header.column_count, self._keys)
        if merged is None:
            del self.changes[key]
            self.size -= len(key) + len(existing) + _ROW_OVERHEAD
        else:
            self.changes[key] = merged
            self.size += len(merged) - len(existing)

    def _extended(self, change: bytes, columns: int, path: str) -> bytes:
        missing = self.header.column_count - columns
        values = self._gained[-missing:]
        if change[0] == UPDATE_CODE:
            return extend_change(change, columns, [b""] * missing)
        known = [value for value in values if value is not None]
        if len(known) < missing:
            raise ChangesetMergeError(
                path,
                f"{self.header.name} has {self.header.column_count} columns in some changesets and {columns} in others,"
                " but no DDL between them states the default values of the columns",
            )
        return extend_change(change, columns, known)


class NetChanges:
    """The net changes of several changesets, by table in the order of their first changes."""

    def __init__(self, limits: Limits) -> None:
        """Create an empty collection."""
        self._limits = limits
        self._tables: dict[str, NetTable] = {}
        self._held = 0

    def knows(self, name: str) -> bool:
        """Return whether a changeset changed the table."""
        return folded(name) in self._tables

    def has_changes(self, name: str) -> bool:
        """Return whether the table has net changes."""
        return self.knows(name) and bool(self._tables[folded(name)].changes)

    def expect_column(self, column: AddedColumn) -> None:
        """Record a column that DDL adds to a table."""
        if (table := self._tables.get(folded(column.table))) is not None:
            table.expect(column)

    def drop_table(self, name: str) -> None:
        """Discard the changes to a table that DDL drops."""
        if (table := self._tables.pop(folded(name), None)) is not None:
            self._held -= table.size

    def table(self, header: TableHeader, path: str) -> NetTable:
        """Return the net changes to a table that the next changeset changes."""
        table = self._tables.setdefault(folded(header.name), NetTable(header))
        before = table.size
        table.fit(header, path)
        self._hold(table.size - before, path)
        return table

    def add(self, table: NetTable, change: Change, path: str) -> None:
        """Add a change that follows those added before.

        Raises:
            ChangesetMergeError: The columns of the table changed in a way that cannot be merged.
            SessionLimitError: The net changes exceed `Limits.memory`.
        """
        before = table.size
        table.add(change, path)
        self._hold(table.size - before, path)

    def _hold(self, size: int, path: str) -> None:
        self._held += size
        if self._held > self._limits.memory:
            raise SessionLimitError(
                path, f"the net changes exceed {self._limits.memory} bytes of memory (Limits.memory)"
            )

    def session(self) -> Iterator[bytes]:
        """Yield the changes in SQLite's session format."""
        for header, changes in self.groups():
            yield encode_header(header)
            yield from changes

    def groups(self) -> Iterator[tuple[TableHeader, Iterator[bytes]]]:
        """Yield each table that has net changes, with these changes."""
        for table in self._tables.values():
            if table.changes:
                yield table.header, iter(table.changes.values())
