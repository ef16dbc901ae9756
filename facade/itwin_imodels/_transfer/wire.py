"""HTTP for transfers: requests, responses, and the protocol that each kind of connection implements."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from math import inf
from typing import Protocol

from attrs import field, frozen

from itwin_imodels._core.secrets import without_query

OK = 200
_MAX_READ_SECONDS = 30.0


@frozen(kw_only=True)
class StreamedBody:
    """Content of a request that is produced while it is sent.

    Attributes:
        size: Size in bytes.
        pieces: Yields the content from its beginning; called once for each attempt.
    """

    size: int
    pieces: Callable[[], Iterator[bytes]]


@frozen(kw_only=True)
class StorageRequest:
    """A request to object storage.

    Attributes:
        method: HTTP method.
        url: URL including its query, which is a secret; sent unchanged.
        headers: Headers, one of which may be a secret; Content-Length comes from the body.
        body: Content.
        success: Statuses that mean success.
    """

    method: str
    url: str = field(repr=without_query)
    headers: Mapping[str, str] = field(factory=dict, repr=lambda headers: f"<{', '.join(sorted(headers))}>")
    body: bytes | StreamedBody | None = None
    success: tuple[int, ...] = (OK,)


class StorageResponse(Protocol):
    """A response whose body has not been read."""

    @property
    def status(self) -> int:
        """HTTP status."""

    def header(self, name: str) -> str | None:
        """Return a header; None if it is missing."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives; raises an exception if the body is truncated."""


class Wire(Protocol):
    """A connection to storage, used by one thread at a time.

    Its methods raise `ConnectionFailed`, `RequestTimeout` if there is no progress for too long, or `TransferError` if
    the URL is invalid. The messages never contain the query of a URL.
    """

    def send(self, request: StorageRequest) -> AbstractContextManager[StorageResponse]:
        """Send a request without following redirects; exceptions raised while its body is produced are propagated."""

    def abort(self) -> None:
        """Abort the current request. May be called from any thread; the connection is unusable afterwards."""

    def close(self) -> None:
        """Close the connection."""


def body_size(body: bytes | StreamedBody) -> int:
    """Return the size of a body in bytes."""
    return body.size if isinstance(body, StreamedBody) else len(body)


def read_beginning(response: StorageResponse, limit: int, *, in_time: bool = True) -> bytes:
    """Read at most `limit` bytes of a body; with `in_time`, only those that arrive within half a minute."""
    content = bytearray()
    end = time.monotonic() + (_MAX_READ_SECONDS if in_time else inf)
    for piece in response.pieces():
        content += piece
        if len(content) >= limit or time.monotonic() > end:
            break
    return bytes(content[:limit])
