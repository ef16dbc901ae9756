"""The entry point for applying changesets. The implementation is imported on first use: most users only read."""

import os
from collections.abc import Callable, Iterable
from typing import get_args

from imodel_files._chain import ChainLink
from imodel_files._conflicts import ConflictHandler, ConflictPolicy
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._report import ApplyReport


def apply_changesets(  # noqa: PLR0913 - the options are independent
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
    """Create a database at another point in the timeline, from a database and the changesets in between.

    First, the id and the position of every file are verified. Then the changesets are applied to a copy of the
    database: for each one its DDL, then the rows that describe the schema, then all others (with ``"strict"``, all rows
    in the order of the file). Finally, the copy is renamed to `target`; after an error, it is removed.

    Real timelines may contain changes that conflict with the result of the preceding changesets. By default, they are
    applied as the native library of iTwin.js does: the last change wins, and changes that cannot be applied are
    skipped. The report lists the overridden and the skipped changes.

    Triggers do not fire, because a changeset contains their effects. The database records its changeset in the same way
    as iTwin.js. Derived data that changesets do not contain, such as the spatial and text indexes, is updated unless
    `conflicts` is ``"strict"``; the notes of the report list what was not updated.

    Requires the extra ``checkpoint``.

    Args:
        baseline: The database to start from; it is only read. It must be at the parent of the first changeset or,
            with `reverse`, at the last changeset.
        files: Changeset files in the order of the timeline, even with `reverse`. A file without a `ChainLink` must be
            named by its id, ``<id>.cs``, and follows the file before it.
        target: The database to write; an existing one is replaced. May be the baseline itself.
        parent_id: The id of the parent of the first file. None uses the parent in the first `ChainLink`; if the
            first file is a path, it means that there is no parent.
        reverse: Whether to undo the changesets, from the last file to the first. DDL cannot be undone.
        conflicts: How to resolve conflicts. ``"native"``: an update or delete of a row with other values, and an insert
            of an existing row, are applied anyway; an update or delete of a missing row, and a change that violates a
            constraint, are skipped; references to rows that are missing at the end are an error. Tables that are
            missing, or have fewer columns or another key, are skipped, and so is DDL that already took effect.
            ``"strict"``: the first of these is an error; foreign keys are not checked.
        on_conflict: Called for each conflicting change; returns how to resolve it, or None to apply `conflicts`.
        progress: Called after each changeset with the number of applied changesets and their total number.
        limits: Limits on the size, memory and time that reading a file may take; see `Limits` for the defaults.

    Returns:
        A report with the conflicts and their resolutions.

    Raises:
        BrokenChainError: A file does not follow the one before it, or, unless `conflicts` is ``"strict"``, the database
            records another changeset.
        ChangesetIdMismatchError: The content of a file does not match its id.
        ChangesetConflictError: A change conflicts with the database.
        ChangesetApplyError: A changeset cannot be applied for another reason: its DDL fails, cannot be
            undone, or does more than create, alter or drop tables, indexes, views and triggers; a table belongs to a
            virtual table; the file is not a database, or is in use.
        ChangesetFileError: A file is not a complete changeset file, or exceeds the limits.
        ImportError: The extra is not installed.
        ValueError: An id is not 40 hex digits, a file without a link is not named by its id, `conflicts` is unknown, or
            `on_conflict` returns an impossible action.
        OSError: A file cannot be read or written.
    """
    if conflicts not in get_args(ConflictPolicy):
        raise ValueError(f"`conflicts` must be one of {', '.join(get_args(ConflictPolicy))}, not {conflicts!r}")
    from imodel_files._applying import apply  # noqa: PLC0415 - see above

    return apply(
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
