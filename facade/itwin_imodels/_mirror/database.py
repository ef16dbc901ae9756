"""Open, read and write the database of a mirror."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import attrs

from itwin_imodels._core.forks import abandon, on_fork
from itwin_imodels._mirror.schema import APPLICATION_ID, COLUMNS, DATABASE_NAME, SCHEMA, VERSION, Row, VerifiedState
from itwin_imodels._transfer.changeset_file import ChangesetFile, Verification
from itwin_imodels.errors import MirrorError

_BUSY_SECONDS = 60.0
"""Seconds that a statement waits for another connection; each connection locks the database only briefly."""

_INSERT = f"INSERT INTO changesets ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - no input
_FILES = """
    SELECT c.changeset_index, c.id, c.parent_id, c.file_size, f.size, f.mtime_ns, f.verified
    FROM changesets AS c LEFT JOIN files AS f USING (changeset_index)
    WHERE c.changeset_index > ? {filter} ORDER BY c.changeset_index LIMIT ?
"""
_UNVERIFIED = "AND (f.verified IS NULL OR (? = 'id' AND f.verified <> 'id'))"
_RECORD = "INSERT OR REPLACE INTO files (changeset_index, size, mtime_ns, verified) VALUES (?, ?, ?, ?)"
_WITH_FILES = "SELECT c.*, f.verified FROM changesets AS c LEFT JOIN files AS f USING (changeset_index)"


@attrs.frozen
class Tip:
    """The newest changeset of a mirror.

    Attributes:
        index: The changeset index.
        id: The changeset id.
    """

    index: int
    id: str


@attrs.frozen
class FileRecord:
    """A file of a mirror.

    Attributes:
        file: The file.
        state: State of the file when it was verified; None if it was never verified.
    """

    file: ChangesetFile
    state: VerifiedState | None


class MirrorDatabase:
    """An open database. Safe to use from any thread and in forked children.

    A method can wait up to 60 seconds for another connection.
    """

    def __init__(self, path: Path, imodel_id: str, connection: sqlite3.Connection, *, read_only: bool) -> None:
        """Wrap a connection; `opened_to_write` and `opened_to_read` create instances."""
        self.path = path
        self.imodel_id = imodel_id
        self._connection = connection
        self._read_only = read_only
        self._lock = threading.Lock()
        self._is_closed = self._is_inherited = False
        on_fork(self, MirrorDatabase._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._is_inherited = True

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to one thread. A forked child opens its own, because SQLite requires that."""
        with sqlite_failures(self.path), self._lock:
            if self._is_closed:
                raise sqlite3.ProgrammingError("the database is closed")
            if self._is_inherited:
                abandon(self._connection)
                self._connection, self._is_inherited = _connected(self.path, read_only=self._read_only), False
            yield self._connection

    def tip(self) -> Tip | None:
        """Return the newest changeset; None if the mirror is empty."""
        rows = self._query("SELECT changeset_index, id FROM changesets ORDER BY changeset_index DESC LIMIT 1")
        return Tip(*rows[0]) if rows else None

    def count(self) -> int:
        """Return the number of changesets."""
        return int(self._query("SELECT count(*) FROM changesets")[0][0])

    def total_size(self) -> int:
        """Return the total size of all changeset files in bytes."""
        return int(self._query("SELECT coalesce(sum(file_size), 0) FROM changesets")[0][0])

    def verified_size(self, verification: Verification | None) -> int:
        """Return the total size in bytes of the files that were verified at least this strictly; None returns 0."""
        statement = "SELECT coalesce(sum(size), 0) FROM files WHERE ? = 'size' OR (? = 'id' AND verified = 'id')"
        return int(self._query(statement, verification, verification)[0][0])

    def add(self, rows: Sequence[Row]) -> None:
        """Append changesets, all or none."""
        with self._using() as connection, _transaction(connection):
            connection.executemany(_INSERT, rows)

    def files(self, after_index: int, limit: int, unverified: Verification | None = None) -> list[FileRecord]:
        """Return files in the order of their changesets.

        Args:
            after_index: Only files of changesets after this index.
            limit: Maximum number of files.
            unverified: Return only files that were not verified at least this strictly; None returns all files.
        """
        if unverified is None:
            rows = self._query(_FILES.format(filter=""), after_index, limit)
        else:
            rows = self._query(_FILES.format(filter=_UNVERIFIED), after_index, unverified, limit)
        return [self._file(row) for row in rows]

    def record(self, states: Iterable[tuple[int, VerifiedState]]) -> None:
        """Record the states of files that were verified.

        Args:
            states: Pairs of a changeset index and the state of the file of this changeset.
        """
        rows = [(index, *attrs.astuple(state)) for index, state in states]
        with self._using() as connection, _transaction(connection):
            connection.executemany(_RECORD, rows)

    def correct_size(self, index: int, size: int) -> None:
        """Replace the recorded size of a changeset's file, for when the service reports a different one."""
        with self._using() as connection:
            connection.execute("UPDATE changesets SET file_size = ? WHERE changeset_index = ?", (size, index))

    def changesets(self, after_index: int, last_index: int | None, limit: int) -> list[Mapping[str, Any]]:
        """Return the rows of changesets in order, each with `verified`, which is None if its file was not verified.

        Args:
            after_index: Only changesets after this index.
            last_index: Only changesets up to and including this index; None for no limit.
            limit: Maximum number of rows.
        """
        last = 2**63 - 1 if last_index is None else last_index
        where = "WHERE c.changeset_index > ? AND c.changeset_index <= ? ORDER BY c.changeset_index LIMIT ?"
        return self._query(f"{_WITH_FILES} {where}", after_index, last, limit)

    def changeset(self, key: str | int) -> Mapping[str, Any] | None:
        """Return the row of the changeset with an id or index."""
        column = "changeset_index" if isinstance(key, int) else "id"
        rows = self._query(f"{_WITH_FILES} WHERE c.{column} = ?", key)
        return rows[0] if rows else None

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._is_closed = True
            if self._is_inherited:
                abandon(self._connection)
            else:
                self._connection.close()

    def __enter__(self) -> Self:
        """Return the database."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()

    def _file(self, row: Mapping[str, Any]) -> FileRecord:
        file = ChangesetFile(
            imodel_id=self.imodel_id,
            id=row["id"],
            parent_id=row["parent_id"],
            index=row["changeset_index"],
            size=row["file_size"],
        )
        verified = row["verified"]
        state = None if verified is None else VerifiedState(row["size"], row["mtime_ns"], verified)
        return FileRecord(file, state)

    def _query(self, statement: str, *values: object) -> list[Any]:
        with self._using() as connection, closing(connection.execute(statement, values)) as cursor:
            return cursor.fetchall()


def opened_to_write(directory: Path, imodel_id: str) -> MirrorDatabase:
    """Open the database of a mirror for writing; create it if it is missing. The caller must hold the mirror's lock.

    Args:
        directory: The directory of the mirror.
        imodel_id: The id of the iModel.

    Raises:
        MirrorError: The database belongs to another iModel, has another version, is invalid, or cannot be read or
            written.
    """
    path = directory / DATABASE_NAME
    if path.is_symlink():  # SQLite would follow it and create its target
        raise MirrorError(f"{path} cannot be used: it is a symbolic link. Remove the link.")
    with sqlite_failures(path):
        connection = _connected(path, create=True)
        try:
            if _is_blank(connection):
                _create(connection, imodel_id)
            mirrored_id = _checked(connection, path)
        except BaseException:
            connection.close()
            raise
    if mirrored_id != imodel_id.lower():
        connection.close()
        raise MirrorError(
            f"{directory} is the mirror of iModel {mirrored_id}, not of {imodel_id}. Choose another directory."
        )
    return MirrorDatabase(path, imodel_id, connection, read_only=False)


def opened_to_read(directory: Path) -> MirrorDatabase:
    """Open the database of a mirror for reading.

    Args:
        directory: The directory of the mirror.

    Raises:
        MirrorError: The database is missing, invalid or of another version.
    """
    path = directory / DATABASE_NAME
    if not path.is_file():
        raise MirrorError(
            f"{directory} is not a mirror: {DATABASE_NAME} is missing. Create one with mirror_timeline()."
        )
    with sqlite_failures(path):
        connection = _connected(path, read_only=True)
        try:
            mirrored_id = _checked(connection, path)
        except BaseException:
            connection.close()
            raise
    return MirrorDatabase(path, mirrored_id, connection, read_only=True)


@contextmanager
def sqlite_failures(path: Path) -> Iterator[None]:
    """Convert SQLite errors to `MirrorError`.

    Raises:
        MirrorError: SQLite failed.
    """
    try:
        yield
    except sqlite3.Error as error:
        is_moved = getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY_DBMOVED"
        reason = "it was moved or deleted while it was in use" if is_moved else error
        raise MirrorError(f"{path} cannot be used: {reason}") from error


def _connected(path: Path, *, create: bool = False, read_only: bool = False) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"  # also for reading: only a writer can roll back after a killed process
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_blank(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _create(connection: sqlite3.Connection, imodel_id: str) -> None:
    with _transaction(connection):
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO imodel (id) VALUES (?)", (imodel_id.lower(),))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _checked(connection: sqlite3.Connection, path: Path) -> str:
    """Check the kind and version of a database, and return the id of its iModel."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != APPLICATION_ID:
        raise MirrorError(f"{path} is not the database of a mirror. Choose another directory.")
    if version != VERSION:
        raise MirrorError(
            f"{path} has schema version {version}; this version of itwin-imodels supports {VERSION}. Use the "
            "version that wrote it, or mirror into another directory."
        )
    return str(connection.execute("SELECT id FROM imodel").fetchone()[0])
