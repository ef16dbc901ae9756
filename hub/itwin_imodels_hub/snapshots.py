"""A whole hub in one file: a zip with the tables as JSON and the files beside them.

Loading replaces everything. The times of the snapshot stay; links and continuation tokens made before do not hold
afterwards where the hub has another key.
"""

import json
import tempfile
import zipfile
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.app import Hub
from itwin_imodels_hub.identity import ensure_users
from itwin_imodels_hub.store.schema import SCHEMA_VERSION, Instant, from_microseconds, meta, metadata, to_microseconds

_TABLES = "tables.json"
_FILES = "files/"
_CHUNK = 1000


class SnapshotError(ValueError):
    """A file is not a snapshot that this hub can load."""


def dump(hub: Hub, target: Path) -> None:
    """Write everything that a hub holds into a file.

    Args:
        hub: The hub; writers wait meanwhile.
        target: The file, written anew.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, hub.store.writing() as writing:
        tables = {table.name: _rows(writing, table.name) for table in _tables()}
        archive.writestr(_TABLES, json.dumps({"schema": SCHEMA_VERSION, "tables": tables}, ensure_ascii=False))
        for name in hub.blobs.names(""):
            archive.write(hub.blobs.path(name), f"{_FILES}{name}")


def load(hub: Hub, source: Path) -> None:
    """Put a hub into the state that a snapshot holds.

    Raises:
        SnapshotError: The file is not a snapshot, or of another version; the hub is as it was then.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            content = json.loads(archive.read(_TABLES))
            if content.get("schema") != SCHEMA_VERSION:
                raise SnapshotError(f"{source.name}: made by another version of the hub")
            with tempfile.TemporaryDirectory() as folder:
                files = [each for each in archive.namelist() if each.startswith(_FILES)]
                extracted = {each.removeprefix(_FILES): Path(archive.extract(each, folder)) for each in files}
                _replace(hub, content["tables"], extracted)
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise SnapshotError(f"{source.name}: not a snapshot of a hub") from error


def reset(hub: Hub) -> None:
    """Empty a hub; the default users are there afterwards."""
    _replace(hub, {}, {})
    with hub.store.writing() as connection:
        ensure_users(connection)


def _replace(hub: Hub, tables: dict[str, list[dict[str, object]]], files: dict[str, Path]) -> None:
    with hub.store.writing() as connection:
        for table in reversed(_tables()):
            connection.execute(delete(table))
        hub.blobs.delete_all("")
        for name, path in files.items():
            hub.blobs.add_file(name, path)
        for table in _tables():
            rows = [_decoded(table.name, row) for row in tables.get(table.name, [])]
            for start in range(0, len(rows), _CHUNK):
                connection.execute(insert(table), rows[start : start + _CHUNK])
    hub.jobs.notice()


def _tables() -> list:  # type: ignore[type-arg] # tables of any kind
    return [table for table in metadata.sorted_tables if table is not meta]


def _rows(connection: Connection, name: str) -> list[dict[str, object]]:
    table = metadata.tables[name]
    instants = {column.name for column in table.columns if isinstance(column.type, Instant)}
    return [
        {key: to_microseconds(value) if key in instants and value is not None else value for key, value in row.items()}
        for row in connection.execute(select(table)).mappings()
    ]


def _decoded(name: str, row: dict[str, object]) -> dict[str, object]:
    table = metadata.tables[name]
    instants = {column.name for column in table.columns if isinstance(column.type, Instant)}
    return {
        key: from_microseconds(value) if key in instants and isinstance(value, int) else value
        for key, value in row.items()
    }
