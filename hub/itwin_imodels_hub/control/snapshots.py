"""Snapshots: the whole state of a hub in a zip file with the tables as JSON and the blobs.

Loading a snapshot replaces everything. Stored times are kept; links and continuation tokens issued before become
invalid if the hub has another key.
"""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.events.registering import ensure_webhooks
from itwin_imodels_hub.identity import ensure_users
from itwin_imodels_hub.store.table_dump import TableDumpError, dump_tables, dumped_tables, empty_tables, fill_tables
from itwin_imodels_hub.store.webhooks import end_all_leases

_TABLES = "tables.json"
_FILES = "files/"
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
    """A file is not a snapshot that this hub can load."""


def dump(hub: Hub, target: Path) -> None:
    """Write the whole state of a hub to a file.

    Args:
        hub: The hub; writers wait until the dump is complete.
        target: The file; overwritten if it exists.
    """
    archiving = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with hub.jobs.paused(), archiving as archive, hub.store.alone() as writing:
        archive.writestr(_TABLES, json.dumps(dump_tables(writing), ensure_ascii=False))
        for name in hub.blobs.names(""):
            with suppress(KeyError), hub.blobs.local(name) as path:  # missing: an upload that was confirmed just now
                archive.write(path, f"{_FILES}{name}")


def load(hub: Hub, source: Path) -> None:
    """Restore the state of a hub from a snapshot.

    Raises:
        SnapshotError: The file is not a snapshot, or from another version; the hub is unchanged.
    """
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as folder:
            tables = dumped_tables(json.loads(archive.read(_TABLES)))
            files = [each for each in archive.namelist() if each.startswith(_FILES) and not each.endswith("/")]
            extracted = {each.removeprefix(_FILES): Path(archive.extract(each, folder)) for each in files}
            for name in extracted:
                split_name(name)
            with hub.jobs.paused(), hub.store.alone() as connection:
                empty_tables(connection)
                fill_tables(connection, tables)
                end_all_leases(connection)
                before = hub.blobs.names("")
                # Blobs come last: from here only a full disk or an unavailable storage can cause a failure.
                for name, path in extracted.items():
                    hub.blobs.add_file(name, path)
            _delete_others(hub, before, extracted)
    except TableDumpError as error:
        raise SnapshotError(f"{source.name}: {error}") from error
    except _DAMAGE as error:
        raise SnapshotError(f"{source.name}: not a hub snapshot") from error
    hub.jobs.notice()
    hub.courier.notice()


def reset(hub: Hub) -> None:
    """Delete the state of a hub except its configured users and webhooks."""
    with hub.jobs.paused(), hub.store.alone() as connection:
        empty_tables(connection)
        ensure_users(connection, hub.users)
        ensure_webhooks(connection, hub.webhooks, hub.clock.now())
        hub.blobs.delete_all("")
    hub.jobs.notice()


def _delete_others(hub: Hub, before: Iterable[str], kept: Iterable[str]) -> None:
    """Delete the blobs that are no longer needed; if a whole iModel is gone, in one step."""
    gone, folders = set(before).difference(kept), set(map(_folder, kept))
    for folder in set(map(_folder, gone)) - folders:
        hub.blobs.delete_all(folder)
    for name in gone:
        if _folder(name) in folders:
            hub.blobs.delete(name)


def _folder(name: str) -> str:
    return f"{name.partition('/')[0]}/"
