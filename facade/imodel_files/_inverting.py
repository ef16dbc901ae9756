"""Invert changesets."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from imodel_files._apply import apply_changesets
from imodel_files._chain import ChainLink, VerifiedChangeset
from imodel_files._change import DELETE, INSERT, UPDATE, Change
from imodel_files._change_net import without_keys
from imodel_files._ddl import Statement, dropped_table, split_statements
from imodel_files._ddl_merging import moves_rows
from imodel_files._diffing import diff
from imodel_files._encoding import encode_change, encode_header
from imodel_files._errors import ChangesetInvertError
from imodel_files._fields import Value
from imodel_files._limits import Limits
from imodel_files._merging import chain_of, merged_changes
from imodel_files._payload import open_payload, read_prefix
from imodel_files._session import SessionReader
from imodel_files._writing import WrittenChangeset, write_body

_SHOWN = 60


def invert(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None,
    database: str | os.PathLike[str] | None,
    limits: Limits,
) -> WrittenChangeset:
    """Invert changesets; see `invert_changesets`."""
    changesets = chain_of(files, parent_id, limits)
    _check_ddl(changesets)
    place = Path(target) if Path(target).is_dir() else Path(target).parent
    with _net_session(changesets, database, place, limits) as session:
        written = write_body(
            target,
            _inverted_session(session, changesets[-1].path, limits),
            parent_id=changesets[-1].id,
            ddl=None,
            has_schema_changes=any(each.has_schema_changes for each in changesets),
            limits=limits,
        )
    notes = [f"the DDL of changeset {each.id} is not reverted" for each in changesets if each.prefix.ddl]
    return attrs.evolve(written, notes=tuple(notes))


def inverted(change: Change) -> Change:
    """Return the change that reverts a change."""
    table, is_indirect, keys = change.table, change.indirect, change.key_columns
    if change.operation is INSERT:
        return Change(table, DELETE, is_indirect, keys, change.new, None)
    if change.operation is DELETE:
        return Change(table, INSERT, is_indirect, keys, None, change.old)
    old, new = change.old or (), change.new or ()
    return Change(table, UPDATE, is_indirect, keys, _with_keys(new, old, keys), without_keys(old, keys))


def _with_keys(values: Sequence[Value], keyed: Sequence[Value], keys: Sequence[int]) -> tuple[Value, ...]:
    return tuple(keyed[index] if index in keys else value for index, value in enumerate(values))


def _check_ddl(changesets: Sequence[VerifiedChangeset]) -> None:
    for each in changesets:
        for statement in split_statements(each.prefix.ddl or ""):
            if dropped_table(statement) is not None or moves_rows(statement):
                raise ChangesetInvertError(
                    each.path, f"changeset {each.id}: its DDL cannot be reverted: {_shown(statement)}"
                )


def _shown(statement: Statement) -> str:
    text = statement.text
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


@contextmanager
def _net_session(
    changesets: Sequence[VerifiedChangeset], database: str | os.PathLike[str] | None, place: Path, limits: Limits
) -> Iterator[Iterator[bytes]]:
    """Yield the session to invert: the changes of a single file, or the net changes of several.

    Args:
        changesets: The changesets.
        database: The database to which they are applied, to invert their effect on it; None to invert their content.
        place: The folder for the temporary database.
        limits: Limits for each file.
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
    """Yield the effect of changesets on a database as a session."""
    links = [ChainLink(each.path, each.id, each.parent_id, each.index, each.has_schema_changes) for each in changesets]
    apply_changesets(database, links, folder / "after.bim", limits=limits)
    effect = folder / "effect.cs"
    diff(database, folder / "after.bim", effect, parent_id=None, limits=limits)
    with open_payload(effect, limits) as payload:
        for statement in split_statements(read_prefix(payload.stream.path, payload.prefix).ddl or ""):
            if (replaced := dropped_table(statement)) is not None:
                raise ChangesetInvertError(
                    changesets[-1].path,
                    f"the effect on the database cannot be reverted: table {replaced} was replaced, or its columns"
                    " were changed. Omit the database to invert the content of the changesets instead",
                )
        yield payload.body


def _inverted_session(session: Iterator[bytes], path: str, limits: Limits) -> Iterator[bytes]:
    reader = SessionReader(session, path, 0, limits, "surrogateescape")
    while (table := reader.next_table()) is not None:
        yield encode_header(table)
        for change in reader.read_changes(table):
            yield encode_change(inverted(change))
