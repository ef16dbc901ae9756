"""What the hub needs of the place where its blobs are, wherever that is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from attrs import frozen
from starlette.routing import BaseRoute


class StorageUnavailableError(RuntimeError):
    """The storage cannot be reached at the moment; nothing was done, and the caller may retry."""


class StorageRefusedError(RuntimeError):
    """The storage refuses the request, and a retry will not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryAccess:
    """Access to all blobs below a directory. A blob is read at `{base_url}/{base_directory}/{file}?{token}`.

    Attributes:
        base_url: Address of the account, without a trailing slash; the account is part of it.
        account: The account.
        container: The first segment of the directory's name.
        directory: The other segments; empty when the container as a whole was meant.
        token: What to append as query (azure), or to send as `Authorization: Bearer` (google).
    """

    base_url: str
    account: str
    container: str
    directory: str
    token: str = field(repr=False)

    @property
    def base_directory(self) -> str:
        """Container and directory in one."""
        return f"{self.container}/{self.directory}" if self.directory else self.container


class BlobStore(Protocol):
    """Blobs under names with `/` between their segments.

    Every method raises StorageUnavailableError if the storage cannot be reached, StorageRefusedError if it refuses, and
    ValueError for an invalid name.
    """

    def size(self, name: str) -> int | None:
        """Return the length of a blob in bytes; None if it is missing."""

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """List the blobs whose names begin with `prefix`, sorted. End it with `/` to mean a folder.

        Args:
            prefix: What their names begin with.
            unchanged_for: How long ago each was written at least.
        """

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Yield a file of this machine with the content, to read, for as long as the block lasts.

        Raises:
            KeyError: The blob is missing.
        """

    def read(self, name: str) -> bytes:
        """Return the content of a small blob.

        Raises:
            KeyError: The blob is missing.
        """

    def add(self, name: str, content: bytes, *, content_type: str) -> None:
        """Write a small blob, or replace it: as a whole, or not at all.

        Args:
            name: The blob to write or replace.
            content: All of its content.
            content_type: Media type for readers.
        """

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file of this machine into the store: as a whole, or not at all.

        Args:
            name: The blob to write or replace.
            source: The file; it is only read.
        """

    def copy(self, source: str, target: str) -> None:
        """Copy a blob within the store.

        Args:
            source: A blob.
            target: The blob to write or replace.

        Raises:
            KeyError: The blob `source` is missing.
        """

    def delete(self, name: str) -> None:
        """Delete a blob; nothing happens if it is missing."""

    def delete_all(self, prefix: str) -> None:
        """Delete all blobs whose names begin with `prefix`. End it with `/` to mean a folder."""


class BlobLinks(Protocol):
    """Makes pre-signed links to the blobs."""

    @property
    def storage_type(self) -> str:
        """Form of the links, as the API names it: `azure` or `google`."""

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Make a link to one blob.

        Args:
            base_url: Address of the hub's own storage, for stores that are served by the hub.
            name: The blob, which need not exist.
            permissions: Letters out of `rcwd` (read, create, write, delete) in this order.
            lifetime: How long the link is valid.
        """

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to read a blob; see `blob`."""

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Grant reading and listing of everything below a directory.

        Args:
            base_url: Address of the hub's own storage, for stores that are served by the hub.
            prefix: The directory, as the beginning of names; a trailing slash is ignored.
            lifetime: How long the access is valid.
        """


@frozen(kw_only=True)
class OpenBlobs:
    """The blobs of a hub, ready for use.

    Attributes:
        store: The blobs.
        links: What makes links to them.
        place: Where they are, in words that name no secret.
        routes: What the hub serves, below `/storage`, so that the links lead somewhere.
    """

    store: BlobStore
    links: BlobLinks
    place: str
    routes: Sequence[BaseRoute] = ()
