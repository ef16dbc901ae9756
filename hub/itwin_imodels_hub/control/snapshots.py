"""Snapshots: the whole state of a hub in a zip file that contains the blobs, and the tables as JSON.

A snapshot lists its files with their sizes and hashes, and is checked completely before it replaces anything. Stored
times are restored unchanged. Links and continuation tokens issued earlier become invalid if the hub that loads the
snapshot has another key.
"""

import errno
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from attrs import asdict
from sqlalchemy.exc import SQLAlchemyError

from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.basis.private_files import open_private
from itwin_imodels_hub.control.blob_replacement import BlobReplacement
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.snapshot_files import FILES, DumpedFile, SnapshotFileError, check_files, write_file
from itwin_imodels_hub.events.registering import ensure_webhooks
from itwin_imodels_hub.store import initial_content
from itwin_imodels_hub.store.table_dump import (
    TableDumpError,
    Tables,
    dump_tables,
    empty_tables,
    fill_tables,
    read_tables,
)
from itwin_imodels_hub.store.webhooks import end_all_leases

_TABLES = "tables.json"
_LIST = "files.json"
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
"""Errors raised when reading a damaged snapshot or another kind of file."""


class SnapshotError(ValueError):
    """A file is not a snapshot, or this hub cannot load it."""


def dump(hub: Hub, target: Path) -> None:
    """Write the whole state of a hub to a file, private to its owner.

    Args:
        hub: The hub; writers wait until the dump is complete, or fail if their lock timeout expires.
        target: The file; an existing file is replaced when the dump is complete.
    """
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with open_private(unfinished, "xb") as file:
            _write(hub, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(hub: Hub, file: BinaryIO) -> None:
    archiving = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with hub.jobs.paused(), archiving as archive, hub.store.alone() as writing:
        archive.writestr(_TABLES, json.dumps(dump_tables(writing), ensure_ascii=False))
        dumped: dict[str, object] = {}
        for name in hub.blobs.names(""):
            # The blob may be gone: its upload has just been confirmed, which moved it to its final name.
            with suppress(KeyError), hub.blobs.local(name) as path:
                dumped[name] = asdict(write_file(archive, name, path))
        archive.writestr(_LIST, json.dumps(dumped, ensure_ascii=False))


def check(source: Path) -> None:
    """Check that a file is a complete snapshot that this version of the hub can load.

    Raises:
        SnapshotError: The file is not a snapshot, is incomplete, or belongs to another version.
    """
    with _opened(source):
        pass


def load(hub: Hub, source: Path) -> None:
    """Restore the state of a hub from a snapshot.

    Raises:
        SnapshotError: The file is not a complete snapshot that this version of the hub can load; the hub is unchanged.
        OSError: The disk is full; the hub is unchanged.
    """
    with _opened(source) as (archive, tables, files), tempfile.TemporaryDirectory() as folder:
        extracted = {each: Path(archive.extract(f"{FILES}{each}", folder)) for each in files}
        # The replacement encloses the transaction, so that a failed commit also restores the blobs.
        with hub.jobs.paused(), BlobReplacement(hub.blobs) as replacement, hub.store.alone() as connection:
            empty_tables(connection)
            fill_tables(connection, tables)
            end_all_leases(connection)
            hub.credentials.ensure(connection)
            before = hub.blobs.names("")
            for name, path in extracted.items():
                replacement.put(name, path)
        _delete_others(hub, before, extracted)
    hub.jobs.notice()
    hub.event_sender.wake()


@contextmanager
def _opened(source: Path) -> Iterator[tuple[zipfile.ZipFile, Tables, list[str]]]:
    """Open a snapshot and check it; yield it with its tables and the names of its files.

    Raises:
        SnapshotError: The file is not a complete snapshot that this version of the hub can load; also raised for read
            errors inside the `with` block.
        OSError: The disk is full, whichever library reported it.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            tables = read_tables(json.loads(archive.read(_TABLES)))
            yield archive, tables, check_files(archive, tables, _listed_files(archive))
    except (TableDumpError, SnapshotFileError) as error:
        raise SnapshotError(f"{source.name}: {error}") from error
    except _DAMAGE as error:
        if is_disk_full(error):
            raise OSError(errno.ENOSPC, "the disk is full") from error
        raise SnapshotError(f"{source.name}: not a hub snapshot") from error


def _listed_files(archive: zipfile.ZipFile) -> dict[str, DumpedFile] | None:
    """Return the files that a snapshot lists; None for snapshots of versions that wrote no list."""
    if _LIST not in archive.namelist():
        return None
    return {name: DumpedFile(**each) for name, each in json.loads(archive.read(_LIST)).items()}


def reset(hub: Hub) -> None:
    """Delete the state of a hub except its configured users and webhooks."""
    with hub.jobs.paused(), hub.store.alone() as connection:
        empty_tables(connection)
        initial_content.complete(connection)
        hub.credentials.ensure(connection)
        ensure_webhooks(connection, hub.webhooks, hub.clock.now())
        hub.blobs.delete_all("")
    hub.jobs.notice()


def _delete_others(hub: Hub, before: Iterable[str], kept: Iterable[str]) -> None:
    """Delete the blobs that are no longer needed; those of deleted iModels in one step per iModel."""
    gone, folders = set(before).difference(kept), set(map(_folder, kept))
    for folder in set(map(_folder, gone)) - folders:
        hub.blobs.delete_all(folder)
    for name in gone:
        if _folder(name) in folders:
            hub.blobs.delete(name)


def _folder(name: str) -> str:
    return f"{name.partition('/')[0]}/"
