"""What happened while changesets were applied."""

from collections import Counter
from typing import Final

import attrs

from imodel_files._conflicts import Conflict, ConflictAction, ConflictCause

_MOST_VALUES: Final = 16 << 20
"""Bytes of the texts and blobs that the conflicts in a report hold together."""


@attrs.frozen(kw_only=True)
class ConflictCount:
    """How many conflicts of one kind there were.

    Attributes:
        changeset_id: The changeset.
        table: The table; empty for foreign keys.
        operation: ``"insert"``, ``"update"`` or ``"delete"``; empty for foreign keys.
        cause: Why the changes did not fit.
        action: What was done about them.
        count: How many changes.
    """

    changeset_id: str
    table: str
    operation: str
    cause: ConflictCause
    action: ConflictAction
    count: int


@attrs.frozen(kw_only=True)
class SkippedTable:
    """A table whose changes SQLite could not apply to this database.

    Attributes:
        changeset_id: The changeset.
        table: The table.
        reason: Why.
        count: How many changes were skipped.
    """

    changeset_id: str
    table: str
    reason: str
    count: int


@attrs.frozen(kw_only=True)
class SkippedStatement:
    """A statement of DDL that had no effect.

    Attributes:
        changeset_id: The changeset.
        statement: The statement.
        reason: Why, in SQLite's words.
    """

    changeset_id: str
    statement: str
    reason: str


@attrs.frozen(kw_only=True)
class ApplyReport:
    """What happened while changesets were applied, and what did not fit.

    Attributes:
        changesets: How many changesets were applied.
        changes: How many changes they hold.
        conflict_counts: How many conflicts there were, by changeset, table, operation, cause and action; complete.
        conflicts: The first conflicts, at most `Limits.conflicts` and 16 MiB of values.
        skipped_tables: Tables whose changes were skipped.
        skipped_statements: DDL that had no effect, such as a column that was there already.
        notes: What else a user of the database should know, such as what is derived from its tables and was not
            brought up to date.
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
        """How many changes did not fit."""
        return sum(each.count for each in self.conflict_counts)

    @property
    def overridden(self) -> int:
        """How many changes were applied over what was in their way."""
        return self._count(ConflictAction.REPLACE)

    @property
    def skipped(self) -> int:
        """How many changes were skipped, those of skipped tables included."""
        return self._count(ConflictAction.SKIP) + sum(each.count for each in self.skipped_tables)

    @property
    def is_clean(self) -> bool:
        """Whether every change and every statement took effect as it is."""
        return not (self.conflict_counts or self.skipped_tables or self.skipped_statements)

    def _count(self, action: ConflictAction) -> int:
        return sum(each.count for each in self.conflict_counts if each.action is action)


class ApplyRecorder:
    """Takes down what happens."""

    def __init__(self, most_conflicts: int) -> None:
        """Begin with nothing.

        Args:
            most_conflicts: How many conflicts are kept with their values.
        """
        self._room = most_conflicts
        self._bytes = _MOST_VALUES
        self._counts: Counter[tuple[str, str, str, ConflictCause, ConflictAction]] = Counter()
        self._conflicts: list[Conflict] = []
        self._tables: list[SkippedTable] = []
        self._statements: list[SkippedStatement] = []
        self._notes: list[str] = []

    def add_conflict(self, conflict: Conflict) -> None:
        """Count a conflict, and keep it while there is room."""
        self._counts[conflict.changeset_id, conflict.table, conflict.operation, conflict.cause, conflict.action] += 1
        if len(self._conflicts) < self._room and (size := _size(conflict)) <= self._bytes:
            self._bytes -= size
            self._conflicts.append(conflict)

    def skip_table(self, skipped: SkippedTable) -> None:
        """Note a table whose changes are skipped."""
        self._tables.append(skipped)

    def skip_statement(self, skipped: SkippedStatement) -> None:
        """Note a statement without effect."""
        self._statements.append(skipped)

    def note(self, text: str) -> None:
        """Note anything else, once."""
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
