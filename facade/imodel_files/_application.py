"""Apply one changeset to a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from imodel_files._chain import VerifiedChangeset
from imodel_files._change import INSERT_CODE, TableHeader
from imodel_files._conflict_handling import ConflictHandling
from imodel_files._conflicts import ConflictHandler, ConflictPolicy
from imodel_files._ddl import folded
from imodel_files._ddl_running import DdlRunner, timed
from imodel_files._derived import add_overflow_rows, rebuild_schema_caches
from imodel_files._errors import ChangesetApplyError
from imodel_files._limits import Limits
from imodel_files._payload import open_payload
from imodel_files._report import ApplyRecorder, SkippedTable
from imodel_files._schema_rows import CACHE_PREFIX, can_hold_schema_rows, is_schema_row, schema_session

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_STATISTICS: Final = "sqlite_stat1"
_STATISTICS_KEY: Final = (0, 1)
"""The query planner's table has no key; the session extension treats ``tbl`` and ``idx`` as its key."""


class ChangesetApplier:
    """Applies changesets one by one."""

    def __init__(  # noqa: PLR0913 - the options of `apply_changesets`
        self,
        apsw: "ModuleType",
        database: "apsw.Connection",
        recorder: ApplyRecorder,
        *,
        policy: ConflictPolicy,
        on_conflict: ConflictHandler | None,
        limits: Limits,
        reverse: bool,
    ) -> None:
        """Prepare to apply changesets to a database."""
        self._apsw = apsw
        self._database = database
        self._recorder = recorder
        self._policy = policy
        self._on_conflict = on_conflict
        self._limits = limits
        self._reverse = reverse

    def run(self, changeset: VerifiedChangeset) -> None:
        """Apply a changeset, or reverse it.

        Raises:
            ChangesetConflictError: A change conflicts with the database.
            ChangesetApplyError: It cannot be applied for another reason.
        """
        handling = ConflictHandling(
            self._apsw, self._database, changeset, self._recorder, policy=self._policy, on_conflict=self._on_conflict
        )
        with self._errors_of(changeset, handling):
            runner = DdlRunner(self._apsw, self._database, changeset, self._limits)
            if changeset.prefix.ddl:
                runner.run(changeset.prefix.ddl, self._recorder if self._policy == "native" else None)
            for table in changeset.tables.values():
                self._check_table(changeset, table)
            if self._policy == "native":
                self._apply_natively(changeset, handling)
                runner.run_postponed(self._recorder)
            else:
                self._apply(changeset, handling)

    @contextmanager
    def _errors_of(self, changeset: VerifiedChangeset, handling: ConflictHandling) -> Iterator[None]:
        """Convert SQLite errors, except that of a full disk, which `opened` converts."""
        try:
            yield
        except self._apsw.FullError:
            raise
        except self._apsw.TooBigError as error:
            raise ChangesetApplyError(
                changeset.path,
                f"changeset {changeset.id}: a row exceeds {self._limits.values} bytes (Limits.values)",
            ) from error
        except self._apsw.Error as error:
            reason = f"changeset {changeset.id}: it cannot be applied: {error}"
            raise handling.error or ChangesetApplyError(changeset.path, reason) from error

    def _apply_natively(self, changeset: VerifiedChangeset, handling: ConflictHandling) -> None:
        """Apply a changeset; rows that describe the schema are applied first."""
        apsw = self._apsw
        flags = apsw.SQLITE_CHANGESETAPPLY_NOSAVEPOINT
        no_action = apsw.SQLITE_CHANGESETAPPLY_FKNOACTION
        if not changeset.has_schema_changes:
            self._apply(changeset, handling, flags | no_action)
            return
        if self._reverse or _updates_caches(changeset):
            flags |= no_action
        if any(map(can_hold_schema_rows, changeset.tables)):
            rows = schema_session(changeset, self._limits, reverse=self._reverse)
            self._apply_session(rows, handling, flags | apsw.SQLITE_CHANGESETAPPLY_IGNORENOOP)
        self._apply(changeset, handling, flags, _is_data)
        self._derive(changeset)

    def _derive(self, changeset: VerifiedChangeset) -> None:
        """Update what is derived from the rows that describe the schema."""
        seconds = self._limits.ddl_seconds
        try:
            with timed(self._database, seconds):
                rebuild_schema_caches(self._database)
                if not self._reverse:
                    add_overflow_rows(self._database)
        except self._apsw.InterruptError as error:
            raise self._error(
                changeset,
                f"updating the data derived from the schema took longer than {seconds} s (Limits.ddl_seconds)",
            ) from error

    def _apply(
        self,
        changeset: VerifiedChangeset,
        handling: ConflictHandling,
        flags: int = 0,
        is_wanted: "Callable[[apsw.TableChange], bool] | None" = None,
    ) -> None:
        with open_payload(changeset.path, self._limits) as payload:
            self._apply_session(payload.body, handling, flags, is_wanted)

    def _apply_session(
        self,
        blocks: Iterator[bytes],
        handling: ConflictHandling,
        flags: int,
        is_wanted: "Callable[[apsw.TableChange], bool] | None" = None,
    ) -> None:
        apsw = self._apsw
        apsw.Changeset.apply(
            _Source(blocks).read,
            self._database,
            filter_change=is_wanted,
            conflict=handling.decide,
            flags=flags | (apsw.SQLITE_CHANGESETAPPLY_INVERT if self._reverse else 0),
        )

    def _check_table(self, changeset: VerifiedChangeset, table: TableHeader) -> None:
        """Check that a table is suitable for its changes; SQLite would skip an unsuitable one silently.

        Raises:
            ChangesetApplyError: It is unsuitable and the policy is strict, or it belongs to a virtual table.
        """
        if owner := self._owner_of_shadow(table.name):
            raise self._error(
                changeset,
                f"{table.name} belongs to the virtual table {owner}, so only SQLite may write to it. Exclude all"
                f" {owner}_… tables when recording changes (apsw.Session.table_filter), and rebuild {owner} after"
                " applying the changeset",
            )
        reason = self._misfit(table)
        if reason is None:
            return
        if self._policy == "strict":
            raise self._error(changeset, reason)
        count = changeset.changes_of(table.name)
        if count:
            self._recorder.skip_table(
                SkippedTable(changeset_id=changeset.id, table=table.name, reason=reason, count=count)
            )

    def _owner_of_shadow(self, table: str) -> str | None:
        """Return the virtual table that a shadow table belongs to; None for other tables."""
        kind = self._database.execute(
            "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE", (table,)
        ).get
        if kind != "shadow":
            return None
        owners = self._database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'")
        fitting = [name for (name,) in owners if folded(table).startswith(f"{folded(name)}_")]
        return max(fitting, key=len, default=table)

    def _misfit(self, table: TableHeader) -> str | None:
        places = [place for (place,) in self._database.execute("SELECT pk FROM pragma_table_info(?)", (table.name,))]
        keys = tuple(index for _, index in sorted((place, index) for index, place in enumerate(places) if place))
        if table.name.lower() == _STATISTICS and not keys:
            keys = _STATISTICS_KEY
        if not places:
            return f"no table named {table.name} in the database"
        if len(places) < table.column_count:
            return f"{table.name} has {len(places)} columns; its changes have {table.column_count}"
        if keys != table.key_columns:
            return f"the primary key of {table.name} differs from that in the changeset"
        return None

    @staticmethod
    def _error(changeset: VerifiedChangeset, reason: str) -> ChangesetApplyError:
        return ChangesetApplyError(changeset.path, f"changeset {changeset.id}: {reason}")


def _updates_caches(changeset: VerifiedChangeset) -> bool:
    """Return whether the changeset updates or deletes rows of the schema caches.

    If so, it contains the effects of foreign key actions on them; otherwise, the actions must run.
    """
    return any(
        head[0] != INSERT_CODE
        for table, counts in changeset.counts.items()
        if table.lower().startswith(CACHE_PREFIX)
        for head in counts
    )


def _is_data(change: "apsw.TableChange") -> bool:
    """Return whether a row is not part of the schema's description."""
    if not can_hold_schema_rows(change.name):
        return True
    try:
        values = change.new if change.old is None else change.old
    except UnicodeDecodeError:
        values = None
    return not is_schema_row(change.name, values or ())


class _Source:
    """Returns the bytes of blocks in pieces of at most the requested size."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; an empty result at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)
