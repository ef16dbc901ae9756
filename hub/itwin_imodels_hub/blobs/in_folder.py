"""Blobs in a folder, served by the hub itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from itwin_imodels_hub.blobs.contract import OpenBlobs
from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.links import SignedLinks

IN_FOLDER: Final = "the hub's folder"

_ABANDONED_AFTER = timedelta(days=1)


def blobs_in_folder(
    folder: Path, links: SignedLinks, *, now: Callable[[], datetime], durable: bool, shared: bool = False
) -> OpenBlobs:
    """Open the blobs in a folder and delete uploads without activity for a day.

    Args:
        folder: The folder, created if missing.
        links: Creates links; its storage type determines the served protocol.
        now: Clock for the modification times of blobs.
        durable: Whether writes wait for the disk.
        shared: Whether other processes use the folder too.
    """
    store = FolderBlobStore(folder, now=now, durable=durable, shared=shared)
    store.drop_uncommitted(_ABANDONED_AFTER)
    return OpenBlobs(store=store, links=links, place=IN_FOLDER, routes=links.form.routes(store, links))
