"""Azure Blob Storage, through adlfs: a version is an ETag."""

from typing import Any

import adlfs  # noqa: F401 - used by fsspec; imported here to fail early if missing
import fsspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError

from itwin_imodels.fleet.target import ChangedMeanwhileError


class AzureStorage:
    """A container of an account."""

    stale_version = '"0x1"'
    version_key = "etag"
    modified_key = "last_modified"

    def __init__(self, url: str) -> None:
        """Open a file system."""
        self.files: Any
        self.files, self.root = fsspec.url_to_fs(url, use_listings_cache=False)

    def write_if(self, path: str, data: bytes, version: str | None) -> str:
        """Write a blob if its ETag matches; without an ETag, only if it does not exist."""
        condition: dict[str, Any] = {"overwrite": False}
        if version is not None:
            condition = {"etag": version, "match_condition": MatchConditions.IfNotModified}
        try:
            return str(self.files.pipe_file(path, data, **condition)["etag"])
        except (FileExistsError, ResourceModifiedError):
            raise ChangedMeanwhileError(path) from None
