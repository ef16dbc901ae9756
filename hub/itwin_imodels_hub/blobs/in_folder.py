"""Files in a folder, served by the hub itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from itwin_imodels_hub.blobs.contract import OpenFiles
from itwin_imodels_hub.blobs.folder.store import BlobStore
from itwin_imodels_hub.blobs.links import AZURE, Links
from itwin_imodels_hub.blobs.served.azure import azure_routes
from itwin_imodels_hub.blobs.served.google import google_routes

IN_FOLDER: Final = "the hub's folder"

_LEFT_OVER = timedelta(days=1)


def files_in_folder(
    folder: Path, links: Links, *, now: Callable[[], datetime], durable: bool, shared: bool = False
) -> OpenFiles:
    """Open the files in a folder, and forget what was begun and not finished for a day.

    Args:
        folder: The folder, made when needed.
        links: What makes links to them; their form decides what is served.
        now: Clock of the files.
        durable: Whether writing waits for the disk.
        shared: Whether other processes work on the folder, too.
    """
    store = BlobStore(folder, now=now, durable=durable, shared=shared)
    store.drop_uncommitted(_LEFT_OVER)
    serve = azure_routes if links.storage_type == AZURE else google_routes
    return OpenFiles(store=store, links=links, place=IN_FOLDER, routes=serve(store, links))
