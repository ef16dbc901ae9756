"""A target in Azure Blob Storage, through adlfs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import adlfs  # noqa: F401 - used by fsspec; imported here to fail early if missing
import fsspec
from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError

from itwin_imodels.fleet.target import ChangedMeanwhileError, Content, StoredFile


class AzureTarget:
    """A container, or a folder in it. Blobs appear when they are complete; ETags protect blobs that are replaced."""

    def __init__(self, url: str) -> None:
        """Open a file system with the credentials of the environment."""
        self._url = url.rstrip("/")
        self._files: Any
        self._files, self._root = fsspec.url_to_fs(self._url, use_listings_cache=False)

    @property
    def url(self) -> str:
        """The URL of the target."""
        return self._url

    def files(self, folder: str) -> list[StoredFile]:
        """Return the files directly in a folder; empty if the folder does not exist."""
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            return []
        return [
            StoredFile(each["name"].rpartition("/")[2], each["size"], each["last_modified"])
            for each in found
            if each["type"] == "file"
        ]

    def read(self, path: str) -> Content | None:
        """Read a small file; return None if it is missing."""
        place = self._path(path)
        self._files.invalidate_cache()
        try:
            version = self._files.info(place)[
                "etag"
            ]  # before reading: if the content is newer, the version is outdated
            return Content(self._files.cat_file(place), version)
        except FileNotFoundError:
            return None

    def replace(self, path: str, data: bytes, version: str | None) -> str:
        """Write a small file if it is unchanged since it was read."""
        condition: dict[str, Any] = {"overwrite": False}
        if version is not None:
            condition = {"etag": version, "match_condition": MatchConditions.IfNotModified}
        try:
            return str(self._files.pipe_file(self._path(path), data, **condition)["etag"])
        except (FileExistsError, ResourceModifiedError):
            raise ChangedMeanwhileError(path) from None

    def put(self, files: Mapping[str, Path]) -> None:
        """Copy local files in parallel."""
        self._files.put([str(each) for each in files.values()], [self._path(each) for each in files])

    def get(self, paths: Sequence[str], folder: Path) -> list[Path]:
        """Copy files to a local folder, and return their paths in the same order."""
        found = [folder / Path(path).name for path in paths]
        self._files.get([self._path(each) for each in paths], [str(each) for each in found])
        return found

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"
