"""The registry of storage types."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen
from starlette.routing import BaseRoute

from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.signing import LinkVerifier, Signer


@frozen(kw_only=True)
class StorageType:
    """A link format and the protocol that serves it. Each of the other modules of this package registers one.

    Names are passed as segments, permissions as letters of `rcwd` (read, create, write, delete) in this order, and
    lifetimes start at the current second.

    Attributes:
        name: Name of the type in the API, such as `azure`.
        blob_query: Returns the query of a link to one blob; raises ValueError if the storage does not support its name.
        directory_token: Returns a token for reading and listing everything below a directory.
        token_member: Name of the directory token in API responses.
        scope: Verifies a link, given the operation (`r`, `w`, `d` or `l`), the blob name in its path, and its query.
            Returns the scope: a blob name, or a directory or container name with a trailing slash. Raises LinkRefused
            if the link does not permit the operation.
        routes: Returns the routes that serve the links.
    """

    name: str
    blob_query: Callable[[Signer, Sequence[str], str, timedelta], str]
    directory_token: Callable[[Signer, Sequence[str], timedelta], str]
    token_member: str
    scope: Callable[[Signer, str, str, Sequence[tuple[str, str]]], str]
    routes: Callable[[FolderBlobStore, LinkVerifier], list[BaseRoute]]


_types: dict[str, StorageType] = {}


def register(storage_type: StorageType) -> None:
    """Register a storage type."""
    _types[storage_type.name] = storage_type


def all_types() -> Sequence[StorageType]:
    """Return all storage types, sorted by name."""
    return [_types[name] for name in sorted(_types)]


def type_named(name: str) -> StorageType:
    """Return a storage type by name.

    Raises:
        ValueError: The name is unknown.
    """
    if name not in _types:
        raise ValueError(f"unknown storage type {name!r}; supported: {', '.join(sorted(_types))}")
    return _types[name]
