"""Create a database at another point in the timeline by applying or reversing changesets."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from imodel_files._application import ChangesetApplier
from imodel_files._chain import ChainLink, VerifiedChangeset, verified_chain
from imodel_files._conflicts import ConflictHandler, ConflictPolicy
from imodel_files._database import check_at_rest, copied, load_apsw, opened
from imodel_files._derived import (
    SPATIAL_SOURCE,
    TEXT_SOURCE,
    rebuild_text_index,
    reset_id_sequences,
    update_spatial_index,
)
from imodel_files._errors import BrokenChainError, ChangesetApplyError
from imodel_files._limits import Limits
from imodel_files._place import (
    RecordedPlace,
    can_record_place,
    complete_for_opening,
    has_own_timeline,
    read_place,
    record_place,
)
from imodel_files._report import ApplyRecorder, ApplyReport

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_MAX_ELEMENTS = 100_000
"""If more elements may have changed, the whole spatial index is rebuilt."""
_NOT_UPDATED = (
    "not updated after schema changes: tables, columns and indexes that are described only in ec_Table, ec_Column and"
    " ec_Index, and the rows of dgn_Domain and dgn_Handler that the native library adds for the domains that it knows"
)


def apply(  # noqa: PLR0913 - the arguments of `apply_changesets`
    baseline: str | os.PathLike[str],
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None,
    reverse: bool,
    conflicts: ConflictPolicy,
    on_conflict: ConflictHandler | None,
    progress: Callable[[int, int], None] | None,
    limits: Limits,
) -> ApplyReport:
    """Apply changesets; see `apply_changesets`, which checks `conflicts`."""
    apsw = load_apsw()
    changesets = verified_chain(files, parent_id, limits)
    if reverse:
        _check_no_ddl(changesets)
    check_at_rest(Path(baseline))
    check_at_rest(Path(target))
    is_native = conflicts == "native"
    recorder = ApplyRecorder(limits.conflicts)
    with (
        copied(apsw, Path(baseline), Path(target)) as copy,
        opened(apsw, copy, os.fspath(baseline), limits) as database,
    ):
        route = _Route(changesets, reverse=reverse)
        applier = ChangesetApplier(
            apsw, database, recorder, policy=conflicts, on_conflict=on_conflict, limits=limits, reverse=reverse
        )
        if is_native:
            _enforce_foreign_keys(apsw, database, recorder)
        start = _start(database, route, os.fspath(baseline), check=is_native)
        changed = _ChangedElements(
            database, watch=is_native and any(SPATIAL_SOURCE in each.tables for each in changesets)
        )
        for done, changeset in enumerate(route.steps, 1):
            applier.run(changeset)
            if progress:
                progress(done, len(changesets))
        changed.stop()
        if changesets:
            _finish(database, route.end(start), recorder)
            if is_native:
                _derive(database, changesets, changed, recorder)
    return recorder.report(len(changesets), sum(each.total for each in changesets))


def _check_no_ddl(changesets: list[VerifiedChangeset]) -> None:
    for each in changesets:
        if each.prefix.ddl:
            raise ChangesetApplyError(each.path, f"changeset {each.id} contains DDL, which cannot be undone")


class _Route:
    """The changesets between two positions in a timeline."""

    def __init__(self, changesets: list[VerifiedChangeset], *, reverse: bool) -> None:
        self.is_reverse = reverse
        self.steps = changesets[::-1] if reverse else changesets

    @property
    def begin_id(self) -> str:
        """The id of the changeset that the database must be at; empty for the baseline."""
        first = self.steps[0]
        return first.id if self.is_reverse else first.parent_id

    def end(self, start: RecordedPlace | None) -> RecordedPlace:
        """Return the resulting position; its index is derived from any known index.

        Args:
            start: The position that the database records.
        """
        last = self.steps[-1]
        sign = -1 if self.is_reverse else 1
        end_id = last.parent_id if self.is_reverse else last.id
        if last.index is not None:
            return RecordedPlace(end_id, last.index - 1 if self.is_reverse else last.index)
        if not self.is_reverse and not self.begin_id:
            return RecordedPlace(end_id, len(self.steps))
        if start is not None and start.id == self.begin_id and start.index is not None:
            return RecordedPlace(end_id, start.index + sign * len(self.steps))
        return RecordedPlace(end_id, None)


def _enforce_foreign_keys(apsw: "ModuleType", database: "apsw.Connection", recorder: ApplyRecorder) -> None:
    """Enforce foreign keys if the database can contain all rows that the changesets refer to."""
    if has_own_timeline(database):
        database.config(apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1)
    else:
        recorder.note(
            "foreign keys were not enforced, because the database belongs to no iTwin and thus to no timeline"
        )


def _start(database: "apsw.Connection", route: _Route, baseline: str, *, check: bool) -> RecordedPlace | None:
    """Return the position that the database records.

    Raises:
        BrokenChainError: The changesets do not start at this position.
    """
    start = read_place(database)
    if check and route.steps and start is not None and start.id != route.begin_id:
        raise BrokenChainError(
            baseline,
            f"the database is at changeset {start.id}, but the changesets start at {route.begin_id or 'the baseline'}."
            f" Pass the changesets {'up to' if route.is_reverse else 'after'} {start.id},"
            " or use conflicts='strict' if the recorded id is wrong",
        )
    return start


class _ChangedElements:
    """Records which of the rows that the spatial index is built from may have changed."""

    def __init__(self, database: "apsw.Connection", *, watch: bool) -> None:
        self._database = database
        self._ids: set[int] = set()
        if watch:
            database.set_update_hook(self._record)

    def _record(self, _operation: int, _database: str, table: str, row: int) -> None:
        if table == SPATIAL_SOURCE and len(self._ids) <= _MAX_ELEMENTS:
            self._ids.add(row)

    def stop(self) -> None:
        """Stop recording."""
        self._database.set_update_hook(None)

    @property
    def ids(self) -> set[int] | None:
        """The ids; None if there are too many."""
        return self._ids if len(self._ids) <= _MAX_ELEMENTS else None


def _finish(database: "apsw.Connection", end: RecordedPlace, recorder: ApplyRecorder) -> None:
    """Record the position in the database."""
    if not can_record_place(database):
        recorder.note("the database has no table be_Local, so its changeset was not recorded")
        return
    record_place(database, end)
    for missing in complete_for_opening(database):
        recorder.note(missing)


def _derive(
    database: "apsw.Connection", changesets: list[VerifiedChangeset], changed: _ChangedElements, recorder: ApplyRecorder
) -> None:
    """Update derived data that no changeset contains."""
    tables = {table for each in changesets for table in each.tables}
    if TEXT_SOURCE in tables:
        rebuild_text_index(database)
    if changed.ids is None or changed.ids:
        update_spatial_index(database, changed.ids)
    if can_record_place(database):
        reset_id_sequences(database)
        if any(each.has_schema_changes for each in changesets):
            recorder.note(_NOT_UPDATED)
