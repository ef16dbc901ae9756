"""HTTP as the transfers need it: requests, responses, and the protocol that each kind of connection implements."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import field, frozen

from itwin_imodels._core.secrets import without_query

OK = 200
_LONGEST_READING = 30.0


@frozen(kw_only=True)
class StreamedBody:
    """Content of a request that is produced while it is sent.

    Attributes:
        size: Bytes.
        pieces: Yields the content from its beginning; called once for each time that it is sent.
    """

    size: int
    pieces: Callable[[], Iterator[bytes]]


@frozen(kw_only=True)
class StorageRequest:
    """A request to object storage.

    Attributes:
        method: HTTP method.
        url: URL with its query, which is a secret; sent unchanged.
        headers: Headers, of which one may be a secret; Content-Length comes from the body.
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
        """Yield the body as it arrives; raises if it ends too early."""


class Wire(Protocol):
    """A connection to storage, used by one thread at a time.

    Its methods raise `ConnectionFailed`, and `RequestTimeout` when nothing moves for too long, without queries in their
    texts.
    """

    def send(self, request: StorageRequest) -> AbstractContextManager[StorageResponse]:
        """Send a request; redirects are not followed. Exceptions of a body's pieces pass through unchanged."""

    def abort(self) -> None:
        """End the request under way. May be called from any thread; the connection is unusable afterwards."""

    def close(self) -> None:
        """Close connections."""


def body_size(body: bytes | StreamedBody) -> int:
    """Return the length of a body, bytes."""
    return body.size if isinstance(body, StreamedBody) else len(body)


def read_beginning(response: StorageResponse, limit: int) -> bytes:
    """Read at most so many bytes of a body, and only what arrives in half a minute."""
    content = bytearray()
    end = time.monotonic() + _LONGEST_READING
    for piece in response.pieces():
        content += piece
        if len(content) >= limit or time.monotonic() > end:
            break
    return bytes(content[:limit])
