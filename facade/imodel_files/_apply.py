"""The way into applying changesets. What does the work is loaded when it is first needed: most users only read."""

import os
from collections.abc import Callable, Iterable
from typing import get_args

from imodel_files._chain import ChainLink
from imodel_files._conflicts import ConflictHandler, ConflictPolicy
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._report import ApplyReport


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
    from imodel_files._applying import applied  # noqa: PLC0415 - see above

    return applied(
        baseline,
        files,
        target,
        parent_id=parent_id,
        reverse=reverse,
        conflicts=conflicts,
        on_conflict=on_conflict,
        progress=progress,
        limits=limits,
    )
