"""Blob storage of the hub: blobs in a folder, signed links, and the storage protocols that serve the links."""

from itwin_imodels_hub.blobs.contract import (
    BlobLinks,
    BlobStore,
    DirectoryAccess,
    OpenBlobs,
    StorageRefusedError,
    StorageUnavailableError,
)
from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.in_folder import IN_FOLDER, blobs_in_folder
from itwin_imodels_hub.blobs.links import SignedLinks
from itwin_imodels_hub.blobs.served.azure import azure_routes
from itwin_imodels_hub.blobs.served.google import google_routes
from itwin_imodels_hub.blobs.signing import LinkRefused
from itwin_imodels_hub.blobs.storage_types.registry import all_types

__all__ = [
    "IN_FOLDER",
    "BlobLinks",
    "BlobStore",
    "DirectoryAccess",
    "FolderBlobStore",
    "LinkRefused",
    "OpenBlobs",
    "SignedLinks",
    "StorageRefusedError",
    "StorageUnavailableError",
    "all_types",
    "azure_routes",
    "blobs_in_folder",
    "google_routes",
]
