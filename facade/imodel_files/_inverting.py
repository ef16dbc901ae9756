"""The inverse of changesets."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from imodel_files._apply import apply_changesets
from imodel_files._chain import ChainLink, VerifiedChangeset
from imodel_files._ddl import Statement, dropped_table, split_statements
from imodel_files._ddl_merging import moves_rows
from imodel_files._diffing import diff_databases
from imodel_files._encoding import encode_change, encode_header
from imodel_files._errors import ChangesetInvertError
from imodel_files._fields import NO_VALUE, Value
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._merging import chain_of, merged_changes
from imodel_files._payload import open_payload
from imodel_files._session import Change, Operation, SessionReader
from imodel_files._writing import WrittenChangeset, write_body

_SHOWN = 60


def invert_changesets(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    database: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write one changeset that takes back changesets which follow one another.

    Inserts become deletes, deletes inserts, and updates exchange their old and new values; which changes are indirect
    stays. Several changesets are merged first, as `merge_changesets` does it.

    DDL is not taken back, as the vendor's library does not either: the tables, columns and indexes that the changesets
    made stay, the tables and columns empty. The notes of the result name the changesets with DDL. DDL that drops or
    renames a table, or drops a column, cannot be taken back at all, since no changeset holds the rows.

    Where changes do not fit what the changesets before them left, the files do not tell what was overridden or skipped.
    The inverse then leads to the values that the first change of each row was made from. With `database`, it leads back
    to that database exactly: the files are applied to a copy, and what they changed in it is inverted.

    A single file is inverted as a stream. For several, memory holds the net changes: at most `Limits.memory` bytes.

    Args:
        files: Changeset files in the order of the timeline. Each follows the one before it. A file without a
            `ChainLink` that is named by its id, ``<id>.cs``, is verified; the id of any other is computed.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        database: A database at the changeset before the first file; it is only read. Needs the extra ``checkpoint``,
            and for a while the space of the database once more.
        limits: What each file may claim.

    Returns:
        The changeset. Its parent is the last of the files, so that it can be pushed after it.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetApplyError: A changeset cannot be applied to the database.
        ChangesetInvertError: The DDL of a changeset cannot be taken back.
        ChangesetMergeError: The changesets cannot be merged.
        DatabaseDiffError: The database is in use.
        ChangesetFileError: A file is not a whole changeset file, or something is not within the limits.
        ImportError: The database needs the extra, which is not installed.
        ValueError: There are no files, or an id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    changesets = chain_of(files, parent_id, limits)
    _check_ddl(changesets)
    place = Path(target) if Path(target).is_dir() else Path(target).parent
    with _net_session(changesets, database, place, limits) as session:
        written = write_body(
            target,
            _inverted_session(session, changesets[-1].path, limits),
            parent_id=changesets[-1].id,
            ddl=None,
            has_schema_changes=any(each.prefix.contains_schema_changes for each in changesets),
            limits=limits,
        )
    notes = [f"the DDL of changeset {each.id} is not taken back" for each in changesets if each.prefix.ddl]
    return attrs.evolve(written, notes=tuple(notes))


def inverted(change: Change) -> Change:
    """Return the change that takes a change back."""
    if change.operation is Operation.INSERT:
        return attrs.evolve(change, operation=Operation.DELETE, old=change.new, new=None)
    if change.operation is Operation.DELETE:
        return attrs.evolve(change, operation=Operation.INSERT, old=None, new=change.old)
    keys = change.key_columns
    old, new = change.old or (), change.new or ()
    return attrs.evolve(change, old=_with_keys(new, old, keys), new=_without_keys(old, keys))


def _with_keys(values: Sequence[Value], keyed: Sequence[Value], keys: Sequence[int]) -> tuple[Value, ...]:
    return tuple(keyed[index] if index in keys else value for index, value in enumerate(values))


def _without_keys(values: Sequence[Value], keys: Sequence[int]) -> tuple[Value, ...]:
    return tuple(NO_VALUE if index in keys else value for index, value in enumerate(values))


def _check_ddl(changesets: Sequence[VerifiedChangeset]) -> None:
    for each in changesets:
        for statement in split_statements(each.prefix.ddl or ""):
            if dropped_table(statement) is not None or moves_rows(statement):
                raise ChangesetInvertError(
                    each.path, f"changeset {each.id}: its DDL cannot be taken back: {_shown(statement)}"
                )


def _shown(statement: Statement) -> str:
    text = statement.text
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


@contextmanager
def _net_session(
    changesets: Sequence[VerifiedChangeset], database: str | os.PathLike[str] | None, place: Path, limits: Limits
) -> Iterator[Iterator[bytes]]:
    """Yield what is to be inverted: the changes of a single file as they are, the net changes of several.

    Args:
        changesets: The changesets.
        database: What they are applied to, if their effect on it counts.
        place: The folder for the database that they lead to.
        limits: Bounds of the files.
    """
    if database is not None:
        with (
            TemporaryDirectory(dir=place, prefix=".invert-") as folder,
            _effect(changesets, database, Path(folder), limits) as session,
        ):
            yield session
    elif len(changesets) > 1:
        yield merged_changes(changesets, limits).changes.session()
    else:
        with open_payload(changesets[0].path, limits) as payload:
            yield payload.body


@contextmanager
def _effect(
    changesets: Sequence[VerifiedChangeset], database: str | os.PathLike[str], folder: Path, limits: Limits
) -> Iterator[Iterator[bytes]]:
    """Yield what changesets change in a database."""
    links = [ChainLink(each.path, each.id, each.parent_id, each.index) for each in changesets]
    apply_changesets(database, links, folder / "after.bim", limits=limits)
    difference = diff_databases(database, folder / "after.bim", folder / "difference.cs", limits=limits)
    with open_payload(difference.path, limits) as payload:
        yield payload.body


def _inverted_session(session: Iterator[bytes], path: str, limits: Limits) -> Iterator[bytes]:
    reader = SessionReader(session, path, 0, limits, "surrogateescape")
    while (table := reader.next_table()) is not None:
        yield encode_header(table)
        for change in reader.read_changes(table):
            yield encode_change(inverted(change))
