"""A whole hub in one file: a zip with the tables as JSON and the files beside them.

Loading replaces everything. The times of the snapshot stay; links and continuation tokens made before do not hold
afterwards where the hub has another key.
"""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.events.registering import ensure_webhooks
from itwin_imodels_hub.identity import ensure_users
from itwin_imodels_hub.store.schema import REVISION, Instant, from_microseconds, meta, metadata, to_microseconds
from itwin_imodels_hub.store.webhooks import end_all_leases

_TABLES = "tables.json"
_FILES = "files/"
_CHUNK = 1000
_BEFORE_REVISIONS = {1: "0001"}
"""Revisions by the number that snapshots had before there were revisions."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    SQLAlchemyError,
)
"""What reading a file that is no snapshot, or a damaged one, raises."""


class SnapshotError(ValueError):
    """A file is not a snapshot that this hub can load."""


def dump(hub: Hub, target: Path) -> None:
    """Write everything that a hub holds into a file.

    Args:
        hub: The hub; writers wait meanwhile.
        target: The file, written anew.
    """
    archiving = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with hub.jobs.paused(), archiving as archive, hub.store.alone() as writing:
        tables = {table.name: _rows(writing, table) for table in _tables()}
        archive.writestr(_TABLES, json.dumps({"revision": REVISION, "tables": tables}, ensure_ascii=False))
        for name in hub.blobs.names(""):
            with suppress(KeyError), hub.blobs.local(name) as path:  # gone: an upload that was just confirmed
                archive.write(path, f"{_FILES}{name}")


def load(hub: Hub, source: Path) -> None:
    """Put a hub into the state that a snapshot holds.

    Raises:
        SnapshotError: The file is not a snapshot, or of another version; the hub is as it was then.
    """
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as folder:
            tables = _read_tables(archive)
            files = [each for each in archive.namelist() if each.startswith(_FILES) and not each.endswith("/")]
            extracted = {each.removeprefix(_FILES): Path(archive.extract(each, folder)) for each in files}
            for name in extracted:
                split_name(name)
            with hub.jobs.paused(), hub.store.alone() as connection:
                _empty(connection)
                _fill(connection, tables)
                end_all_leases(connection)
                before = hub.blobs.names("")
                # The files come last: nothing fails any more, unless the disk is full or the storage is away.
                for name, path in extracted.items():
                    hub.blobs.add_file(name, path)
            _delete_others(hub, before, extracted)
    except SnapshotError as error:
        raise SnapshotError(f"{source.name}: {error}") from error
    except _DAMAGE as error:
        raise SnapshotError(f"{source.name}: not a snapshot of a hub") from error
    hub.jobs.notice()
    hub.courier.notice()


def reset(hub: Hub) -> None:
    """Empty a hub; the users and webhooks it was begun with are there afterwards."""
    with hub.jobs.paused(), hub.store.alone() as connection:
        _empty(connection)
        ensure_users(connection, hub.users)
        ensure_webhooks(connection, hub.webhooks, hub.clock.now())
        hub.blobs.delete_all("")
    hub.jobs.notice()


def _delete_others(hub: Hub, before: Iterable[str], kept: Iterable[str]) -> None:
    """Delete the files that a hub had before and has no more, those of an iModel that is gone in one step."""
    gone, folders = set(before).difference(kept), set(map(_folder, kept))
    for folder in set(map(_folder, gone)) - folders:
        hub.blobs.delete_all(folder)
    for name in gone:
        if _folder(name) in folders:
            hub.blobs.delete(name)


def _folder(name: str) -> str:
    return f"{name.partition('/')[0]}/"


def _read_tables(archive: zipfile.ZipFile) -> dict[str, list[dict[str, object]]]:
    content = json.loads(archive.read(_TABLES))
    found = content.get("revision") or _BEFORE_REVISIONS.get(content["schema"])
    if found != REVISION:
        raise SnapshotError(
            f"made by another version of the hub: its tables are of revision {found}, not {REVISION}. Load it with "
            "that version, and upgrade the hub then."
        )
    tables: dict[str, list[dict[str, object]]] = content["tables"]
    return tables


def _empty(connection: Connection) -> None:
    for table in reversed(_tables()):
        connection.execute(delete(table))


def _fill(connection: Connection, tables: dict[str, list[dict[str, object]]]) -> None:
    for table in _tables():
        rows = _decoded(table, tables[table.name])
        for start in range(0, len(rows), _CHUNK):
            connection.execute(insert(table), rows[start : start + _CHUNK])
        _go_on_after(connection, table)


def _go_on_after(connection: Connection, table: Table) -> None:
    """Let a database that counts apart from the rows number the next one after those that came with numbers."""
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


def _decoded(table: Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    names, instants = set(table.columns.keys()), _instants(table)
    if any(row.keys() != names for row in rows):
        raise SnapshotError(f"a row of {table.name} has other columns")
    return [
        {
            key: from_microseconds(value) if key in instants and isinstance(value, int) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _instants(table: Table) -> set[str]:
    return {column.name for column in table.columns if isinstance(column.type, Instant)}
