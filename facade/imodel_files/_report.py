"""The report on applied changesets."""

from collections import Counter
from typing import Final

import attrs

from imodel_files._conflicts import Conflict, ConflictAction, ConflictCause

_MAX_VALUES: Final = 16 << 20
"""Maximum total size of the strings and blobs of the conflicts in a report, in bytes."""


@attrs.frozen(kw_only=True)
class ConflictCount:
    """The number of conflicts of one kind.

    Attributes:
        changeset_id: The changeset id.
        table: The name of the table; empty for foreign keys.
        operation: ``"insert"``, ``"update"`` or ``"delete"``; empty for foreign keys.
        cause: The cause of the conflicts.
        action: How the conflicts were resolved.
        count: Number of conflicts.
    """

    changeset_id: str
    table: str
    operation: str
    cause: ConflictCause
    action: ConflictAction
    count: int


@attrs.frozen(kw_only=True)
class SkippedTable:
    """A table whose changes SQLite could not apply to the database.

    Attributes:
        changeset_id: The changeset id.
        table: The name of the table.
        reason: Why the changes were skipped.
        count: Number of changes that were skipped.
    """

    changeset_id: str
    table: str
    reason: str
    count: int


@attrs.frozen(kw_only=True)
class SkippedStatement:
    """A DDL statement that had no effect.

    Attributes:
        changeset_id: The changeset id.
        statement: The SQL statement.
        reason: SQLite's error message.
    """

    changeset_id: str
    statement: str
    reason: str


@attrs.frozen(kw_only=True)
class ApplyReport:
    """The result of applying changesets, including conflicts.

    Attributes:
        changesets: Number of changesets that were applied.
        changes: Number of changes in these changesets.
        conflict_counts: Counts of all conflicts, by changeset, table, operation, cause and action.
        conflicts: The first conflicts: at most `Limits.conflicts`, with at most 16 MiB of values.
        skipped_tables: Tables whose changes were skipped.
        skipped_statements: DDL statements without effect, such as adding a column that already exists.
        notes: Other messages for the user of the database, such as derived data that was not updated.
    """

    changesets: int
    changes: int
    conflict_counts: tuple[ConflictCount, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped_tables: tuple[SkippedTable, ...] = ()
    skipped_statements: tuple[SkippedStatement, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def conflict_count(self) -> int:
        """The number of conflicts."""
        return sum(each.count for each in self.conflict_counts)

    @property
    def overridden(self) -> int:
        """The number of changes that were applied despite a conflict."""
        return self._count(ConflictAction.REPLACE)

    @property
    def skipped(self) -> int:
        """The number of skipped changes, including those of skipped tables."""
        return self._count(ConflictAction.SKIP) + sum(each.count for each in self.skipped_tables)

    @property
    def is_clean(self) -> bool:
        """Whether every change and every statement was applied unchanged."""
        return not (self.conflict_counts or self.skipped_tables or self.skipped_statements)

    def _count(self, action: ConflictAction) -> int:
        return sum(each.count for each in self.conflict_counts if each.action is action)


class ApplyRecorder:
    """Collects the facts of a report."""

    def __init__(self, max_conflicts: int) -> None:
        """Create an empty recorder.

        Args:
            max_conflicts: Maximum number of conflicts that are kept with their values.
        """
        self._room = max_conflicts
        self._bytes = _MAX_VALUES
        self._counts: Counter[tuple[str, str, str, ConflictCause, ConflictAction]] = Counter()
        self._conflicts: list[Conflict] = []
        self._tables: list[SkippedTable] = []
        self._statements: list[SkippedStatement] = []
        self._notes: list[str] = []

    def add_conflict(self, conflict: Conflict) -> None:
        """Count a conflict, and keep it if it fits."""
        self._counts[conflict.changeset_id, conflict.table, conflict.operation, conflict.cause, conflict.action] += 1
        if len(self._conflicts) < self._room and (size := _size(conflict)) <= self._bytes:
            self._bytes -= size
            self._conflicts.append(conflict)

    def skip_table(self, skipped: SkippedTable) -> None:
        """Record a table whose changes were skipped."""
        self._tables.append(skipped)

    def skip_statement(self, skipped: SkippedStatement) -> None:
        """Record a statement without effect."""
        self._statements.append(skipped)

    def note(self, text: str) -> None:
        """Record a message unless it has already been recorded."""
        if text not in self._notes:
            self._notes.append(text)

    def report(self, changesets: int, changes: int) -> ApplyReport:
        """Return the report."""
        return ApplyReport(
            changesets=changesets,
            changes=changes,
            conflict_counts=tuple(
                ConflictCount(changeset_id=key[0], table=key[1], operation=key[2], cause=key[3], action=key[4], count=n)
                for key, n in self._counts.items()
            ),
            conflicts=tuple(self._conflicts),
            skipped_tables=tuple(self._tables),
            skipped_statements=tuple(self._statements),
            notes=tuple(self._notes),
        )


def _size(conflict: Conflict) -> int:
    values = [*conflict.key]
    for column in conflict.columns:
        values += (column.found, column.old, column.new)
    return sum(len(value) for value in values if isinstance(value, str | bytes))
