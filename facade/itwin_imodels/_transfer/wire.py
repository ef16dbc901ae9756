"""HTTP as the transfers need it: what every implementation takes and gives."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import field, frozen

from itwin_imodels._core.secrets import without_query


@frozen(kw_only=True)
class Body:
    """Content of a request that is made while it is sent.

    Attributes:
        size: Bytes.
        pieces: Gives the content from its beginning; called once for each time that it is sent.
    """

    size: int
    pieces: Callable[[], Iterator[bytes]]


@frozen(kw_only=True)
class Call:
    """A request.

    Attributes:
        method: HTTP method.
        url: Address with its query, which is a secret; used as text.
        headers: Headers, of which one may be a secret; Content-Length comes from the body.
        body: Content.
    """

    method: str
    url: str = field(repr=without_query)
    headers: Mapping[str, str] = field(factory=dict, repr=lambda headers: f"<{', '.join(sorted(headers))}>")
    body: bytes | Body | None = None


class Answer(Protocol):
    """An answer whose body has not been read."""

    @property
    def status(self) -> int:
        """HTTP status."""

    def header(self, name: str) -> str | None:
        """Give a header; None when there is none."""

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Give the body as it comes over the line; raises when it ends too early."""


class Wire(Protocol):
    """A line to storage, used by one thread at a time.

    Its methods raise `ConnectionFailed`, and `RequestTimeout` when nothing moves for too long, without queries in their
    texts.
    """

    def send(self, call: Call) -> AbstractContextManager[Answer]:
        """Send a request; redirects are not followed. What a body's pieces raise comes out unchanged."""

    def abort(self) -> None:
        """End what is being sent or received. From any thread; the line is good for nothing afterwards."""

    def close(self) -> None:
        """Let go of connections."""


def read_some(answer: Answer, limit: int) -> bytes:
    """Read the beginning of a body."""
    content = bytearray()
    for piece in answer.pieces():
        content += piece
        if len(content) >= limit:
            break
    return bytes(content[:limit])
