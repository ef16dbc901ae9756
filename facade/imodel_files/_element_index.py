"""The index of a mirror: which changesets change which rows.

It holds ids, operations and the names of tables, so it depends on no iModel's database. It follows the mirror in short
transactions: a killed process loses at most the last of them, and of two processes the second goes on where the first
is.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

from imodel_files._change_errors import ElementIndexError
from imodel_files._ddl import folded
from imodel_files._session import OPERATIONS, Change, Operation

APPLICATION_ID: Final = 0x694D456C
"""The value of `PRAGMA application_id`: `iMEl` in ASCII."""
VERSION: Final = 1
"""The value of `PRAGMA user_version`."""

_BUSY_SECONDS: Final = 60.0
_SCHEMA_TABLES: Final = "ec_"
"""Rows that describe classes are not indexed."""
_SCHEMA: Final = (
    "CREATE TABLE place (changeset_index INTEGER NOT NULL, changeset_id TEXT NOT NULL)",
    "CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE changes (
        row_id INTEGER NOT NULL,
        changeset_index INTEGER NOT NULL,
        table_id INTEGER NOT NULL REFERENCES tables,
        operation INTEGER NOT NULL,
        PRIMARY KEY (row_id, changeset_index, table_id)
    ) WITHOUT ROWID""",
    "INSERT INTO place VALUES (0, '')",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
Rows: TypeAlias = list[tuple[int, int, str, int]]
"""Id of a row, index of the changeset, table in lower case, code of the operation."""

_CODES: Final = {operation: code for code, operation in OPERATIONS.items()}


class IndexedPlace(NamedTuple):
    """The last changeset in the index; index 0 and an empty id before the first."""

    changeset_index: int
    changeset_id: str


class IndexedChange(NamedTuple):
    """A change of a row."""

    changeset_index: int
    table: str
    operation: Operation


class ElementIndex:
    """An open index."""

    def __init__(self, path: Path) -> None:
        """Open the index; create it if it is missing.

        Raises:
            ElementIndexError: It cannot be used.
        """
        self._path = path
        if path.is_symlink():  # SQLite would follow it, and create what it leads to
            raise ElementIndexError(os.fspath(path), "it is a symbolic link, which is not followed. Remove the link.")
        import sqlite3  # noqa: PLC0415 - only the history takes its memory

        with self._failures():
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def place(self) -> IndexedPlace:
        """Return the last changeset in the index."""
        with self._failures():
            return self._place()

    def add(self, before: IndexedPlace, after: IndexedPlace, rows: Rows) -> bool:
        """Add the changes of changesets, all or none.

        Args:
            before: The place that the changes follow.
            after: The place that they lead to.
            rows: The changes, as `read_batches` gives them.

        Returns:
            Whether they were added; False if another process has moved the place.
        """
        with self._failures(), self._transaction():
            if self._place() != before:
                return False
            self._connection.executemany(
                "INSERT OR IGNORE INTO tables (name) VALUES (?)", [(name,) for name in sorted({row[2] for row in rows})]
            )
            ids = dict(self._connection.execute("SELECT name, id FROM tables"))
            self._connection.executemany(
                "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?)",
                [(row_id, index, ids[name], code) for row_id, index, name, code in rows],
            )
            self._connection.execute("UPDATE place SET changeset_index = ?, changeset_id = ?", after)
            return True

    def clear(self) -> None:
        """Forget everything, since the index is of another timeline."""
        with self._failures(), self._transaction():
            self._connection.execute("DELETE FROM changes")
            self._connection.execute("UPDATE place SET changeset_index = 0, changeset_id = ''")

    def changes_of(self, row_id: int) -> list[IndexedChange]:
        """Return the changes of the rows with an id, in the order of the timeline."""
        statement = """
            SELECT c.changeset_index, t.name, c.operation FROM changes AS c JOIN tables AS t ON t.id = c.table_id
            WHERE c.row_id = ? ORDER BY c.changeset_index
        """
        with self._failures(), closing(self._connection.execute(statement, (row_id,))) as cursor:
            return [IndexedChange(index, name, OPERATIONS[code]) for index, name, code in cursor]

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the index."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self.close()

    def _place(self) -> IndexedPlace:
        return IndexedPlace(*self._connection.execute("SELECT changeset_index, changeset_id FROM place").fetchone())

    def _prepare(self) -> None:
        with self._transaction():
            if not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in _SCHEMA:
                    self._connection.execute(statement)
        found = tuple(
            self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if found != (APPLICATION_ID, VERSION):
            raise ElementIndexError(
                os.fspath(self._path),
                "not an index of this version of itwin-imodels. Delete it: it is created again when needed.",
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _failures(self) -> Iterator[None]:
        import sqlite3  # noqa: PLC0415 - as above

        try:
            yield
        except (sqlite3.Error, TypeError, KeyError) as error:  # the latter two where its content is damaged
            raise ElementIndexError(
                os.fspath(self._path), f"the index cannot be used: {error}. Delete it: it is created again when needed."
            ) from error


def _rows(changeset_index: int, changes: Iterable[Change]) -> Iterator[tuple[int, int, str, int]]:
    """Yield what is noted of changes: id of the row, changeset, table in lower case, operation."""
    for change in changes:
        key = change.key
        if len(key) == 1 and isinstance(key[0], int) and not change.table.lower().startswith(_SCHEMA_TABLES):
            yield key[0], changeset_index, folded(change.table), _CODES[change.operation]


def read_batches(
    changesets: Iterable[tuple[IndexedPlace, Callable[[], Iterable[Change]]]], most_changesets: int, most_rows: int
) -> Iterator[tuple[IndexedPlace, Rows]]:
    """Yield the rows of some changesets at a time, with the place that they lead to.

    Args:
        changesets: The changesets in order: place, and what reads the changes.
        most_changesets: The greatest number of changesets at a time.
        most_rows: How many rows are enough.
    """
    count, last = 0, None
    rows: Rows = []
    for place, read in changesets:
        rows.extend(_rows(place.changeset_index, read()))
        count, last = count + 1, place
        if count >= most_changesets or len(rows) >= most_rows:
            yield last, rows
            count, last, rows = 0, None, []
    if last is not None:
        yield last, rows
