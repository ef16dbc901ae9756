"""Moving a database along the timeline, by applying changesets or undoing them."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from imodel_files._errors import (
    BrokenChainError,
    ChangesetApplyError,
    ChangesetConflictError,
    ChangesetFileError,
    ChangesetIdMismatchError,
    SessionLimitError,
)
from imodel_files._ids import IdComputation, normal_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import open_payload, read_prefix
from imodel_files._replacing import replacing
from imodel_files._session import SessionReader, TableHeader

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_SUFFIXES: Final = ("-wal", "-journal", "-shm")
_CONFLICTS: Final = {
    "SQLITE_CHANGESET_DATA": "the row has other values than those the change was made from",
    "SQLITE_CHANGESET_NOTFOUND": "there is no such row",
    "SQLITE_CHANGESET_CONFLICT": "there is such a row already",
    "SQLITE_CHANGESET_CONSTRAINT": "a constraint of the database forbids it",
    "SQLITE_CHANGESET_FOREIGN_KEY": "rows would refer to rows that are not there",
}
_CHECKING_PRAGMA: Final = "quick_check"
"""SQLite runs it by itself when a column with a constraint is added."""


@attrs.frozen
class ChainLink:
    """A changeset file and its place in the timeline.

    Attributes:
        path: The file.
        id: The changeset's id.
        parent_id: The id of the changeset before it; ``""`` or None for the first one of an iModel.
    """

    path: str | os.PathLike[str]
    id: str
    parent_id: str | None


@attrs.frozen
class _Verified:
    """A file whose content gives its id."""

    path: str
    id: str
    ddl: str | None
    tables: dict[str, TableHeader]


def apply_changesets(  # noqa: PLR0913 - each is a fact about the way to go
    baseline: str | os.PathLike[str],
    files: Iterable[ChainLink | str | os.PathLike[str]],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    reverse: bool = False,
    progress: Callable[[int, int], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Make a database at another point of the timeline, from one database and the changesets in between.

    First every file is held against its id and its place; then the changesets are applied to a copy: of each the DDL,
    then the changes. The copy gets the name of the target when all is done, after any error it is removed.

    Triggers of the database do not fire and its foreign keys are not enforced: a changeset holds what they did when it
    was made. So what is derived from recorded tables and not recorded itself, such as the spatial index, stays as
    it was. Nor is the new place in the timeline noted in the database.

    Needs the extra ``checkpoint``.

    Args:
        baseline: The database to begin with; it is only read. Forwards it stands before the first of the files,
            backwards after the last.
        files: Changeset files in the order of the timeline, also backwards. A file given by its path only is named
            by its id, ``<id>.cs``, and follows the file before it.
        target: The database to write; an existing one is replaced. May be the baseline itself.
        parent_id: The id of the changeset before the first file. When None, what the first `ChainLink` says; for a
            path, that there is none.
        reverse: Undo the changes, from the last file to the first. DDL cannot be undone.
        progress: Is told after each changeset how many are done, and of how many.
        limits: What each file may claim; `Limits.values` does not hold here, SQLite's own limit of 1 GB does.

    Raises:
        BrokenChainError: A file does not follow the one before it.
        ChangesetIdMismatchError: A file gives another id than its own.
        ChangesetConflictError: A change does not fit the database.
        ChangesetApplyError: Something else is in the way: a table that is missing or has other columns, DDL that
            cannot be run or undone, a file that is no database or is in use.
        ChangesetFileError: A file is not a whole changeset file, or not within the limits.
        ImportError: The extra is not installed.
        ValueError: An id is none, or a file given by its path only is not named by one.
        OSError: A file cannot be read or written.
    """
    apsw = _apsw()
    changesets = [_verified(link, limits) for link in _chain(files, parent_id)]
    if reverse:
        _check_no_ddl(changesets)
        changesets.reverse()
    _check_at_rest(Path(baseline))
    _check_at_rest(Path(target))
    with _copy(Path(baseline), Path(target)) as copy, _database(apsw, copy, os.fspath(baseline)) as database:
        for done, changeset in enumerate(changesets, 1):
            _Application(apsw, database, changeset).run(limits, reverse=reverse)
            if progress:
                progress(done, len(changesets))


def _apsw() -> "ModuleType":
    try:
        import apsw  # noqa: PLC0415 - an optional dependency, needed here only
    except ImportError as error:
        raise ImportError(
            "Applying changesets needs the extra 'checkpoint': pip install 'itwin-imodels[checkpoint]'"
        ) from error
    if not hasattr(apsw, "Changeset"):
        raise ImportError(
            f"apsw {apsw.apsw_version()} has no session extension; the extra 'checkpoint' asks for a newer one"
        )
    return apsw


def _chain(files: Iterable[ChainLink | str | os.PathLike[str]], parent_id: str | None) -> Iterator[ChainLink]:
    """Give every file its id and its parent's, and insist that each follows the one before."""
    before = parent_id
    for file in files:
        if isinstance(file, ChainLink):
            stated = _normal_parent(file.parent_id)
            if before is not None and stated != _normal_parent(before):
                raise BrokenChainError(
                    os.fspath(file.path),
                    f"changeset {file.id} follows {stated or 'none'}, but the one before it is {before or 'none'}",
                )
            link = ChainLink(file.path, normal_id(file.id, "id"), stated)
        else:
            link = ChainLink(file, normal_id(Path(file).stem, f"name of {os.fspath(file)}"), _normal_parent(before))
        yield link
        before = link.id


def _normal_parent(parent_id: str | None) -> str:
    return normal_id(parent_id, "parent_id") if parent_id else ""


def _verified(link: ChainLink, limits: Limits) -> _Verified:
    """Read a whole file once: compute its id, and see which tables it changes."""
    with open_payload(link.path, limits) as payload:
        path = payload.stream.path
        computation = IdComputation(link.parent_id, payload.prefix)
        reader = SessionReader(_hashed(payload.body, computation), path, payload.body_offset, limits)
        tables: dict[str, TableHeader] = {}
        while (table := reader.next_table()) is not None:
            reader.count_changes(table, Counter())
            if tables.setdefault(table.name, table) != table:
                # Some versions of SQLite then take values of one row for those of another.
                raise ChangesetApplyError(path, f"{table.name} is in it with different columns")
            if len(tables) > limits.tables:
                raise SessionLimitError(path, f"more than {limits.tables} tables")
        if computation.result() != link.id:
            raise ChangesetIdMismatchError(path, link.id, computation.result())
        return _Verified(path, link.id, read_prefix(path, payload.prefix).ddl, tables)


def _hashed(blocks: Iterator[bytes], computation: IdComputation) -> Iterator[bytes]:
    for block in blocks:
        computation.update(block)
        yield block


def _check_no_ddl(changesets: list[_Verified]) -> None:
    for each in changesets:
        if each.ddl:
            raise ChangesetApplyError(each.path, f"changeset {each.id} changes tables (DDL), which cannot be undone")


def _check_at_rest(database: Path) -> None:
    for suffix in _SUFFIXES:
        beside = Path(f"{database}{suffix}")
        if beside.exists() and beside.stat().st_size:
            raise ChangesetApplyError(
                os.fspath(database), f"it is in use or was left unfinished: there is {beside.name}"
            )


@contextmanager
def _copy(baseline: Path, target: Path) -> Iterator[Path]:
    with replacing(target) as part:
        try:
            shutil.copyfile(baseline, part)
            yield part
        finally:
            for suffix in _SUFFIXES:
                Path(f"{part}{suffix}").unlink(missing_ok=True)


@contextmanager
def _database(apsw: "ModuleType", copy: Path, baseline: str) -> "Iterator[apsw.Connection]":
    """Open the copy for one transaction. A crash leaves no target behind, so nothing waits for the disk."""
    with closing(apsw.Connection(os.fspath(copy), flags=apsw.SQLITE_OPEN_READWRITE)) as database:
        for option, value in (
            (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 0),
            (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
            (apsw.SQLITE_DBCONFIG_DQS_DDL, 1),
            (apsw.SQLITE_DBCONFIG_DQS_DML, 1),
        ):
            database.config(option, value)
        try:
            database.execute("PRAGMA synchronous = OFF")
            with database:
                yield database
        except apsw.Error as error:
            raise ChangesetApplyError(baseline, f"SQLite cannot work with it: {error}") from error


class _Application:
    """A changeset being applied."""

    def __init__(self, apsw: "ModuleType", database: "apsw.Connection", changeset: _Verified) -> None:
        self._apsw = apsw
        self._database = database
        self._changeset = changeset
        self._conflict: ChangesetConflictError | None = None

    def run(self, limits: Limits, *, reverse: bool) -> None:
        """Apply it, or undo it."""
        apsw, changeset = self._apsw, self._changeset
        with self._telling():
            if changeset.ddl:
                self._run_ddl(changeset.ddl)
            for table in changeset.tables.values():
                self._check_table(table)
            flags = apsw.SQLITE_CHANGESETAPPLY_INVERT if reverse else 0
            with open_payload(changeset.path, limits) as payload:
                source = _Source(payload.body)
                apsw.Changeset.apply(source.read, self._database, conflict=self._on_conflict, flags=flags)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Make our errors of SQLite's."""
        try:
            yield
        except self._apsw.Error as error:
            raise self._conflict or self._error(f"it cannot be applied: {error}") from error

    def _run_ddl(self, ddl: str) -> None:
        self._database.authorizer = self._authorize
        try:
            for _ in self._database.execute(ddl):
                pass  # a statement that gives rows goes on, and the next ones begin, only when they are taken
        finally:
            self._database.authorizer = None

    def _authorize(self, action: int, name: str | None, *_: str | None) -> int:
        """Keep SQL from a file to the database it is for."""
        apsw = self._apsw
        refused = action in {
            apsw.SQLITE_ATTACH,
            apsw.SQLITE_DETACH,
            apsw.SQLITE_TRANSACTION,
            apsw.SQLITE_SAVEPOINT,
            apsw.SQLITE_RECURSIVE,
        } or (action == apsw.SQLITE_PRAGMA and name != _CHECKING_PRAGMA)
        decision: int = apsw.SQLITE_DENY if refused else apsw.SQLITE_OK
        return decision

    def _check_table(self, table: TableHeader) -> None:
        """Insist on a table as the changes need it; SQLite would pass over their table without a word."""
        places = [place for (place,) in self._database.execute("SELECT pk FROM pragma_table_info(?)", (table.name,))]
        keys = tuple(index for _, index in sorted((place, index) for index, place in enumerate(places) if place))
        if not places:
            raise self._error(f"the database has no table {table.name}")
        if len(places) < table.column_count:
            raise self._error(f"{table.name} has {len(places)} columns; the changes have {table.column_count}")
        if keys != table.key_columns:
            raise self._error(f"{table.name} has another primary key than the changes")

    def _on_conflict(self, reason: int, change: "apsw.TableChange") -> int:
        apsw = self._apsw
        name = apsw.mapping_session_conflict[reason]
        changeset = self._changeset
        values = (change.new if change.old is None else change.old) or ()
        key = tuple(values[index] for index in changeset.tables[change.name].key_columns)
        operation = str(change.op).lower()
        self._conflict = ChangesetConflictError(
            changeset.path, _CONFLICTS[name], changeset.id, change.name, operation, key
        )
        decision: int = apsw.SQLITE_CHANGESET_ABORT
        return decision

    def _error(self, reason: str) -> ChangesetFileError:
        return ChangesetApplyError(self._changeset.path, f"changeset {self._changeset.id}: {reason}")


class _Source:
    """Gives blocks out in pieces of the size that is asked for."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Give at most so many bytes; none at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)
