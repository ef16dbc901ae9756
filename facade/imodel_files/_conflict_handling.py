"""Handle the conflicts that SQLite reports while it applies a changeset."""

from typing import TYPE_CHECKING

import attrs

from imodel_files._chain import VerifiedChangeset
from imodel_files._conflicts import (
    REASONS,
    Conflict,
    ConflictAction,
    ConflictCause,
    ConflictHandler,
    ConflictPolicy,
    check_action,
    differing_columns,
    is_in_effect,
    policy_action,
)
from imodel_files._errors import ChangesetConflictError
from imodel_files._fields import NO_VALUE, Value
from imodel_files._report import ApplyRecorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import apsw


class ConflictHandling:
    """Decides how to resolve the conflicts of one changeset.

    Attributes:
        error: The error for the conflict that aborted the changeset; None if there was none.
    """

    def __init__(  # noqa: PLR0913 - the changeset and the options of `apply_changesets`
        self,
        apsw: "ModuleType",
        database: "apsw.Connection",
        changeset: VerifiedChangeset,
        recorder: ApplyRecorder,
        *,
        policy: ConflictPolicy,
        on_conflict: ConflictHandler | None,
    ) -> None:
        """Create the handling for a changeset."""
        self.error: ChangesetConflictError | None = None
        self._apsw = apsw
        self._database = database
        self._changeset = changeset
        self._recorder = recorder
        self._policy = policy
        self._on_conflict = on_conflict
        self._columns: dict[str, list[str]] = {}
        self._causes = {
            apsw.SQLITE_CHANGESET_DATA: ConflictCause.DATA,
            apsw.SQLITE_CHANGESET_NOTFOUND: ConflictCause.NOT_FOUND,
            apsw.SQLITE_CHANGESET_CONFLICT: ConflictCause.EXISTS,
            apsw.SQLITE_CHANGESET_CONSTRAINT: ConflictCause.CONSTRAINT,
            apsw.SQLITE_CHANGESET_FOREIGN_KEY: ConflictCause.FOREIGN_KEY,
        }
        self._codes: dict[ConflictAction, int] = {
            ConflictAction.REPLACE: apsw.SQLITE_CHANGESET_REPLACE,
            ConflictAction.SKIP: apsw.SQLITE_CHANGESET_OMIT,
            ConflictAction.ABORT: apsw.SQLITE_CHANGESET_ABORT,
        }

    def decide(self, reason: int, change: "apsw.TableChange") -> int:
        """Return SQLite's code for the resolution of a conflict."""
        cause = self._causes[reason]
        action = policy_action(self._policy, cause)
        if cause is ConflictCause.FOREIGN_KEY:
            conflict = self._conflict("", "", cause, action)
        else:
            old, new, found = (
                self._values(lambda: change.old),
                self._values(lambda: change.new),
                self._values(lambda: change.conflict),
            )
            if self._policy == "native" and cause is not ConflictCause.CONSTRAINT and is_in_effect(new, found):
                return self._codes[ConflictAction.SKIP]
            key = self._key(change.name, new if change.opcode == self._apsw.SQLITE_INSERT else old)
            is_readable = all(values != () for values in (old, new, found))
            columns = differing_columns(self._names(change.name), old, new, found) if is_readable else ()
            conflict = attrs.evolve(
                self._conflict(change.name, str(change.op).lower(), cause, action),
                is_indirect=change.indirect,
                key=key,
                columns=columns,
            )
        return self._codes[self._act(conflict, change)]

    def _conflict(self, table: str, operation: str, cause: ConflictCause, action: ConflictAction) -> Conflict:
        changeset = self._changeset
        return Conflict(
            changeset_id=changeset.id,
            path=changeset.path,
            table=table,
            operation=operation,
            is_indirect=False,
            key=(),
            cause=cause,
            action=action,
        )

    def _act(self, conflict: Conflict, change: "apsw.TableChange") -> ConflictAction:
        if self._on_conflict is not None and (decision := self._on_conflict(conflict)) is not None:
            conflict = attrs.evolve(conflict, action=check_action(decision, conflict.cause))
        if conflict.action is ConflictAction.ABORT:
            self.error = self._violation(change) if not conflict.table else self._error(conflict)
        else:
            self._recorder.add_conflict(conflict)
        return conflict.action

    def _error(self, conflict: Conflict) -> ChangesetConflictError:
        changeset, reason = self._changeset, REASONS[conflict.cause]
        return ChangesetConflictError(
            changeset.path, reason, changeset.id, conflict.table, conflict.operation, conflict.key
        )

    def _violation(self, change: "apsw.TableChange") -> ChangesetConflictError:
        """Return an error that names a row with a missing parent row and states the number of such rows."""
        reason = f"{REASONS[ConflictCause.FOREIGN_KEY]} ({change.fk_conflicts} in all)"
        changeset = self._changeset
        listed = self._database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        for table in (*changeset.tables, *(str(name) for (name,) in listed.fetchall())):
            violation = self._database.execute(
                'SELECT "rowid", "parent" FROM pragma_foreign_key_check(?) LIMIT 1', (table,)
            ).fetchone()
            if violation is not None:
                row, parent = violation
                return ChangesetConflictError(
                    changeset.path, f"{reason}; this one refers to {parent}", changeset.id, table, "foreign key", (row,)
                )
        return ChangesetConflictError(changeset.path, reason, changeset.id, "an unknown table", "foreign key", ())

    def _values(self, read: "Callable[[], apsw.SQLiteValues | None]") -> tuple[Value, ...] | None:
        """Return the values of a row; None if there are none, empty if a string is not valid UTF-8."""
        try:
            values = read()
        except UnicodeDecodeError:
            return ()
        return None if values is None else tuple(NO_VALUE if each is self._apsw.no_change else each for each in values)

    def _key(self, table: str, values: tuple[Value, ...] | None) -> tuple[Value, ...]:
        return tuple(values[index] for index in self._changeset.tables[table].key_columns) if values else ()

    def _names(self, table: str) -> list[str]:
        names = self._columns.get(table)
        if names is None:
            rows = self._database.execute("SELECT name FROM pragma_table_info(?)", (table,))
            names = self._columns[table] = [name for (name,) in rows]
        return names
