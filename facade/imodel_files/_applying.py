"""Moving a database along the timeline, by applying changesets or undoing them."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from imodel_files._application import Application
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
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._place import Place, can_note_place, complete_for_opening, has_own_timeline, note_place, read_place
from imodel_files._report import ApplyRecorder, ApplyReport

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_MOST_ELEMENTS = 100_000
"""If more may have changed, the whole spatial index is derived anew."""
_NOT_UPDATED = (
    "after a changeset of the schema, these are as the changesets left them: tables, columns and indexes that only"
    " ec_Table, ec_Column and ec_Index describe, empty rows of overflow tables, and rows of dgn_Domain and dgn_Handler"
    " that the vendor's library adds for the domains it knows"
)


def apply_changesets(  # noqa: PLR0913 - each is a fact about the way to go
    baseline: str | os.PathLike[str],
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    reverse: bool = False,
    conflicts: ConflictPolicy = "native",
    on_conflict: ConflictHandler | None = None,
    progress: Callable[[int, int], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ApplyReport:
    """Create a database at another point of the timeline, from one database and the changesets in between.

    First every file is checked for its id and its place; then the changesets are applied to a copy: of each the DDL,
    then the rows that describe the schema, then all others. The copy gets the name of the target when all is done;
    after an error it is removed.

    Timelines hold changes that do not fit what the changesets before them left. By default they are applied as the
    vendor's library applies them: the last change wins, and what cannot be applied is skipped. The report lists both.

    Triggers do not fire: a changeset holds what they did when it was made. The database notes which changeset it is at
    as iTwin.js does. What an iModel derives from its tables and no changeset records is brought up to date, unless
    `conflicts` is ``"strict"``; the notes of the report name the rest.

    Needs the extra ``checkpoint``.

    Args:
        baseline: The database to begin with; it is only read. Forwards it stands before the first of the files,
            backwards after the last.
        files: Changeset files in the order of the timeline, also backwards. A file without a `ChainLink` is named by
            its id, ``<id>.cs``, and follows the file before it.
        target: The database to write; an existing one is replaced. May be the baseline itself.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        reverse: Undo the changes, from the last file to the first. DDL cannot be undone.
        conflicts: What is done about changes that do not fit. ``"native"``: an update or delete of a row with other
            values and an insert of a row that exists are applied over it; an update or delete of a missing row, and
            what a constraint forbids, are skipped; rows that refer to missing rows in the end are an error. Tables that
            are missing or have other columns are skipped, and so is DDL whose effect is there already. ``"strict"``:
            the first of these is an error; foreign keys are not checked.
        on_conflict: Called for each change that does not fit; returns what to do about it, or None to follow
            `conflicts`.
        progress: Called after each changeset with how many are done, and of how many.
        limits: What each file may claim.

    Returns:
        What did not fit, and what was done about it.

    Raises:
        BrokenChainError: A file does not follow the one before it, or, unless strict, the database notes that it is at
            another changeset.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetConflictError: A change does not fit the database.
        ChangesetApplyError: A changeset cannot be applied for another reason: DDL that does more than define, fails or
            cannot be undone, a table that holds the index of another one, a file that is not a database or is in use.
        ChangesetFileError: A file is not a whole changeset file, or not within the limits.
        ImportError: The extra is not installed.
        ValueError: An id is not 40 hex digits, a file without a link is not named by its id, `conflicts` is unknown, or
            `on_conflict` returns what is not possible.
        OSError: A file cannot be read or written.
    """
    if conflicts not in get_args(ConflictPolicy):
        raise ValueError(f"conflicts: {conflicts!r} is unknown; use one of {', '.join(get_args(ConflictPolicy))}")
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
        way = _Way(changesets, reverse=reverse)
        application = Application(
            apsw, database, recorder, policy=conflicts, on_conflict=on_conflict, limits=limits, reverse=reverse
        )
        if is_native:
            _enforce_foreign_keys(apsw, database, recorder)
        start = _start(database, way, os.fspath(baseline), check=is_native)
        changed = _ChangedElements(
            database, watch=is_native and any(SPATIAL_SOURCE in each.tables for each in changesets)
        )
        for done, changeset in enumerate(way.steps, 1):
            application.run(changeset)
            if progress:
                progress(done, len(changesets))
        changed.stop()
        if changesets:
            _finish(database, way.end(start), recorder)
            if is_native:
                _derive(database, changesets, changed, recorder)
    return recorder.report(len(changesets), sum(each.total for each in changesets))


def _check_no_ddl(changesets: list[VerifiedChangeset]) -> None:
    for each in changesets:
        if each.prefix.ddl:
            raise ChangesetApplyError(each.path, f"changeset {each.id} changes tables (DDL), which cannot be undone")


class _Way:
    """The changesets between two places of a timeline."""

    def __init__(self, changesets: list[VerifiedChangeset], *, reverse: bool) -> None:
        self._reverse = reverse
        self.steps = changesets[::-1] if reverse else changesets

    @property
    def begin_id(self) -> str:
        """The changeset that the database must be at; empty for none."""
        first = self.steps[0]
        return first.id if self._reverse else first.parent_id

    def end(self, start: Place | None) -> Place:
        """Return where the way leads to; the index follows from any index that is known.

        Args:
            start: Where the database says it is.
        """
        last = self.steps[-1]
        sign = -1 if self._reverse else 1
        end_id = last.parent_id if self._reverse else last.id
        if last.index is not None:
            return Place(end_id, last.index - 1 if self._reverse else last.index)
        if not self._reverse and not self.begin_id:
            return Place(end_id, len(self.steps))
        if start is not None and start.id == self.begin_id and start.index is not None:
            return Place(end_id, start.index + sign * len(self.steps))
        return Place(end_id, None)


def _enforce_foreign_keys(apsw: "ModuleType", database: "apsw.Connection", recorder: ApplyRecorder) -> None:
    """Enforce foreign keys if the database can have all rows that the changesets refer to."""
    if has_own_timeline(database):
        database.config(apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1)
    else:
        recorder.note("the database belongs to no iTwin, so it is no timeline's own: foreign keys were not enforced")


def _start(database: "apsw.Connection", way: _Way, baseline: str, *, check: bool) -> Place | None:
    """Return where the database says it is.

    Raises:
        BrokenChainError: That is not where the way begins.
    """
    start = read_place(database)
    if check and way.steps and start is not None and start.id != way.begin_id:
        raise BrokenChainError(
            baseline,
            f"it notes that it is at changeset {start.id}, but the changesets begin at {way.begin_id or 'none'}."
            " Give the changesets that follow the noted one, or use conflicts='strict' if the note is wrong",
        )
    return start


class _ChangedElements:
    """Watches which rows of the spatial index's source may have changed."""

    def __init__(self, database: "apsw.Connection", *, watch: bool) -> None:
        self._database = database
        self._ids: set[int] = set()
        if watch:
            database.set_update_hook(self._see)

    def _see(self, _operation: int, _database: str, table: str, row: int) -> None:
        if table == SPATIAL_SOURCE and len(self._ids) <= _MOST_ELEMENTS:
            self._ids.add(row)

    def stop(self) -> None:
        """Watch no longer."""
        self._database.set_update_hook(None)

    @property
    def ids(self) -> set[int] | None:
        """The ids; None if they are too many."""
        return self._ids if len(self._ids) <= _MOST_ELEMENTS else None


def _finish(database: "apsw.Connection", end: Place, recorder: ApplyRecorder) -> None:
    """Note where the database is."""
    if not can_note_place(database):
        recorder.note("the database has no table be_Local, so which changeset it is at is not noted in it")
        return
    note_place(database, end)
    for missing in complete_for_opening(database):
        recorder.note(missing)


def _derive(
    database: "apsw.Connection", changesets: list[VerifiedChangeset], changed: _ChangedElements, recorder: ApplyRecorder
) -> None:
    """Bring up to date what no changeset records."""
    tables = {table for each in changesets for table in each.tables}
    if TEXT_SOURCE in tables:
        rebuild_text_index(database)
    if changed.ids is None or changed.ids:
        update_spatial_index(database, changed.ids)
    if can_note_place(database):
        reset_id_sequences(database)
        if any(each.prefix.contains_schema_changes for each in changesets):
            recorder.note(_NOT_UPDATED)
