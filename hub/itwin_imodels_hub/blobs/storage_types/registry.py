"""What a type of storage is, and the types there are."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen
from starlette.routing import BaseRoute

from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.signing import LinkVerifier, Signer


@frozen(kw_only=True)
class StorageType:
    """A form of links, with the protocol that they speak. Each is a module of its own that registers it.

    Names come in segments, permissions as letters out of `rcwd` (read, create, write, delete) in this order, and
    lifetimes are counted from the current second.

    Attributes:
        name: Name of the type in the API, such as `azure`.
        blob_query: Returns the query of a link to one blob; raises ValueError if the storage has no blob of this name.
        directory_token: Returns what permits reading and listing everything below a directory.
        token_member: Name of that token in the API, below the name of the type.
        scope: Checks a link, given the act (`r`, `w`, `d` or `l`), the blob that its path names and its query. Returns
            what it is for: a blob, or a directory or container and a slash. Raises LinkRefused.
        routes: Returns what serves the links.
    """

    name: str
    blob_query: Callable[[Signer, Sequence[str], str, timedelta], str]
    directory_token: Callable[[Signer, Sequence[str], timedelta], str]
    token_member: str
    scope: Callable[[Signer, str, str, Sequence[tuple[str, str]]], str]
    routes: Callable[[FolderBlobStore, LinkVerifier], list[BaseRoute]]


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
