"""Object storage of the hub: a folder of blobs, pre-signed links to them, and the protocols the links speak."""

from itwin_imodels_hub.blobs.contract import (
    FileLinks,
    FileStore,
    OpenFiles,
    StorageRefusedError,
    StorageUnavailableError,
)
from itwin_imodels_hub.blobs.folder.store import BlobStore
from itwin_imodels_hub.blobs.in_folder import IN_FOLDER, files_in_folder
from itwin_imodels_hub.blobs.links import DirectoryAccess, LinkRefused, Links
from itwin_imodels_hub.blobs.served.azure import azure_routes
from itwin_imodels_hub.blobs.served.google import google_routes

__all__ = [
    "IN_FOLDER",
    "BlobStore",
    "DirectoryAccess",
    "FileLinks",
    "FileStore",
    "LinkRefused",
    "Links",
    "OpenFiles",
    "StorageRefusedError",
    "StorageUnavailableError",
    "azure_routes",
    "files_in_folder",
    "google_routes",
]
