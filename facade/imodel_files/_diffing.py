"""The difference of two databases as a changeset."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from imodel_files._database import ROW_OVERHEAD, is_wal, unfinished_reason
from imodel_files._errors import DatabaseDiffError
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._row_diff import AFTER, BEFORE, RowDiff
from imodel_files._schema_diff import SchemaDiff
from imodel_files._table_shapes import read_schema
from imodel_files._writing import WrittenChangeset, write_body

if TYPE_CHECKING:
    import sqlite3


def diff_databases(
    before: str | os.PathLike[str],
    after: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    parent_id: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WrittenChangeset:
    """Write the changeset that turns one database into another.

    It holds the rows of all tables with a primary key, as SQLite's `sqlite3session_diff` does, but compares values
    byte by byte whatever the collation of their column. Tables, indexes, views and triggers that differ become DDL: new
    ones are created, missing ones dropped. Columns at the end of a table are added; a table whose columns differ in
    another way is dropped and made anew, with all its rows.

    Not in the result, but in its notes if they differ: tables without a primary key, rows with NULL in it, virtual
    tables. Tables that belong to one file of an iModel alone are left out: ``be_Local``, the journal ``dgn_Txns``, and
    the spatial and text indexes.

    The databases are only read, and must be at rest. Memory does not grow with them.

    Args:
        before: The database that the changeset can be applied to.
        after: The database that comes out.
        target: The file to write, or an existing folder in which it gets the name ``<id>.cs``; an existing file is
            replaced.
        parent_id: The id of the changeset that the first database is at; ``""`` or None for the baseline.
        limits: What a reader will allow.

    Returns:
        The changeset. It has no changes if the databases have the same content.

    Raises:
        DatabaseDiffError: A file is not a database, is damaged or in use, or holds a row larger than the limits.
        PrefixTooLargeError: The DDL is larger than the limits allow.
        ValueError: The parent's id is not 40 hex digits.
        OSError: A file cannot be read or written.
    """
    with _opened(Path(before), Path(after), limits) as database:
        difference = SchemaDiff(read_schema(database, BEFORE), read_schema(database, AFTER))
        tables = [RowDiff(database, plan, os.fspath(after), limits) for plan in difference.plans]
        written = write_body(
            target,
            _session(tables, os.fspath(after), limits),
            parent_id=parent_id,
            ddl=difference.ddl,
            has_schema_changes=any(each.describes_schema and each.has_changes() for each in tables),
            limits=limits,
        )
        notes = [*difference.notes, *(note for each in tables if (note := each.note()) is not None)]
    return attrs.evolve(written, notes=tuple(notes))


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
    """Open two databases in one connection, for reading.

    Raises:
        DatabaseDiffError: One of them is not a database at rest, or is damaged.
        OSError: One of them cannot be read.
    """
    import sqlite3  # noqa: PLC0415 - only this function of the package works on databases with it

    addresses = [_address(each) for each in (before, after)]
    path = os.fspath(before)
    try:
        with closing(sqlite3.connect(addresses[0], uri=True, timeout=0, isolation_level=None)) as database:
            database.text_factory = _text
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.values + ROW_OVERHEAD)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute(f"SELECT 1 FROM {BEFORE}.sqlite_master LIMIT 1")  # noqa: S608 - our own name
            path = os.fspath(after)
            database.execute(f"ATTACH ? AS {AFTER}", (addresses[1],))
            database.execute("BEGIN")
            yield database
    except sqlite3.Error as error:
        raise DatabaseDiffError(path, f"SQLite cannot compare it with {before}: {error}") from error
    except UnicodeEncodeError as error:
        raise DatabaseDiffError(path, f"a name in the database is not UTF-8: {error.reason}") from error


def _address(database: Path) -> str:
    """Return the address by which SQLite opens a database for reading.

    A database in WAL mode that is at rest is opened as one that nobody changes, since SQLite would write files beside
    it.
    """
    mode = "mode=ro&immutable=1" if is_wal(database) else "mode=ro"
    reason = unfinished_reason(database)
    if reason is not None:
        raise DatabaseDiffError(os.fspath(database), reason)
    return f"{database.resolve().as_uri()}?{mode}"


def _text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")
