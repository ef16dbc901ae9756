"""Merge changesets into one."""

import os
from collections.abc import Iterable, Sequence

import attrs

from imodel_files._added_columns import added_column
from imodel_files._chain import ChainLink, VerifiedChangeset, verified_chain
from imodel_files._ddl import Statement, altered_table, dropped_table, folded, split_statements, unquoted
from imodel_files._ddl_merging import MergedDdl, moves_rows
from imodel_files._errors import ChangesetMergeError
from imodel_files._limits import Limits
from imodel_files._net_changes import NetChanges
from imodel_files._payload import open_payload
from imodel_files._session import SessionReader
from imodel_files._writing import WrittenChangeset, write_body


@attrs.frozen
class Merged:
    """Several changesets combined into one.

    Attributes:
        changes: The net changes.
        ddl: The DDL; None if there is none.
        has_schema_changes: Whether one of the changesets changes the schema.
    """

    changes: NetChanges
    ddl: str | None
    has_schema_changes: bool


def merge(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None,
    limits: Limits,
) -> WrittenChangeset:
    """Merge changesets; see `merge_changesets`."""
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
    """Verify changeset files and return at least one; a file without a link may have any name.

    Raises:
        ChangesetFileError: A file is invalid, does not match its id, or does not follow the one before it.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read.
    """
    changesets = verified_chain(files, parent_id, limits, allow_unnamed=True)
    if not changesets:
        raise ValueError("`files` must not be empty")
    return changesets


def merged_changes(changesets: Sequence[VerifiedChangeset], limits: Limits) -> Merged:
    """Merge consecutive changesets.

    Raises:
        ChangesetMergeError: The tables changed in a way that cannot be merged.
        SessionLimitError: The net changes are too large.
    """
    changes, ddl = NetChanges(limits), MergedDdl()
    for each in changesets:
        for statement in split_statements(each.prefix.ddl or ""):
            _follow(statement, changes, each)
            ddl.add(statement)
        _add(each, changes, limits)
    return Merged(changes, ddl.text, any(each.has_schema_changes for each in changesets))


def _follow(statement: Statement, changes: NetChanges, changeset: VerifiedChangeset) -> None:
    """Apply the effect of DDL on tables to their net changes."""
    dropped, name = dropped_table(statement), altered_table(statement)
    altered = None if name is None else unquoted(name)
    if dropped is not None:
        changes.drop_table(dropped)
    elif altered is None or not changes.knows(altered):
        return
    elif (column := added_column(statement)) is not None:
        changes.expect_column(column)
    elif moves_rows(statement):
        if changes.has_changes(altered):
            raise ChangesetMergeError(
                changeset.path,
                f"changeset {changeset.id} renames table {altered} or drops one of its columns, but earlier changesets"
                f" change its rows. Merge two ranges separately: the changesets before {changeset.id}, and those from"
                f" {changeset.id} on",
            )
        changes.drop_table(altered)


def _add(changeset: VerifiedChangeset, changes: NetChanges, limits: Limits) -> None:
    with open_payload(changeset.path, limits) as payload:
        reader = SessionReader(payload.body, changeset.path, payload.body_offset, limits, "surrogateescape")
        counts: dict[str, int] = {}
        while (header := reader.next_table()) is not None:
            if counts.setdefault(folded(header.name), header.column_count) != header.column_count:
                raise ChangesetMergeError(
                    changeset.path, f"it describes table {header.name} twice, with different columns"
                )
            table = changes.table(header, changeset.path)
            for change in reader.read_changes(header):
                changes.add(table, change, changeset.path)
