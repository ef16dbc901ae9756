"""The index of a mirror: which changesets change which rows, and which rows belong to which element.

It contains ids, operations and table names. It depends on the iModel's database only for the position of the column
with the element of an aspect. It is updated in short transactions: a killed process loses at most the last one, and if
two processes update it, one continues from the position that the other has reached.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

import attrs

from imodel_files._change import OPERATIONS, Change, Operation
from imodel_files._change_errors import ElementIndexError
from imodel_files._ddl import folded

APPLICATION_ID: Final = 0x694D456C
"""The value of `PRAGMA application_id`: `iMEl` in ASCII."""
VERSION: Final = 2
"""The value of `PRAGMA user_version`. An index of an earlier version is recreated."""

_BUSY_SECONDS: Final = 60.0
_FOREIGN: Final = "not an element index. Move the file away, or choose another path for the index."
_DELETE: Final = "Delete it; it is recreated when needed."
_CHECK: Final = "Check its folder and the free space, or choose another path for the index."
_OUTSIDE: Final = tuple(f"SQLITE_{each}" for each in ("BUSY", "CANTOPEN", "FULL", "IOERR", "PERM", "READONLY"))
"""Errors whose cause is not the content of the index; extended codes begin with the same names."""
_SCHEMA_PREFIX: Final = "ec_"
"""Prefix of tables that describe classes; they are not indexed."""
_SCHEMA: Final = (
    "CREATE TABLE place (changeset_index INTEGER NOT NULL, changeset_id TEXT NOT NULL)",
    "CREATE TABLE tables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner_column INTEGER)",
    """CREATE TABLE changes (
        row_id INTEGER NOT NULL,
        changeset_index INTEGER NOT NULL,
        table_id INTEGER NOT NULL REFERENCES tables,
        operation INTEGER NOT NULL,
        PRIMARY KEY (row_id, changeset_index, table_id)
    ) WITHOUT ROWID""",
    """CREATE TABLE owners (
        owner_id INTEGER NOT NULL,
        row_id INTEGER NOT NULL,
        table_id INTEGER NOT NULL REFERENCES tables,
        PRIMARY KEY (owner_id, row_id, table_id)
    ) WITHOUT ROWID""",
    "INSERT INTO place VALUES (0, '')",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
_TABLES: Final = ("place", "changes", "owners", "tables")
Row: TypeAlias = tuple[int, int, str, int]
"""Row id, changeset index, table in lower case, code of the operation."""
OwnerColumn: TypeAlias = Callable[[str], int | None]
"""Returns the index of the column with the element that the rows of a table belong to; None if there is none."""

_CODES: Final = {operation: code for code, operation in OPERATIONS.items()}


class IndexedPlace(NamedTuple):
    """The last changeset in the index; index 0 and an empty id before the first one."""

    changeset_index: int
    changeset_id: str


@attrs.frozen
class IndexedRows:
    """The indexed facts about some changesets.

    Attributes:
        changes: The changed rows.
        owners: Rows that belong to elements: element id, row id, table in lower case.
        owner_columns: The index of the column with the element, by table in lower case; None if there is none.
    """

    changes: list[Row] = attrs.field(factory=list)
    owners: set[tuple[int, int, str]] = attrs.field(factory=set)
    owner_columns: dict[str, int | None] = attrs.field(factory=dict)


class IndexedChange(NamedTuple):
    """A change to a row."""

    changeset_index: int
    table: str
    operation: Operation


class ElementIndex:
    """An open index."""

    def __init__(self, path: Path) -> None:
        """Open the index, and create it if it is missing.

        Raises:
            ElementIndexError: The index cannot be used.
        """
        self._path = path
        if path.is_symlink():  # SQLite would follow it and create its target
            raise ElementIndexError(os.fspath(path), "it is a symbolic link. Remove the link.")
        import sqlite3  # noqa: PLC0415 - saves memory unless a history is read

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

    def add(self, before: IndexedPlace, after: IndexedPlace, rows: IndexedRows) -> bool:
        """Add the changes of changesets, all or none.

        Args:
            before: The last changeset in the index before them.
            after: The last of these changesets.
            rows: The rows, as `read_batches` yields them.

        Returns:
            Whether they were added; False if another process has updated the index.
        """
        with self._failures(), self._transaction():
            if self._place() != before:
                return False
            self._connection.executemany(
                "INSERT OR IGNORE INTO tables (name, owner_column) VALUES (?, ?)", rows.owner_columns.items()
            )
            ids = dict(self._connection.execute("SELECT name, id FROM tables"))
            self._connection.executemany(
                "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?)",
                [(row_id, index, ids[name], code) for row_id, index, name, code in rows.changes],
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO owners VALUES (?, ?, ?)",
                [(owner_id, row_id, ids[name]) for owner_id, row_id, name in rows.owners],
            )
            self._connection.execute("UPDATE place SET changeset_index = ?, changeset_id = ?", after)
            return True

    def clear(self) -> None:
        """Clear the index, because it belongs to another timeline or lacks owners."""
        with self._failures(), self._transaction():
            self._create()

    def knows_owners(self, owner_column: OwnerColumn) -> bool:
        """Return whether the index has the owners of all rows that have an owner according to the iModel's database."""
        with self._failures(), closing(self._connection.execute("SELECT name, owner_column FROM tables")) as cursor:
            return all(noted is not None or owner_column(name) is None for name, noted in cursor)

    def owned_by(self, owner_id: int) -> list[tuple[str, int]]:
        """Return the rows, by table and id, that belong or belonged to an element."""
        statement = (
            "SELECT t.name, o.row_id FROM owners AS o JOIN tables AS t ON t.id = o.table_id WHERE o.owner_id = ?"
        )
        with self._failures(), closing(self._connection.execute(statement, (owner_id,))) as cursor:
            return list(cursor)

    def changes_of(self, row_id: int) -> list[IndexedChange]:
        """Return the changes to the rows with an id, in the order of the timeline."""
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
            is_empty = not self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            application, version = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            if is_empty or (application == APPLICATION_ID and version < VERSION):
                self._create()
                return
        if application != APPLICATION_ID:
            raise ElementIndexError(os.fspath(self._path), _FOREIGN)
        if version != VERSION:
            raise ElementIndexError(
                os.fspath(self._path),
                f"written by another version of itwin-imodels (format {version}, not {VERSION}). Delete it; it is "
                "recreated when needed.",
            )

    def _create(self) -> None:
        for name in _TABLES:
            self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in _SCHEMA:
            self._connection.execute(statement)

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
        except (sqlite3.Error, TypeError, KeyError) as error:  # the latter two if its content is damaged
            name = getattr(error, "sqlite_errorname", "")
            advice = _CHECK if name.startswith(_OUTSIDE) else _DELETE
            reason = _FOREIGN if name == "SQLITE_NOTADB" else f"the index cannot be used: {error}. {advice}"
            raise ElementIndexError(os.fspath(self._path), reason) from error


def _note(changeset_index: int, changes: Iterable[Change], owner_column: OwnerColumn, noted: IndexedRows) -> None:
    """Record the changed rows of a changeset."""
    tables: dict[str, tuple[str, int | None]] = {}
    for change in changes:
        key = change.key
        if len(key) != 1 or not isinstance(key[0], int) or change.table.lower().startswith(_SCHEMA_PREFIX):
            continue
        if change.table not in tables:
            name = folded(change.table)
            tables[change.table] = name, noted.owner_columns.setdefault(name, owner_column(name))
        name, owner = tables[change.table]
        noted.changes.append((key[0], changeset_index, name, _CODES[change.operation]))
        if owner is not None:
            noted.owners.update((each, key[0], name) for each in owners_of(change, owner))


def owners_of(change: Change, owner_column: int) -> list[int]:
    """Return the former and the new element of a changed row, as far as the change contains them."""
    sides = (values for values in (change.old, change.new) if values is not None and owner_column < len(values))
    return [owner for values in sides if isinstance(owner := values[owner_column], int)]


def read_batches(
    changesets: Iterable[tuple[IndexedPlace, Callable[[], Iterable[Change]]]],
    owner_column: OwnerColumn,
    max_changesets: int,
    max_rows: int,
) -> Iterator[tuple[IndexedPlace, IndexedRows]]:
    """Yield the rows of a few changesets at a time, with the last of these changesets.

    Args:
        changesets: The changesets in order, each with a function that reads its changes.
        owner_column: Returns the column with the element of a row.
        max_changesets: Maximum number of changesets in a batch.
        max_rows: Number of rows at which a batch is complete.
    """
    count, last, rows = 0, None, IndexedRows()
    for place, read in changesets:
        _note(place.changeset_index, read(), owner_column, rows)
        count, last = count + 1, place
        if count >= max_changesets or len(rows.changes) >= max_rows:
            yield last, rows
            count, last, rows = 0, None, IndexedRows()
    if last is not None:
        yield last, rows
