"""What the hub asks of the place where its files are, wherever that is."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from attrs import frozen
from starlette.routing import BaseRoute


class StorageUnavailableError(RuntimeError):
    """The files cannot be reached at the moment; what was asked for was not done, and can be asked for again."""


class StorageRefusedError(RuntimeError):
    """The storage does not do what was asked for, and will not do it later either."""


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
    """Files under names with `/` between their segments.

    Every method raises StorageUnavailableError where the storage cannot be reached, StorageRefusedError where it is not
    willing, and ValueError for a name that no file can have.
    """

    def size(self, name: str) -> int | None:
        """Give the length of a file in bytes; None when there is none."""

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """List the files whose names begin with `prefix`, sorted. End it with `/` to mean a folder.

        Args:
            prefix: What their names begin with.
            unchanged_for: How long ago each was written at least.
        """

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Give a file of this machine with the content, to read, for as long as the block lasts.

        Raises:
            KeyError: There is no such file.
        """

    def read(self, name: str) -> bytes:
        """Give the content of a small file.

        Raises:
            KeyError: There is no such file.
        """

    def add(self, name: str, content: bytes, *, content_type: str) -> None:
        """Make a small file of this name, or replace it; it has all of its content or is as it was.

        Args:
            name: The file to make or replace.
            content: All of its content.
            content_type: Media type for readers.
        """

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file of this machine into the store; it has all of its content or is as it was.

        Args:
            name: The file to make or replace.
            source: The file; it is only read.
        """

    def copy(self, source: str, target: str) -> None:
        """Make a second file of the same content, where the first is.

        Args:
            source: A file.
            target: The file to make or replace.

        Raises:
            KeyError: There is no file `source`.
        """

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when there is none."""

    def delete_all(self, prefix: str) -> None:
        """Remove all files whose names begin with `prefix`. End it with `/` to mean a folder."""


class BlobLinks(Protocol):
    """Makes pre-signed links to the files."""

    @property
    def storage_type(self) -> str:
        """Form of the links, as the API names it: `azure` or `google`."""

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Make a link to one file.

        Args:
            base_url: Address of the hub's own storage, for stores that are served by the hub.
            name: The file, which need not be there.
            permissions: Letters out of `rcwd` (read, create, write, delete) in this order.
            lifetime: How long the link holds.
        """

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to read a file; see `blob`."""

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Give access to read and list everything below a directory.

        Args:
            base_url: Address of the hub's own storage, for stores that are served by the hub.
            prefix: The directory, as the beginning of names; a trailing slash is ignored.
            lifetime: How long the access holds.
        """


@frozen(kw_only=True)
class OpenBlobs:
    """The files of a hub, ready for use.

    Attributes:
        store: The files.
        links: What makes links to them.
        place: Where they are, in words that name no secret.
        routes: What the hub serves, below `/storage`, so that the links lead somewhere.
    """

    store: BlobStore
    links: BlobLinks
    place: str
    routes: Sequence[BaseRoute] = ()
