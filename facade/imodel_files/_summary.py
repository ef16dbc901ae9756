"""The contents of a changeset file: counts and values."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing

import attrs

from imodel_files._change import OPERATIONS, Change, Operation, TableHeader
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import LENGTH_BYTES, Payload, open_payload, read_prefix
from imodel_files._session import ReduceRecord, SessionReader

SCHEMA_CHANGES = 1
"""The value of ``containingChanges`` in the API for schema changes."""


@attrs.frozen
class TableChanges:
    """The number of changes to a table in a changeset.

    Attributes:
        table: The name of the table.
        inserts: Number of inserted rows.
        updates: Number of updated rows.
        deletes: Number of deleted rows.
        indirect: Number of these changes that a trigger or a foreign key made, rather than the user.
    """

    table: str
    inserts: int = 0
    updates: int = 0
    deletes: int = 0
    indirect: int = 0

    @property
    def total(self) -> int:
        """The number of changes to the table."""
        return self.inserts + self.updates + self.deletes


@attrs.frozen
class ChangesetSummary:
    """A summary of the contents of a changeset file.

    Attributes:
        has_schema_changes: Whether the file announces schema changes.
        ddl: SQL statements that change tables and indexes, joined by semicolons; None if there are none. For display
            only: do not execute SQL from a file that you do not trust.
        tables: The changes to each table, in the order in which the tables first appear.
        file_size: Size of the file, in bytes.
        prefix_size: Decompressed size of the schema part, in bytes; 0 if there is none.
        body_size: Decompressed size of the changes, in bytes.
    """

    has_schema_changes: bool
    ddl: str | None
    tables: tuple[TableChanges, ...]
    file_size: int
    prefix_size: int
    body_size: int

    @property
    def inserts(self) -> int:
        """The number of inserted rows in all tables."""
        return sum(each.inserts for each in self.tables)

    @property
    def updates(self) -> int:
        """The number of updated rows in all tables."""
        return sum(each.updates for each in self.tables)

    @property
    def deletes(self) -> int:
        """The number of deleted rows in all tables."""
        return sum(each.deletes for each in self.tables)

    @property
    def indirect(self) -> int:
        """The number of changes in all tables that a trigger or a foreign key made."""
        return sum(each.indirect for each in self.tables)

    @property
    def total(self) -> int:
        """The number of changes in all tables."""
        return sum(each.total for each in self.tables)

    @property
    def uncompressed_size(self) -> int:
        """The total decompressed size, in bytes, of the length field, the schema part and the changes."""
        return LENGTH_BYTES + self.prefix_size + self.body_size

    @property
    def containing_changes(self) -> int | None:
        """The value for ``containingChanges`` of the API: 1 (schema) if the file announces schema changes, else None.

        Other kinds of changes are known only to the application that made them.
        """
        return SCHEMA_CHANGES if self.has_schema_changes else None


def inspect_changeset(path: str | os.PathLike[str], *, limits: Limits = DEFAULT_LIMITS) -> ChangesetSummary:
    """Return a summary of a changeset file, which is read as a stream.

    The whole file is checked for validity, but its id is not verified: see `verify_changeset`.

    Args:
        path: The changeset file.
        limits: Limits on the size, memory and time that reading the file may take; see `Limits` for the defaults.

    Returns:
        The summary.

    Raises:
        ChangesetFileError: The file is not a complete changeset file, its content is malformed, or it exceeds the
            limits.
        OSError: The file cannot be read.
    """
    with open_payload(path, limits) as payload:
        return summary_of(payload, limits)


def summary_of(payload: Payload, limits: Limits) -> ChangesetSummary:
    """Summarize an opened changeset file. This consumes the body."""
    stream = payload.stream
    prefix = read_prefix(stream.path, payload.prefix)
    reader = SessionReader(payload.body, stream.path, payload.body_offset, limits)
    tables = count_tables(reader)
    return ChangesetSummary(
        has_schema_changes=prefix.contains_schema_changes,
        ddl=prefix.ddl,
        tables=tuple(_changes(table, counts) for table, counts in tables.items()),
        file_size=stream.consumed,
        prefix_size=payload.prefix_size,
        body_size=stream.produced - payload.body_offset,
    )


def count_tables(reader: SessionReader, *, bounded: bool = False) -> dict[str, Counter[bytes]]:
    """Count the changes of a whole body, by table and by the two bytes at the start of a change.

    Args:
        reader: The reader of the body.
        bounded: Whether to reject rows that exceed `Limits.values`.

    Raises:
        ChangesetFileError: The body is malformed, has too many tables, or a row exceeds the limit.
    """
    counts: dict[str, Counter[bytes]] = {}
    while (table := reader.next_table()) is not None:
        reader.count_changes(table, counts.setdefault(table.name, Counter()), bounded=bounded)
    return counts


def _changes(table: str, counts: Counter[bytes]) -> TableChanges:
    made = Counter[Operation]()
    for head, count in counts.items():
        made[OPERATIONS[head[0]]] += count
    indirect = sum(count for head, count in counts.items() if head[1])
    return TableChanges(table, made[Operation.INSERT], made[Operation.UPDATE], made[Operation.DELETE], indirect)


def iter_changes(
    path: str | os.PathLike[str], *, errors: str = "surrogateescape", limits: Limits = DEFAULT_LIMITS
) -> Generator[Change, None, None]:
    """Yield the changes of a changeset file in order.

    Nothing is read before the first change is requested. The file stays open until the iterator is exhausted or closed.
    If an error occurs, the changes yielded before it may be from a damaged file; verify the file first if that matters.

    Args:
        path: The changeset file.
        errors: How to decode strings that are not UTF-8, which SQLite allows, as in `bytes.decode`. By default, each
            invalid byte becomes a lone surrogate, and ``value.encode(errors="surrogateescape")`` returns the original
            bytes. ``"replace"`` returns printable strings; ``"strict"`` raises `MalformedSessionError`.
        limits: Limits on the size, memory and time that reading the file may take; see `Limits` for the defaults.

    Yields:
        Each change with its values, in the order of the table's columns. A changeset does not contain column names.

    Raises:
        ChangesetFileError: The file is not a complete changeset file, its content is malformed, or it exceeds the
            limits.
        OSError: The file cannot be read.
    """
    with closing(read_groups(path, errors=errors, limits=limits)) as groups:
        for _, changes in groups:
            yield from changes


def read_groups(
    path: str | os.PathLike[str],
    *,
    errors: str = "surrogateescape",
    limits: Limits,
    reduce: ReduceRecord | None = None,
) -> Generator[tuple[TableHeader, Iterator[Change]], None, None]:
    """Read the groups of a changeset file: each table with its changes; see `iter_changes`.

    The changes of a group must be exhausted before the next group is requested. `SessionReader` explains `reduce`.
    """
    with open_payload(path, limits) as payload:
        reader = SessionReader(payload.body, payload.stream.path, payload.body_offset, limits, errors, reduce=reduce)
        while (table := reader.next_table()) is not None:
            yield table, reader.read_changes(table)
