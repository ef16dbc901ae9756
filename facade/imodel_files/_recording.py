"""Recording the edits of a database as a changeset, with SQLite's session extension."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from imodel_files._database import load_apsw
from imodel_files._ddl import folded
from imodel_files._errors import ChangeRecordingError
from imodel_files._ids import is_id, normal_parent_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._place import Place, can_note_place, note_place, read_place
from imodel_files._schema_diff import SchemaDiff
from imodel_files._session import SessionReader
from imodel_files._summary import count_tables
from imodel_files._table_shapes import Schema, is_local, read_schema
from imodel_files._writing import WrittenChangeset, pages, write_body

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_MAIN: Final = "main"
_SCHEMA_PREFIX: Final = "ec_"


class _Session(Protocol):
    """A session of apsw, whose stubs leave it out."""

    def table_filter(self, wanted: Callable[[str], bool]) -> None:
        """Set which tables are recorded."""

    def attach(self) -> None:
        """Begin to record."""

    def changeset(self) -> bytes:
        """Return what was recorded."""

    def close(self) -> None:
        """End."""


@attrs.define(eq=False)
class ChangeRecording:
    """What `record_changes` records.

    Attributes:
        connection: The connection to edit the database with. A transaction is open; use savepoints inside.
        written: The changeset, after the block; None if nothing was changed.
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
    """Record the edits of a SQLite database during a block, and write them as a changeset at its end.

    The block is one transaction. If it raises an error, or the changeset cannot be written, the database stays as it
    was and there is no changeset. Tables, columns, indexes, views and triggers that the block creates or drops go into
    the changeset as DDL. Tables that belong to one file alone are left out, as the vendor's library does:
    ``be_Local``, the journal of transactions, the spatial index and the text index. So are tables without a key.

    Triggers run as always; those that call functions of the vendor's library fail without it. A database that notes
    its place in the timeline, as an iModel does, notes the new changeset, so that the next recording follows this one.

    Requires the extra ``checkpoint``.

    Args:
        database: The database; edited in place.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``.
        parent_id: The changeset that the database is at, if it does not note it; empty for a baseline.
        limits: What a reader will allow.

    Yields:
        The recording, with the connection to use.

    Raises:
        ChangeRecordingError: The edits cannot be expressed as a changeset, such as a table that was rebuilt.
        ChangesetFileError: They are not within the limits.
        ImportError: The extra is not installed.
        ValueError: The parent's id is not 40 hex digits.
        OSError: The changeset cannot be written.
        apsw.Error: SQLite cannot open the database, or somebody else is writing to it.

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
            parent = given if given is not None else _noted_id(noted)
            with closing(_session(apsw, connection)) as session:
                yield recording
                written = _written(apsw, session, connection, before, path, target, parent, limits)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        recording.written = _committed(apsw, connection, written, noted)


def _noted_id(place: Place | None) -> str:
    return place.id if place is not None and is_id(place.id) else ""


def _session(apsw: "ModuleType", connection: "apsw.Connection") -> "_Session":
    session: _Session = apsw.Session(connection, _MAIN)
    session.table_filter(lambda table: not is_local(table))
    session.attach()
    return session


def _written(  # noqa: PLR0913, PLR0917 - what a changeset is made of
    apsw: "ModuleType",
    session: "_Session",
    connection: "apsw.Connection",
    before: Schema,
    path: Path,
    target: str | os.PathLike[str],
    parent: str,
    limits: Limits,
) -> WrittenChangeset | None:
    if not connection.in_transaction:
        raise ChangeRecordingError(os.fspath(path), "the block ended its transaction: use savepoints inside")
    schemas = SchemaDiff(before, read_schema(connection, _MAIN))
    _check(schemas, before, path)
    try:
        body: bytes = session.changeset()
    except apsw.SchemaChangeError as error:
        raise ChangeRecordingError(
            os.fspath(path), f"a table with changed rows was dropped or rebuilt: {error}"
        ) from error
    if not body and schemas.ddl is None:
        return None
    counted = count_tables(SessionReader(pages(memoryview(body)), os.fspath(target), 0, limits))
    return write_body(
        target,
        pages(memoryview(body)),
        parent_id=parent,
        ddl=schemas.ddl,
        has_schema_changes=any(table.lower().startswith(_SCHEMA_PREFIX) for table in counted),
        limits=limits,
    )


def _check(schemas: SchemaDiff, before: Schema, path: Path) -> None:
    """Check that a changeset can express what became of the tables."""
    rebuilt = [
        each.table.name for each in schemas.plans if each.before is None and folded(each.table.name) in before.tables
    ]
    if rebuilt:
        raise ChangeRecordingError(
            os.fspath(path),
            f"table {rebuilt[0]} was rebuilt with other columns: compare copies with diff_databases instead",
        )
    if schemas.notes:
        raise ChangeRecordingError(os.fspath(path), schemas.notes[0])


def _committed(
    apsw: "ModuleType", connection: "apsw.Connection", written: WrittenChangeset | None, noted: Place | None
) -> WrittenChangeset | None:
    """End the transaction; without the database, there is no changeset either."""
    try:
        if written is not None and can_note_place(connection):
            index = noted.index + 1 if noted is not None and noted.index and noted.id == written.parent_id else None
            first = 1 if not written.parent_id else None
            note_place(connection, Place(written.id, index or first))
        connection.execute("COMMIT")
    except apsw.Error:
        if written is not None:
            Path(written.path).unlink(missing_ok=True)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return written
