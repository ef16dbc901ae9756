"""Dump the rows of all tables except `meta` as JSON, and restore them."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds
from itwin_imodels_hub.store.column_types import Instant
from itwin_imodels_hub.store.schema import REVISION, meta, metadata

Tables = dict[str, list[dict[str, object]]]

_CHUNK = 1000
_BEFORE_REVISIONS = {1: "0001"}
"""Revisions of old dumps by the schema number that they contain instead."""


class TableDumpError(ValueError):
    """A dump does not match the tables of this version of the hub."""


def dump_tables(connection: Connection) -> dict[str, object]:
    """Return all rows and the revision of the tables."""
    return {"revision": REVISION, "tables": {table.name: _rows(connection, table) for table in _tables()}}


def read_tables(dump: Mapping[str, object]) -> Tables:
    """Return the rows of a dump.

    Raises:
        TableDumpError: The dump has another revision.
        LookupError: The value is not a dump.
    """
    revision = dump.get("revision") or _BEFORE_REVISIONS.get(dump["schema"])  # type: ignore[call-overload] # any JSON value
    if revision != REVISION:
        raise TableDumpError(
            f"created by another version of the hub (revision {revision}, not {REVISION}). Load it with "
            "that version, then upgrade the hub."
        )
    return dump["tables"]  # type: ignore[return-value] # checked row by row when they are inserted


def empty_tables(connection: Connection) -> None:
    """Delete all rows."""
    for table in reversed(_tables()):
        connection.execute(delete(table))


def fill_tables(connection: Connection, tables: Tables) -> None:
    """Insert dumped rows into empty tables.

    Raises:
        TableDumpError: A row does not match its table.
    """
    for table in _tables():
        rows = _decode(table, tables[table.name])
        for start in range(0, len(rows), _CHUNK):
            connection.execute(insert(table), rows[start : start + _CHUNK])
        _continue_sequence(connection, table)


def _continue_sequence(connection: Connection, table: Table) -> None:
    """Set the sequence of a PostgreSQL table to continue after the inserted numbers."""
    counted = table.autoincrement_column
    if connection.dialect.name != "postgresql" or counted is None:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, counted.name)))
    if sequence is None:
        return
    last = connection.scalar(select(func.max(counted))) or 0
    statement = f"SELECT setval('{sequence}', GREATEST(last_value, :last), is_called OR :last > 0) FROM {sequence}"  # noqa: S608 - a name of the database
    connection.execute(text(statement), {"last": last})


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table is not meta]


def _rows(connection: Connection, table: Table) -> list[dict[str, object]]:
    instants = _instants(table)
    return [
        {key: to_microseconds(value) if key in instants and value is not None else value for key, value in row.items()}
        for row in connection.execute(select(table)).mappings()
    ]


def _decode(table: Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    names, instants = set(table.columns.keys()), _instants(table)
    if any(row.keys() != names for row in rows):
        raise TableDumpError(f"a row of {table.name} has unexpected columns")
    return [
        {
            key: from_microseconds(value) if key in instants and isinstance(value, int) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _instants(table: Table) -> set[str]:
    return {column.name for column in table.columns if isinstance(column.type, Instant)}
