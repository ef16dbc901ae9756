"""What a type of storage is, and the types there are."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from starlette.routing import BaseRoute

from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.signing import LinkVerifier, Signer


class StorageType(Protocol):
    """A form of links, with the protocol that they speak. Each stands in a module of its own and registers itself."""

    @property
    def name(self) -> str:
        """Name of the type in the API, such as `azure`."""

    def blob_query(self, signer: Signer, segments: Sequence[str], permissions: str, lifetime: timedelta) -> str:
        """Return the query of a link to one blob.

        Args:
            signer: What signs it.
            segments: The blob's name.
            permissions: Letters out of `rcwd` (read, create, write, delete) in this order.
            lifetime: How long the link is valid, counted from the current second.

        Raises:
            ValueError: The storage has no blob of this name.
        """

    def directory_token(self, signer: Signer, segments: Sequence[str], lifetime: timedelta) -> str:
        """Return what permits reading and listing everything below a directory; see `blob_query`."""

    def directory_credential(self, token: str) -> Mapping[str, object]:
        """Return the token of a directory as the API shows it, under the name of the type."""

    def scope(self, signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
        """Check a link and return what it is for: a blob, or a directory or container and a slash.

        Args:
            signer: What signed it.
            permission: The act, `r`, `w`, `d` or `l`.
            name: The blob that the path of the link names.
            pairs: The link's query.

        Raises:
            LinkRefused: The link does not permit the act.
        """

    def routes(self, store: FolderBlobStore, links: LinkVerifier) -> list[BaseRoute]:
        """Return what serves the links."""


_types: dict[str, StorageType] = {}


def register(storage_type: StorageType) -> None:
    """Add a type."""
    _types[storage_type.name] = storage_type


def all_types() -> Sequence[StorageType]:
    """Return all types, by name."""
    return [_types[name] for name in sorted(_types)]


def type_named(name: str) -> StorageType:
    """Find a type.

    Raises:
        ValueError: There is no such type.
    """
    if name not in _types:
        raise ValueError(f"There is no storage type {name!r}; there are {' and '.join(sorted(_types))}.")
    return _types[name]
