"""Running the DDL of a changeset so that it can define tables, indexes, views and triggers, and nothing else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from imodel_files._chain import VerifiedChangeset
from imodel_files._ddl import Statement, is_effect_there, lacks_table, native_order, split_statements
from imodel_files._errors import ChangesetApplyError
from imodel_files._limits import Limits
from imodel_files._place import has_columns
from imodel_files._report import ApplyRecorder, SkippedStatement

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_CHECKING_PRAGMA: Final = "quick_check"
"""SQLite runs it by itself when a column with a constraint is added."""
_TEMPORARY: Final = "temp"
"""The schema whose triggers fire even where those of the database do not."""
_STEPS_BETWEEN_LOOKS: Final = 10_000
_SHOWN: Final = 60
_MODULES: Final = frozenset({"rtree", "rtree_i32", "fts5"})
"""Virtual tables that an iModel has."""


class DdlRunner:
    """Runs the DDL of one changeset."""

    def __init__(
        self, apsw: "ModuleType", database: "apsw.Connection", changeset: VerifiedChangeset, limits: Limits
    ) -> None:
        """Prepare to run DDL on a database."""
        self._apsw = apsw
        self._database = database
        self._changeset = changeset
        self._limits = limits
        self._can_select = False

    def run(self, ddl: str, recorder: ApplyRecorder | None) -> None:
        """Run statements.

        Args:
            ddl: The statements.
            recorder: Notes what fails because its effect is there, or because the table is missing; the indexes come
                last, as the native library runs them. If None, the order stays and the first failure is an error.

        Raises:
            ChangesetApplyError: A statement is no definition, fails, or takes too long.
        """
        if "\0" in ddl:
            raise self._error("its DDL contains a NUL character")
        statements = split_statements(ddl)
        for each in statements:
            if not each.is_definition:
                raise self._error(f"its DDL may only define tables, indexes, views and triggers, not {_shown(each)}")
        is_schema_shared = False
        if recorder is not None:
            statements = native_order(statements, self._indexes())
            is_schema_shared = self._is_schema_shared()
        with self._guarded():
            for each in statements:
                self._try(each, recorder, is_schema_shared=is_schema_shared)

    def _try(self, statement: Statement, recorder: ApplyRecorder | None, *, is_schema_shared: bool) -> None:
        self._can_select = statement.has_kind("ALTER") or statement.has_kind("CREATE", "VIRTUAL")
        try:
            self._database.execute(statement.text).fetchall()
        except self._apsw.SQLError as error:
            reason = str(error)
            if recorder is None or not (is_schema_shared or is_effect_there(reason) or lacks_table(reason)):
                raise self._error(f"its DDL {_shown(statement)} fails: {reason}") from error
            skipped = SkippedStatement(changeset_id=self._changeset.id, statement=statement.text, reason=reason)
            recorder.skip_statement(skipped)

    def _indexes(self) -> dict[str, str]:
        rows = self._database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL")
        return {name.lower(): text for name, text in rows}

    def _is_schema_shared(self) -> bool:
        """Return whether several iModels share a schema; DDL may then come more than once, or too early."""
        if not has_columns(self._database, "be_Prop", "Namespace", "Name"):
            return False
        found = self._database.execute("SELECT 1 FROM be_Prop WHERE Namespace = 'ec_Db' AND Name = 'localDbInfo'")
        return found.fetchone() is not None

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        end = time.monotonic() + self._limits.ddl_seconds
        self._database.authorizer = self._authorize
        self._database.set_progress_handler(lambda: time.monotonic() >= end, _STEPS_BETWEEN_LOOKS)
        try:
            yield
        except self._apsw.InterruptError as error:
            raise self._error(f"its DDL takes longer than {self._limits.ddl_seconds} s (Limits.ddl_seconds)") from error
        finally:
            self._database.authorizer = None
            self._database.set_progress_handler(None)

    def _authorize(self, action: int, name: str | None, second: str | None, schema: str | None, _: str | None) -> int:
        """Keep SQL from a file to the database it is for."""
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
            or schema == _TEMPORARY
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
