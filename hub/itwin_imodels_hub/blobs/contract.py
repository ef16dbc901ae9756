"""The interface between the hub and its blob storage."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from attrs import frozen
from starlette.routing import BaseRoute


class StorageUnavailableError(RuntimeError):
    """The storage is currently unavailable; nothing was changed, and the caller may retry."""


class StorageRefusedError(RuntimeError):
    """The storage rejected the request; a retry would fail again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryAccess:
    """Access to all blobs below a directory.

    The URL of a blob is `{base_url}/{base_directory}/{file}`, for azure followed by `?{token}`.

    Attributes:
        base_url: Base URL of the account, without a trailing slash.
        account: Account name.
        container: First segment of the directory name.
        directory: Remaining segments; empty for the whole container.
        token: Query to append (azure), or bearer token for the `Authorization` header (google).
    """

    base_url: str
    account: str
    container: str
    directory: str
    token: str = field(repr=False)

    @property
    def base_directory(self) -> str:
        """Container and directory, joined by a slash."""
        return f"{self.container}/{self.directory}" if self.directory else self.container


class BlobStore(Protocol):
    """Storage of blobs under names with segments separated by `/`.

    Every method raises StorageUnavailableError if the storage cannot be reached, StorageRefusedError if it rejects the
    request, and ValueError if the name is invalid.
    """

    def size(self, name: str) -> int | None:
        """Return the size of a blob in bytes; None if it is missing."""

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """Return the sorted names of the blobs that start with `prefix`; a trailing `/` selects a folder.

        Args:
            prefix: Start of the names.
            unchanged_for: Minimum time since each blob was written.
        """

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Yield a local, read-only file with the content during the block.

        Raises:
            KeyError: The blob is missing.
        """

    def read(self, name: str) -> bytes:
        """Return the content of a small blob.

        Raises:
            KeyError: The blob is missing.
        """

    def add(self, name: str, content: bytes, *, content_type: str) -> None:
        """Write or replace a small blob atomically.

        Args:
            name: Name of the blob.
            content: Whole content.
            content_type: Media type.
        """

    def add_file(self, name: str, source: Path) -> None:
        """Copy a local file into the store atomically.

        Args:
            name: Name of the blob; an existing one is replaced.
            source: The file; it is only read.
        """

    def copy(self, source: str, target: str) -> None:
        """Copy a blob within the store.

        Args:
            source: Name of the blob to copy.
            target: Name of the copy; an existing blob is replaced.

        Raises:
            KeyError: The blob `source` is missing.
        """

    def delete(self, name: str) -> None:
        """Delete a blob if it exists."""

    def delete_all(self, prefix: str) -> None:
        """Delete all blobs whose names start with `prefix`; a trailing `/` selects a folder."""


class BlobLinks(Protocol):
    """Creates signed links to blobs."""

    @property
    def storage_type(self) -> str:
        """Name of the link format in the API: `azure` or `google`."""

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Return a link to one blob.

        Args:
            base_url: Base URL of the hub's own storage, used if the hub serves the blobs itself.
            name: Name of the blob, which need not exist.
            permissions: Letters of `rcwd` (read, create, write, delete) in this order.
            lifetime: Lifetime of the link.
        """

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Return a link to read a blob; see `blob`."""

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Return access for reading and listing everything below a directory.

        Args:
            base_url: Base URL of the hub's own storage, used if the hub serves the blobs itself.
            prefix: Start of the names; a trailing slash is ignored.
            lifetime: Lifetime of the access.
        """


@frozen(kw_only=True)
class OpenBlobs:
    """The open blob storage of a hub.

    Attributes:
        store: The blobs.
        links: Creates links to the blobs.
        place: Description of the location, without secrets.
        routes: Routes below `/storage` that serve the links; empty if an external storage serves them.
    """

    store: BlobStore
    links: BlobLinks
    place: str
    routes: Sequence[BaseRoute] = ()
