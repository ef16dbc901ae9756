"""Run the DDL of a changeset so that it can only define tables, indexes, views and triggers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from imodel_files._chain import VerifiedChangeset
from imodel_files._ddl import (
    Statement,
    created_index,
    folded,
    has_taken_effect,
    lacks_table,
    native_order,
    split_statements,
)
from imodel_files._errors import ChangesetApplyError
from imodel_files._limits import Limits
from imodel_files._place import has_columns
from imodel_files._report import ApplyRecorder, SkippedStatement

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_CHECKING_PRAGMA: Final = "quick_check"
"""SQLite runs it automatically when a column with a constraint is added."""
_TEMPORARY: Final = "temp"
"""The schema whose triggers fire even if those of the database do not."""
_TEMPORARY_SCHEMA: Final = "sqlite_temp_master"
"""SQLite reads and updates it when a table or column is renamed or dropped."""
_STEPS_BETWEEN_CHECKS: Final = 10_000
_SHOWN: Final = 60
_MODULES: Final = frozenset({"rtree", "rtree_i32", "fts5"})
"""The virtual table modules that an iModel uses."""


@contextmanager
def timed(database: "apsw.Connection", seconds: float) -> Iterator[None]:
    """Interrupt the statements of the block after a time limit; `apsw.InterruptError` is then raised."""
    end = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() >= end, _STEPS_BETWEEN_CHECKS)
    try:
        yield
    finally:
        database.set_progress_handler(None)


class DdlRunner:
    """Runs the DDL of one changeset."""

    def __init__(
        self, apsw: "ModuleType", database: "apsw.Connection", changeset: VerifiedChangeset, limits: Limits
    ) -> None:
        """Create the runner for a database and a changeset."""
        self._apsw = apsw
        self._database = database
        self._changeset = changeset
        self._limits = limits
        self._can_select = self._can_alter = False
        self._postponed: list[Statement] = []

    def run(self, ddl: str, recorder: ApplyRecorder | None) -> None:
        """Run the statements.

        Args:
            ddl: The statements.
            recorder: Records statements that fail because they already took effect, because the table is missing or,
                if other iModels share the schema, for any other reason. Indexes are created last, as in the native
                library; a unique index that the rows violate is left to `run_postponed`. With None, the order is kept,
                and the first failure is an error.

        Raises:
            ChangesetApplyError: A statement is not a definition, fails, or takes too long.
        """
        if "\0" in ddl:
            raise self._error("its DDL contains a NUL character")
        statements = split_statements(ddl)
        for each in statements:
            if not each.is_definition:
                raise self._error(
                    f"its DDL may only define tables, indexes, views and triggers, but contains {_shown(each)}"
                )
        is_schema_shared = False
        if recorder is not None:
            statements = native_order(statements, self._indexes())
            is_schema_shared = self._is_schema_shared()
        with self._guarded():
            for each in statements:
                self._try(each, recorder, is_schema_shared=is_schema_shared)

    def run_postponed(self, recorder: ApplyRecorder) -> None:
        """Create the unique indexes that the rows violated before the changes; record those still violated."""
        with self._guarded():
            for each in self._postponed:
                try:
                    self._database.execute(each.text)
                except self._apsw.ConstraintError as error:
                    self._skip(each, str(error), recorder)

    def _try(self, statement: Statement, recorder: ApplyRecorder | None, *, is_schema_shared: bool) -> None:
        self._can_alter = statement.has_kind("ALTER")
        self._can_select = self._can_alter or statement.has_kind("CREATE", "VIRTUAL")
        try:
            self._database.execute(statement.text).fetchall()
        except self._apsw.ConstraintError as error:
            if recorder is None or created_index(statement) is None:
                raise self._error(f"its DDL {_shown(statement)} fails: {error}") from error
            self._postponed.append(statement)
        except self._apsw.SQLError as error:
            reason = str(error)
            if recorder is None or not (is_schema_shared or has_taken_effect(reason) or lacks_table(reason)):
                raise self._error(f"its DDL {_shown(statement)} fails: {reason}") from error
            self._skip(statement, reason, recorder)

    def _skip(self, statement: Statement, reason: str, recorder: ApplyRecorder) -> None:
        recorder.skip_statement(
            SkippedStatement(changeset_id=self._changeset.id, statement=statement.text, reason=reason)
        )

    def _indexes(self) -> dict[str, str]:
        rows = self._database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        return {folded(name): text for name, text in rows}

    def _is_schema_shared(self) -> bool:
        """Return whether other iModels share the schema; DDL may then be repeated, or precede its tables."""
        if not has_columns(self._database, "be_Prop", "Namespace", "Name"):
            return False
        cursor = self._database.execute("SELECT 1 FROM be_Prop WHERE Namespace = 'ec_Db' AND Name = 'localDbInfo'")
        return cursor.fetchone() is not None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Restrict the statements of the block. Dropping a table does not affect rows that refer to it.

        The changes that a foreign key made to such rows are in the changeset; the table may get the same rows again.
        """
        option = self._apsw.SQLITE_DBCONFIG_ENABLE_FKEY
        is_enforced = self._database.config(option, -1)
        self._database.config(option, 0)
        self._database.authorizer = self._authorize
        try:
            with timed(self._database, self._limits.ddl_seconds):
                yield
        except self._apsw.InterruptError as error:
            raise self._error(f"its DDL took longer than {self._limits.ddl_seconds} s (Limits.ddl_seconds)") from error
        finally:
            self._database.authorizer = None
            self._database.config(option, is_enforced)

    def _authorize(self, action: int, name: str | None, second: str | None, schema: str | None, _: str | None) -> int:
        """Restrict SQL from a file to the database that it is for."""
        apsw = self._apsw
        refused = (
            action
            in {
                apsw.SQLITE_ATTACH,
                apsw.SQLITE_DETACH,
                apsw.SQLITE_TRANSACTION,
                apsw.SQLITE_SAVEPOINT,
                apsw.SQLITE_RECURSIVE,
            }
            or (schema == _TEMPORARY and not (self._can_alter and name == _TEMPORARY_SCHEMA))
            or (action == apsw.SQLITE_PRAGMA and name != _CHECKING_PRAGMA)
            or (action == apsw.SQLITE_SELECT and not self._can_select)
            or (action == apsw.SQLITE_CREATE_VTABLE and (second or "").lower() not in _MODULES)
        )
        decision: int = apsw.SQLITE_DENY if refused else apsw.SQLITE_OK
        return decision

    def _error(self, reason: str) -> ChangesetApplyError:
        return ChangesetApplyError(self._changeset.path, f"changeset {self._changeset.id}: {reason}")


def _shown(statement: Statement) -> str:
    text = statement.text
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
