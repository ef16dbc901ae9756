"""Record the edits to a database as a changeset, with SQLite's session extension."""

import os
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from imodel_files._change import INSERT_CODE
from imodel_files._database import load_apsw
from imodel_files._ddl import folded, quoted
from imodel_files._errors import ChangeRecordingError
from imodel_files._ids import is_id, normal_parent_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._place import RecordedPlace, can_record_place, has_own_timeline, read_place, record_place
from imodel_files._schema_diff import SchemaDiff
from imodel_files._session import SessionReader
from imodel_files._summary import count_tables
from imodel_files._table_shapes import Schema, TableShape, is_local, read_schema
from imodel_files._writing import WrittenChangeset, pages, write_body

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_MAIN: Final = "main"
_SCHEMA_PREFIX: Final = "ec_"
_ADVICE: Final = "record this by comparing the databases before and after with diff_databases()"


class _Session(Protocol):
    """A session of apsw, whose type stubs lack this class."""

    def table_filter(self, wanted: Callable[[str], bool]) -> None:
        """Set the filter that selects the tables to record."""

    def attach(self) -> None:
        """Start recording the selected tables."""

    def changeset(self) -> bytes:
        """Return the recorded changes."""

    def close(self) -> None:
        """Stop recording."""


@attrs.define(eq=False)
class ChangeRecording:
    """A recording of `record_changes`.

    Attributes:
        connection: The connection for editing the database. It has an open transaction; use savepoints inside it.
        written: The changeset, available after the block; None if nothing changed.
    """

    connection: "apsw.Connection"
    written: WrittenChangeset | None = None


@contextmanager
def record_changes(
    database: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[ChangeRecording]:
    """Record the edits to a SQLite database in a ``with`` block, and write them as a changeset at its end.

    The block is one transaction. After an error in the block, while writing the changeset or while committing, the
    database is unchanged, no changeset is written, and an existing file stays as it was. Tables, indexes, views and
    triggers that the block creates or drops, and columns that it adds, become DDL of the changeset.
    Tables whose content is specific to one file are not recorded, as in the native library of iTwin.js: ``be_Local``,
    the journal of transactions, the spatial index and the text index. Tables without a primary key, and rows with NULL
    in their primary key, are not recorded either.

    Triggers fire as usual; those that call functions of the native library fail without it. Foreign keys are enforced,
    except in an iModel that belongs to no iTwin, as when changesets are applied. If the database records its position
    in the timeline, as an iModel does, the position is updated, so that the next recording follows this one.

    Requires the extra ``checkpoint``.

    Args:
        database: The database, which is edited in place.
        target: The file to write, or an existing folder, in which the file is named ``<id>.cs``. An existing file is
            replaced.
        parent_id: The id of the changeset that the database is at; empty for a baseline. None uses the changeset that
            the database records.
        limits: Limits that readers of the file will apply.

    Yields:
        The recording, with the connection to use.

    Raises:
        ChangeRecordingError: A changeset cannot express the edits, such as a dropped column, or the block ended its
            transaction. A table that the block drops must not exist at the end, not even because the block rolled the
            drop back to a savepoint.
        ChangesetFileError: The changeset exceeds the limits.
        ImportError: The extra is not installed.
        ValueError: The parent's id is not 40 hex digits.
        OSError: The changeset cannot be written.
        apsw.Error: SQLite cannot open the database, or another connection is writing to it.

    Example:
        ```python
        with record_changes("author.bim", "changesets") as recording:
            recording.connection.execute("UPDATE bis_Element SET UserLabel = 'Pump' WHERE Id = 0x20000000011")
        if recording.written is not None:
            print(recording.written.id, recording.written.path)
        ```
    """
    apsw = load_apsw()
    path = Path(database)
    given = None if parent_id is None else normal_parent_id(parent_id)
    with closing(apsw.Connection(os.fspath(path), flags=apsw.SQLITE_OPEN_READWRITE)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        recording = ChangeRecording(connection)
        try:
            before = read_schema(connection, _MAIN)
            noted = read_place(connection)
            parent = given if given is not None else _recorded_id(noted)
            if has_own_timeline(connection):
                # or `apply_changesets` would reject the changeset
                connection.config(apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1)
            emptied = _emptied_tables(apsw, connection, before)
            with closing(_session(apsw, connection, emptied)) as session:
                yield recording
                commit = partial(_commit, connection, noted)
                recording.written = _write(
                    apsw, session, connection, before, emptied, path, target, parent, limits, commit
                )
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _recorded_id(place: RecordedPlace | None) -> str:
    return place.id if place is not None and is_id(place.id) else ""


def _session(apsw: "ModuleType", connection: "apsw.Connection", emptied: Container[str]) -> "_Session":
    """Return a session, which does not record the rows that SQLite deletes while it drops a table."""
    session: _Session = apsw.Session(connection, _MAIN)
    session.table_filter(lambda table: not is_local(table) and folded(table) not in emptied)
    session.attach()
    return session


def _emptied_tables(apsw: "ModuleType", connection: "apsw.Connection", before: Schema) -> set[str]:
    """Return a set to which tables of `before` are added, in lower case, when they are dropped or lose a column.

    The session does not record the values that are lost, and the table may get the same columns again.
    """
    emptied: set[str] = set()

    def note(action: int, first: str | None, second: str | None, third: str | None, _: str | None) -> int:
        name = ""
        if action == apsw.SQLITE_DROP_TABLE and third == _MAIN:
            name = folded(first or "")
        elif action == apsw.SQLITE_ALTER_TABLE and first == _MAIN and third is not None:  # the name of a dropped column
            name = folded(second or "")
        if name in before.tables:
            emptied.add(name)
        decision: int = apsw.SQLITE_OK
        return decision

    connection.authorizer = note
    return emptied


def _write(  # noqa: PLR0913, PLR0917 - the parts of a changeset
    apsw: "ModuleType",
    session: "_Session",
    connection: "apsw.Connection",
    before: Schema,
    emptied: set[str],
    path: Path,
    target: str | os.PathLike[str],
    parent: str,
    limits: Limits,
    commit: Callable[[WrittenChangeset | None], None],
) -> WrittenChangeset | None:
    """Write the changeset and commit the transaction."""
    if not connection.in_transaction:
        raise ChangeRecordingError(os.fspath(path), "the block ended its transaction: use savepoints instead")
    schemas = SchemaDiff(before, read_schema(connection, _MAIN))
    _check(schemas, before, emptied, path)
    try:
        body: bytes = session.changeset()
    except apsw.SchemaChangeError as error:
        raise ChangeRecordingError(
            os.fspath(path), f"a table with changed rows was dropped or rebuilt: {_ADVICE}"
        ) from error
    if not body and schemas.ddl is None:
        commit(None)
        return None
    counted = count_tables(SessionReader(pages(memoryview(body)), os.fspath(target), 0, limits), bounded=True)
    for each in schemas.plans:
        if each.before is None and each.table.key_columns:
            _check_recorded(connection, each.table, counted, path)
    return write_body(
        target,
        pages(memoryview(body)),
        parent_id=parent,
        ddl=schemas.ddl,
        has_schema_changes=any(table.lower().startswith(_SCHEMA_PREFIX) for table in counted),
        limits=limits,
        confirm=commit,
    )


def _check(schemas: SchemaDiff, before: Schema, emptied: set[str], path: Path) -> None:
    """Check that a changeset can express the changes to the tables."""
    for each in schemas.plans:
        name = folded(each.table.name)
        if name in emptied or (name in before.tables and each.before is None):
            raise ChangeRecordingError(
                os.fspath(path),
                f"table {each.table.name} was rebuilt, or its columns changed other than by adding some with constant"
                f" defaults: {_ADVICE}",
            )
    if schemas.notes:
        raise ChangeRecordingError(os.fspath(path), schemas.notes[0])


def _check_recorded(
    connection: "apsw.Connection", table: TableShape, counted: Mapping[str, Counter[bytes]], path: Path
) -> None:
    """Check that all rows of a new table were recorded; those of a renamed one were not."""
    keys = " AND ".join(f"{quoted(table.recorded_columns[index])} IS NOT NULL" for index in table.key_columns)
    there = connection.execute(f"SELECT count(*) FROM {quoted(table.name)} WHERE {keys}").get  # noqa: S608 - quoted
    changes = counted.get(table.name, Counter())
    inserts = sum(count for head, count in changes.items() if head[0] == INSERT_CODE)
    if not there == inserts == changes.total():
        raise ChangeRecordingError(
            os.fspath(path), f"rows of table {table.name} were not recorded, because it was renamed: {_ADVICE}"
        )


def _commit(connection: "apsw.Connection", noted: RecordedPlace | None, written: WrittenChangeset | None) -> None:
    """Record the new position, and commit the transaction."""
    if written is not None and can_record_place(connection):
        index = noted.index + 1 if noted is not None and noted.index and noted.id == written.parent_id else None
        first = 1 if not written.parent_id else None
        record_place(connection, RecordedPlace(written.id, index or first))
    connection.execute("COMMIT")
