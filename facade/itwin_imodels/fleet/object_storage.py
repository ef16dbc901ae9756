"""A target in object storage, through fsspec: what all kinds of storage have in common, and what each one adds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from itwin_imodels.fleet.target import Content, StoredFile

_AT_ONCE: Final = 32
"""Maximum number of files that one call transfers at a time; the file system may hold each of them in memory."""


class Storage(Protocol):
    """A kind of object storage.

    Attributes:
        files: The fsspec file system, with credentials from the environment and without a cache of listings.
        root: The bucket or container and the folder in it.
        stale_version: A version that no object has, to test conditional writes.
        version_key: Key of the version in the dictionary that the file system returns for an object.
        modified_key: Key of the time of the last write in that dictionary.
    """

    files: Any
    root: str
    stale_version: str
    version_key: str
    modified_key: str

    def write_if(self, path: str, data: bytes, version: str | None) -> str:
        """Write an object in one request, but only if its version has not changed.

        Args:
            path: The object, with its bucket or container.
            data: New content of the object.
            version: The expected version; None if the object must not exist.

        Returns:
            The new version.

        Raises:
            ChangedMeanwhileError: The object does not have the expected version.
        """
        ...


class ObjectTarget:
    """A bucket or container, or a folder in one. An object appears only once it is complete."""

    def __init__(self, url: str, kind: Callable[[str], Storage]) -> None:
        """Open the storage."""
        self._url = url.rstrip("/")
        self._storage = kind(self._url)
        self._files = self._storage.files

    @property
    def url(self) -> str:
        """The URL of the target."""
        return self._url

    @property
    def stale_version(self) -> str:
        """A version that no file has, to test conditional writes."""
        return self._storage.stale_version

    def files(self, folder: str) -> Iterator[StoredFile]:
        """Yield the files directly in a folder; none if the folder does not exist."""
        self._files.invalidate_cache()
        try:
            entries = self._files.ls(self._path(folder), detail=True)
        except FileNotFoundError:
            return
        for each in entries:
            if each["type"] == "file":
                name = each["name"].rpartition("/")[2]
                yield StoredFile(name, each["size"], each[self._storage.modified_key])

    def read(self, path: str) -> Content | None:
        """Read a small file; return None if it is missing."""
        place = self._path(path)
        self._files.invalidate_cache()
        try:
            version = str(self._files.info(place)[self._storage.version_key])
            return Content(self._files.cat_file(place), version)  # newer content gets a stale version
        except FileNotFoundError:
            return None

    def replace(self, path: str, data: bytes, version: str | None) -> str:
        """Write a small file if it is unchanged since it was read."""
        return self._storage.write_if(self._path(path), data, version)

    def put(self, files: Mapping[str, Path]) -> None:
        """Copy local files, several at a time."""
        self._files.put(
            [str(each) for each in files.values()], [self._path(each) for each in files], batch_size=_AT_ONCE
        )

    def get(self, paths: Sequence[str], folder: Path) -> list[Path]:
        """Copy files to a local folder, and return the paths of the copies in the same order."""
        copies = [folder / Path(path).name for path in paths]
        self._files.get([self._path(each) for each in paths], [str(each) for each in copies], batch_size=_AT_ONCE)
        return copies

    def _path(self, path: str) -> str:
        return f"{self._storage.root}/{path}"
