"""What a changeset file holds, counted and read."""

import os
from collections import Counter
from collections.abc import Generator

import attrs

from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import LENGTH_BYTES, Payload, open_payload, read_prefix
from imodel_files._session import OPERATIONS, Change, Operation, ReduceRecord, SessionReader

SCHEMA_CHANGES = 1
"""What the API says of a changeset that changes the schema."""


@attrs.frozen
class TableChanges:
    """How many changes of one table a changeset holds.

    Attributes:
        table: The table.
        inserts: Rows inserted.
        updates: Rows updated.
        deletes: Rows deleted.
        indirect: Those of all these that a trigger or a foreign key made, not the user.
    """

    table: str
    inserts: int = 0
    updates: int = 0
    deletes: int = 0
    indirect: int = 0

    @property
    def total(self) -> int:
        """All changes of the table."""
        return self.inserts + self.updates + self.deletes


@attrs.frozen
class ChangesetSummary:
    """What a changeset file holds.

    Attributes:
        has_schema_changes: Whether the changeset says that it changes the schema.
        ddl: SQL that changes tables and indexes, statements joined by semicolons; None where there is none. For
            display: who runs it, runs SQL from a file.
        tables: The changes of each table, in the order in which the tables first appear.
        file_size: Bytes of the file.
        prefix_size: Bytes of the part about the schema, unpacked; 0 where there is none.
        body_size: Bytes of the part with the changes, unpacked.
    """

    has_schema_changes: bool
    ddl: str | None
    tables: tuple[TableChanges, ...]
    file_size: int
    prefix_size: int
    body_size: int

    @property
    def inserts(self) -> int:
        """Rows inserted, in all tables."""
        return sum(each.inserts for each in self.tables)

    @property
    def updates(self) -> int:
        """Rows updated, in all tables."""
        return sum(each.updates for each in self.tables)

    @property
    def deletes(self) -> int:
        """Rows deleted, in all tables."""
        return sum(each.deletes for each in self.tables)

    @property
    def indirect(self) -> int:
        """Changes that a trigger or a foreign key made, in all tables."""
        return sum(each.indirect for each in self.tables)

    @property
    def total(self) -> int:
        """All changes."""
        return sum(each.total for each in self.tables)

    @property
    def uncompressed_size(self) -> int:
        """Bytes that the file unpacks to: length of the prefix, prefix and body."""
        return LENGTH_BYTES + self.prefix_size + self.body_size

    @property
    def containing_changes(self) -> int | None:
        """The value for ``containingChanges`` of the API: 1 (schema) if the file says so, else None.

        Which other kinds of changes there are is known to the application that made them, not to the file.
        """
        return SCHEMA_CHANGES if self.has_schema_changes else None


def inspect_changeset(path: str | os.PathLike[str], *, limits: Limits = DEFAULT_LIMITS) -> ChangesetSummary:
    """Summarize what a changeset file contains, reading it as a stream.

    The whole file is checked for being well-formed, but not held against an id: see `verify_changeset`.

    Args:
        path: The changeset file.
        limits: What the file may claim.

    Returns:
        The facts.

    Raises:
        ChangesetFileError: It is not a whole changeset file, its content is malformed, or it is not within the limits.
        OSError: It cannot be read.
    """
    with open_payload(path, limits) as payload:
        return summary_of(payload, limits)


def summary_of(payload: Payload, limits: Limits) -> ChangesetSummary:
    """Summarize an opened changeset file; its body is used up."""
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


def count_tables(reader: SessionReader) -> dict[str, Counter[bytes]]:
    """Count the changes of a whole body, by table and by the two bytes that a change begins with.

    Raises:
        ChangesetFileError: It is malformed, or has too many tables.
    """
    found: dict[str, Counter[bytes]] = {}
    while (table := reader.next_table()) is not None:
        reader.count_changes(table, found.setdefault(table.name, Counter()))
    return found


def _changes(table: str, counts: Counter[bytes]) -> TableChanges:
    made = Counter[Operation]()
    for head, count in counts.items():
        made[OPERATIONS[head[0]]] += count
    indirect = sum(count for head, count in counts.items() if head[1])
    return TableChanges(table, made[Operation.INSERT], made[Operation.UPDATE], made[Operation.DELETE], indirect)


def iter_changes(
    path: str | os.PathLike[str], *, errors: str = "surrogateescape", limits: Limits = DEFAULT_LIMITS
) -> Generator[Change, None, None]:
    """Read the changes of a changeset file one by one, in their order.

    Nothing is read before the first change is asked for. The file stays open until the last one has been given or the
    iterator is closed. What was given before an error may belong to a damaged file: verify first where it matters.

    Args:
        path: The changeset file.
        errors: How texts that are not UTF-8, which SQLite allows, are decoded, as for `bytes.decode`. By default each
            invalid byte becomes a lone surrogate, and ``value.encode(errors="surrogateescape")`` returns the bytes;
            ``"replace"`` gives texts that can be printed; ``"strict"`` raises `MalformedSessionError`.
        limits: What the file may claim.

    Yields:
        Each change with its values. There are no names of columns in a changeset: values stand in the order of the
        table's columns.

    Raises:
        ChangesetFileError: It is not a whole changeset file, its content is malformed, or it is not within the limits.
        OSError: It cannot be read.
    """
    return read_values(path, errors=errors, limits=limits)


def read_values(
    path: str | os.PathLike[str],
    *,
    errors: str = "surrogateescape",
    limits: Limits,
    reduce: ReduceRecord | None = None,
) -> Generator[Change, None, None]:
    """Read the changes of a changeset file; see `iter_changes`, and `SessionReader` for `reduce`."""
    with open_payload(path, limits) as payload:
        reader = SessionReader(payload.body, payload.stream.path, payload.body_offset, limits, errors, reduce=reduce)
        while (table := reader.next_table()) is not None:
            yield from reader.read_changes(table)
