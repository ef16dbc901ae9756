"""Chains of changeset files: each file follows the one before it and has the content that its id requires."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from imodel_files._change import TableHeader
from imodel_files._errors import BrokenChainError, ChangesetApplyError, ChangesetIdMismatchError
from imodel_files._ids import IdComputation, compute_changeset_id, is_id, normal_id, normal_parent_id
from imodel_files._limits import Limits
from imodel_files._payload import Prefix, open_payload, read_prefix
from imodel_files._session import SessionReader


@attrs.frozen
class ChainLink:
    """A changeset file and its position in the timeline.

    Attributes:
        path: The path of the file.
        id: The changeset id.
        parent_id: The id of its parent; ``""`` or None for the first changeset of an iModel.
        index: The changeset index; None if unknown.
        has_schema_changes: Whether the service reports schema changes (value 1 of `containing_changes`). If set, the
            changed rows of the schema are applied first even if the file does not announce schema changes.
    """

    path: str | os.PathLike[str]
    id: str
    parent_id: str | None
    index: int | None = None
    has_schema_changes: bool = False


@attrs.frozen
class VerifiedChangeset:
    """A changeset file whose content matches its id.

    Attributes:
        path: The path of the file.
        id: The changeset id, in lower case.
        parent_id: The id of its parent; empty for the first changeset.
        index: The changeset index; None if unknown.
        prefix: The prefix of the file, which describes the schema changes.
        has_schema_changes: Whether the file or the service reports schema changes.
        tables: The changed tables, by name.
        counts: The number of changes to each table, by the two bytes at the start of a change.
    """

    path: str
    id: str
    parent_id: str
    index: int | None
    prefix: Prefix
    has_schema_changes: bool
    tables: dict[str, TableHeader]
    counts: dict[str, Counter[bytes]]

    def changes_of(self, table: str) -> int:
        """Return the number of changes to a table."""
        return self.counts[table].total()

    @property
    def total(self) -> int:
        """The number of changes."""
        return sum(each.total() for each in self.counts.values())


def verified_chain(
    files: Iterable[ChainLink | str | os.PathLike[str]],
    parent_id: str | None,
    limits: Limits,
    *,
    allow_unnamed: bool = False,
) -> list[VerifiedChangeset]:
    """Read every file once, and verify its id and its position.

    Args:
        files: The files in the order of the timeline. A file without a link must be named by its id.
        parent_id: The id of the changeset before the first one; None to use that of the first link.
        limits: Limits for each file.
        allow_unnamed: Whether to compute the id of a file that has no link and is not named by its id.

    Raises:
        ChangesetFileError: A file is invalid, does not match its id, or does not follow the one before it.
        ValueError: An id is not 40 hex digits.
        OSError: A file cannot be read.
    """
    unnamed_limits = limits if allow_unnamed else None
    return [_verified(link, limits) for link in _links(files, parent_id, unnamed_limits)]


def _links(
    files: Iterable[ChainLink | str | os.PathLike[str]], parent_id: str | None, unnamed_limits: Limits | None
) -> Iterator[ChainLink]:
    before = parent_id
    for file in files:
        if isinstance(file, ChainLink):
            stated = normal_parent_id(file.parent_id)
            if before is not None and stated != normal_parent_id(before):
                raise BrokenChainError(
                    os.fspath(file.path),
                    f"the parent of changeset {file.id} is {stated or 'none'}, but it must be {before or 'none'}",
                )
            link = attrs.evolve(file, id=normal_id(file.id, "id"), parent_id=stated)
        else:
            parent = normal_parent_id(before)
            link = ChainLink(file, _id_of_file(file, parent, unnamed_limits), parent)
        yield link
        before = link.id


def _id_of_file(file: str | os.PathLike[str], parent_id: str, unnamed_limits: Limits | None) -> str:
    """Return the id that a file is named by; compute it for other names if `unnamed_limits` is given."""
    stem = Path(file).stem
    if unnamed_limits is not None and not is_id(stem):
        return compute_changeset_id(file, parent_id, limits=unnamed_limits)
    return normal_id(stem, f"name of {os.fspath(file)}")


def _verified(link: ChainLink, limits: Limits) -> VerifiedChangeset:
    with open_payload(link.path, limits) as payload:
        path = payload.stream.path
        computation = IdComputation(link.parent_id, payload.prefix)
        reader = SessionReader(_hashed(payload.body, computation), path, payload.body_offset, limits)
        tables: dict[str, TableHeader] = {}
        counts: dict[str, Counter[bytes]] = {}
        while (table := reader.next_table()) is not None:
            reader.count_changes(table, counts.setdefault(table.name, Counter()), bounded=True)
            if tables.setdefault(table.name, table) != table:
                # Some versions of SQLite then mix up the values of different rows.
                raise ChangesetApplyError(path, f"it describes table {table.name} twice, with different columns")
        if computation.result() != link.id:
            raise ChangesetIdMismatchError(path, link.id, computation.result())
        prefix = read_prefix(path, payload.prefix)
        is_of_schema = link.has_schema_changes or prefix.contains_schema_changes
        return VerifiedChangeset(path, link.id, link.parent_id or "", link.index, prefix, is_of_schema, tables, counts)


def _hashed(blocks: Iterator[bytes], computation: IdComputation) -> Iterator[bytes]:
    for block in blocks:
        computation.update(block)
        yield block
