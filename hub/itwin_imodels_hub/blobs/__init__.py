"""Object storage of the hub: a folder of blobs, pre-signed links to them, and the protocols the links speak."""

from itwin_imodels_hub.blobs.azure import azure_routes
from itwin_imodels_hub.blobs.contract import FileLinks, FileStore, StorageUnavailableError
from itwin_imodels_hub.blobs.google import google_routes
from itwin_imodels_hub.blobs.links import DirectoryAccess, LinkRefused, Links
from itwin_imodels_hub.blobs.store import BlobStore

__all__ = [
    "BlobStore",
    "DirectoryAccess",
    "FileLinks",
    "FileStore",
    "LinkRefused",
    "Links",
    "StorageUnavailableError",
    "azure_routes",
    "google_routes",
]
