"""The database of a mirror: all SQL that is written or asked."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Self

import attrs

from itwin_imodels._mirror.schema import APPLICATION_ID, COLUMNS, DATABASE_NAME, SCHEMA, VERSION, FileState, Row
from itwin_imodels._workflows.pull import Wanted
from itwin_imodels.errors import MirrorError

_BUSY_SECONDS = 60.0
"""How long a statement waits for another connection; each holds the database for a moment only."""

_INSERT = f"INSERT INTO changesets ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - no input
_FILES = """
    SELECT c.changeset_index, c.id, c.parent_id, c.file_size, f.size, f.mtime_ns, f.verified
    FROM changesets AS c LEFT JOIN files AS f USING (changeset_index)
    WHERE c.changeset_index > ? {filter} ORDER BY c.changeset_index LIMIT ?
"""
_UNSURE = "AND (f.verified IS NULL OR (? = 'id' AND f.verified <> 'id'))"
_RECORD = "INSERT OR REPLACE INTO files (changeset_index, size, mtime_ns, verified) VALUES (?, ?, ?, ?)"
_WITH_FILES = "SELECT c.*, f.verified FROM changesets AS c LEFT JOIN files AS f USING (changeset_index)"


@attrs.frozen
class Tip:
    """The newest changeset of a mirror.

    Attributes:
        index: Its index.
        id: Its id.
    """

    index: int
    id: str


@attrs.frozen
class MirroredFile:
    """A file that the mirror should have.

    Attributes:
        wanted: What it should be.
        state: How it was when it was found right; None if it never was.
    """

    wanted: Wanted
    state: FileState | None


class MirrorDatabase:
    """An open database. Safe to use from any thread; each method takes a moment."""

    def __init__(self, path: Path, connection: sqlite3.Connection, imodel_id: str) -> None:
        """Wrap a connection; see `opened_to_write` and `opened_to_read`."""
        self.path = path
        self.imodel_id = imodel_id
        self._connection = connection
        self._lock = threading.Lock()

    def tip(self) -> Tip | None:
        """Give the newest changeset; None when there is none yet."""
        found = self._ask("SELECT changeset_index, id FROM changesets ORDER BY changeset_index DESC LIMIT 1")
        return Tip(*found[0]) if found else None

    def count(self) -> int:
        """How many changesets there are."""
        return int(self._ask("SELECT count(*) FROM changesets")[0][0])

    def total_size(self) -> int:
        """How many bytes the files of all changesets have."""
        return int(self._ask("SELECT coalesce(sum(file_size), 0) FROM changesets")[0][0])

    def sure_size(self, verify: Literal["id", "size"] | None) -> int:
        """How many bytes the files have that were verified; none if it is not said how."""
        statement = "SELECT coalesce(sum(size), 0) FROM files WHERE ? = 'size' OR (? = 'id' AND verified = 'id')"
        return int(self._ask(statement, verify, verify)[0][0])

    def add(self, rows: Sequence[Row]) -> None:
        """Append changesets: all or none."""
        with self._told(), self._lock, _transaction(self._connection):
            self._connection.executemany(_INSERT, rows)

    def files(self, after_index: int, limit: int, unsure_of: Literal["id", "size"] | None = None) -> list[MirroredFile]:
        """Give the files of some changesets in order.

        Args:
            after_index: Only those of changesets above this index.
            limit: How many at most.
            unsure_of: Only those that were never verified this way.
        """
        if unsure_of is None:
            rows = self._ask(_FILES.format(filter=""), after_index, limit)
        else:
            rows = self._ask(_FILES.format(filter=_UNSURE), after_index, unsure_of, limit)
        return [self._file(row) for row in rows]

    def record(self, states: Iterable[tuple[int, FileState]]) -> None:
        """Write down how files were when they were found right.

        Args:
            states: Index of the changeset, and state of its file.
        """
        rows = [(index, *attrs.astuple(state)) for index, state in states]
        with self._told(), self._lock, _transaction(self._connection):
            self._connection.executemany(_RECORD, rows)

    def changesets(self, after_index: int, last_index: int | None, limit: int) -> list[Mapping[str, Any]]:
        """Give the rows of some changesets in order, with `verified`, which is None where there is no file.

        Args:
            after_index: Only those above this index.
            last_index: Only those up to and with this index; None for no bound.
            limit: How many at most.
        """
        last = 2**63 - 1 if last_index is None else last_index
        where = "WHERE c.changeset_index > ? AND c.changeset_index <= ? ORDER BY c.changeset_index LIMIT ?"
        return self._ask(f"{_WITH_FILES} {where}", after_index, last, limit)

    def changeset(self, key: str | int) -> Mapping[str, Any] | None:
        """Give the row of the changeset with an id or index."""
        column = "changeset_index" if isinstance(key, int) else "id"
        found = self._ask(f"{_WITH_FILES} WHERE c.{column} = ?", key)
        return found[0] if found else None

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        """Use it for as long as the block lasts."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _file(self, row: Mapping[str, Any]) -> MirroredFile:
        wanted = Wanted(
            imodel_id=self.imodel_id,
            id=row["id"],
            parent_id=row["parent_id"],
            index=row["changeset_index"],
            size=row["file_size"],
        )
        verified = row["verified"]
        state = None if verified is None else FileState(row["size"], row["mtime_ns"], verified)
        return MirroredFile(wanted, state)

    def _ask(self, statement: str, *values: object) -> list[Any]:
        with self._told(), self._lock, closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()

    @contextmanager
    def _told(self) -> Iterator[None]:
        with told_of_database(self.path):
            yield


def opened_to_write(directory: Path, imodel_id: str) -> MirrorDatabase:
    """Open the database of a mirror, made when it is not there. The caller holds the mirror's lock.

    Args:
        directory: The mirror.
        imodel_id: The iModel that it is of.

    Raises:
        MirrorError: It is of another iModel or a newer version, is none, or the disk failed.
    """
    path = directory / DATABASE_NAME
    with told_of_database(path):
        connection = _connected(path, "rwc")
        try:
            if _is_blank(connection):
                _create(connection, imodel_id)
            found = _checked(connection, path)
        except BaseException:
            connection.close()
            raise
    if found != imodel_id.lower():
        connection.close()
        raise MirrorError(f"{directory} is the mirror of iModel {found}, not of {imodel_id}; choose another directory.")
    return MirrorDatabase(path, connection, imodel_id)


def opened_to_read(directory: Path) -> MirrorDatabase:
    """Open the database of a mirror, of which nothing is changed.

    Args:
        directory: The mirror.

    Raises:
        MirrorError: There is none, or it is of a newer version.
    """
    path = directory / DATABASE_NAME
    if not path.is_file():
        raise MirrorError(f"{directory} is no mirror: it has no {DATABASE_NAME}. mirror_timeline() makes one.")
    with told_of_database(path):
        connection = _connected(path, "rw")  # what a process that ended early has left can only be undone by a writer
        try:
            connection.execute("PRAGMA query_only = ON")
            found = _checked(connection, path)
        except BaseException:
            connection.close()
            raise
    return MirrorDatabase(path, connection, found)


@contextmanager
def told_of_database(path: Path) -> Iterator[None]:
    """Turn failures of SQLite into the package's error.

    Raises:
        MirrorError: SQLite failed.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise MirrorError(f"{path} cannot be used: {error}") from error


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
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
    """Give the iModel that a database is of."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != APPLICATION_ID:
        raise MirrorError(f"{path} is not the database of a mirror; choose another directory.")
    if version != VERSION:
        raise MirrorError(
            f"{path} has version {version} of the schema; this version of itwin-imodels knows {VERSION}. Use the one "
            "that wrote it, or mirror into another directory."
        )
    return str(connection.execute("SELECT id FROM imodel").fetchone()[0])
