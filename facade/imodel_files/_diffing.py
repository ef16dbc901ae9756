"""Write the difference between two databases as a changeset."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from imodel_files._database import ROW_OVERHEAD, is_wal, unfinished_reason
from imodel_files._encoding import decode_text
from imodel_files._errors import DatabaseDiffError
from imodel_files._ids import is_id
from imodel_files._limits import Limits
from imodel_files._place import read_place
from imodel_files._row_diff import AFTER, BEFORE, RowDiff
from imodel_files._schema_diff import SchemaDiff
from imodel_files._table_shapes import read_schema
from imodel_files._writing import WrittenChangeset, write_body

if TYPE_CHECKING:
    import sqlite3


def diff(
    before: str | os.PathLike[str],
    after: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None,
    limits: Limits,
) -> WrittenChangeset:
    """Compare two databases; see `diff_databases`."""
    with _opened(Path(before), Path(after), limits) as database:
        schemas = SchemaDiff(read_schema(database, BEFORE), read_schema(database, AFTER))
        tables = [RowDiff(database, plan, os.fspath(after), limits) for plan in schemas.plans]
        written = write_body(
            target,
            _session(tables, os.fspath(after), limits),
            parent_id=_recorded_id(database) if parent_id is None else parent_id,
            ddl=schemas.ddl,
            has_schema_changes=any(each.describes_schema and each.has_changes() for each in tables),
            limits=limits,
        )
        notes = [*schemas.notes, *(note for each in tables if (note := each.note()) is not None)]
    return attrs.evolve(written, notes=tuple(notes))


def _recorded_id(database: "sqlite3.Connection") -> str:
    """Return the changeset id that the first database records; empty if there is none."""
    place = read_place(database)
    return place.id if place is not None and is_id(place.id) else ""


def _session(tables: Sequence[RowDiff], path: str, limits: Limits) -> Iterator[bytes]:
    changed = 0
    for table in tables:
        first = True
        for block in table.session():
            changed += first
            first = False
            if changed > limits.tables:
                raise DatabaseDiffError(path, f"more than {limits.tables} tables differ (Limits.tables)")
            yield block


@contextmanager
def _opened(before: Path, after: Path, limits: Limits) -> "Iterator[sqlite3.Connection]":
    """Open two databases in one connection for reading.

    Raises:
        DatabaseDiffError: One of them is not a database, is in use, or is damaged.
        OSError: One of them cannot be read.
    """
    import sqlite3  # noqa: PLC0415 - only needed to compare databases

    addresses = [_address(each) for each in (before, after)]
    path, other = before, after
    try:
        with closing(sqlite3.connect(addresses[0], uri=True, timeout=0, isolation_level=None)) as database:
            database.text_factory = decode_text
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.values + ROW_OVERHEAD)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute(f"SELECT 1 FROM {BEFORE}.sqlite_master LIMIT 1")  # noqa: S608 - our own name
            path, other = after, before
            database.execute(f"ATTACH ? AS {AFTER}", (addresses[1],))
            database.execute("BEGIN")
            yield database
    except sqlite3.Error as error:
        raise DatabaseDiffError(os.fspath(path), f"SQLite cannot compare the database with {other}: {error}") from error
    except UnicodeError as error:
        raise DatabaseDiffError(os.fspath(path), f"a name in this database or in {other} is not valid UTF-8") from error


def _address(database: Path) -> str:
    """Return the URI by which SQLite opens a database for reading.

    A database in WAL mode that is not in use is opened as immutable, because SQLite would otherwise create files next
    to it.
    """
    mode = "mode=ro&immutable=1" if is_wal(database) else "mode=ro"
    reason = unfinished_reason(database)
    if reason is not None:
        raise DatabaseDiffError(os.fspath(database), reason)
    return f"{database.resolve().as_uri()}?{mode}"
