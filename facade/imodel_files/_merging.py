"""Merging changesets into one."""

import os
from collections.abc import Iterable, Sequence

import attrs

from imodel_files._added_columns import added_column
from imodel_files._chain import ChainLink, VerifiedChangeset, verified_chain
from imodel_files._ddl import Statement, altered_table, dropped_table, split_statements, unquoted
from imodel_files._ddl_merging import MergedDdl, moves_rows
from imodel_files._errors import ChangesetMergeError
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._net_changes import NetChanges
from imodel_files._payload import open_payload
from imodel_files._session import SessionReader
from imodel_files._writing import WrittenChangeset, write_body


@attrs.frozen
class Merged:
    """Several changesets as one.

    Attributes:
        changes: Their net changes.
        ddl: Their DDL; None if they have none.
        has_schema_changes: Whether one of them changes the schema.
    """

    changes: NetChanges
    ddl: str | None
    has_schema_changes: bool


def merge_changesets(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write one changeset that has the effect of several which follow one another.

    Rows are merged as SQLite's change groups merge them. A row that is inserted and then updated is inserted with the
    last values; inserted and then deleted, it is not in the result; deleted and then inserted again, it is updated, or
    not in the result if it is as before. A change that is impossible after an earlier one, such as a second insert, is
    ignored. A change of the result is indirect if all changes of its row are.

    The DDL of all changesets comes first, in its order; of the definitions of one index only the last stays. A table
    may gain columns on the way: rows from before get the default values that the DDL states. The changes of a table are
    dropped where DDL drops it.

    Memory holds the net changes: at most `Limits.memory` bytes.

    Args:
        files: Changeset files in the order of the timeline. Each follows the one before it. A file without a
            `ChainLink` that is named by its id, ``<id>.cs``, is verified; the id of any other is computed.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        limits: What each file may claim.

    Returns:
        The changeset. Its parent is that of the first file.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetMergeError: A table that was changed is renamed, loses a column, or gets another key or columns with
            unknown default values.
        ChangesetFileError: A file is not a whole changeset file, or something is not within the limits.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    changesets = chain_of(files, parent_id, limits)
    merged = merged_changes(changesets, limits)
    return write_body(
        target,
        merged.changes.session(),
        parent_id=changesets[0].parent_id,
        ddl=merged.ddl,
        has_schema_changes=merged.has_schema_changes,
        limits=limits,
    )


def chain_of(
    files: Iterable[ChainLink | str | os.PathLike[str]], parent_id: str | None, limits: Limits
) -> list[VerifiedChangeset]:
    """Return at least one changeset; a file without a link may have any name.

    Raises:
        ChangesetFileError: A file is invalid, does not match its id, or does not follow the one before it.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read.
    """
    changesets = verified_chain(files, parent_id, limits, allow_unnamed=True)
    if not changesets:
        raise ValueError("files must not be empty")
    return changesets


def merged_changes(changesets: Sequence[VerifiedChangeset], limits: Limits) -> Merged:
    """Merge changesets that follow one another.

    Raises:
        ChangesetMergeError: Their tables changed in a way that cannot be merged.
        SessionLimitError: The net changes are too large.
    """
    changes, ddl = NetChanges(limits), MergedDdl()
    for each in changesets:
        for statement in split_statements(each.prefix.ddl or ""):
            _follow(statement, changes, each)
            ddl.add(statement)
        _add(each, changes, limits)
    return Merged(changes, ddl.text, any(each.prefix.contains_schema_changes for each in changesets))


def _follow(statement: Statement, changes: NetChanges, changeset: VerifiedChangeset) -> None:
    """Do to the net changes what DDL does to their tables."""
    dropped, altered, column = dropped_table(statement), altered_table(statement), added_column(statement)
    if dropped is not None:
        changes.drop_table(dropped)
    elif column is not None:
        changes.expect_column(column)
    elif altered is not None and moves_rows(statement) and changes.has_changes(unquoted(altered)):
        raise ChangesetMergeError(
            changeset.path,
            f"changeset {changeset.id} renames the table {unquoted(altered)} or drops a column of it, and changesets"
            " before it change its rows. Merge those before it and those from it on separately",
        )


def _add(changeset: VerifiedChangeset, changes: NetChanges, limits: Limits) -> None:
    with open_payload(changeset.path, limits) as payload:
        reader = SessionReader(payload.body, changeset.path, payload.body_offset, limits, "surrogateescape")
        while (header := reader.next_table()) is not None:
            table = changes.table(header, changeset.path)
            for change in reader.read_changes(header):
                changes.add(table, change, changeset.path)
