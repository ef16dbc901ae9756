"""Storage over httpx."""

import logging
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import httpx

from itwin_imodels._core.secrets import masked, without_query
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody
from itwin_imodels.errors import ConnectionFailed, RequestTimeout, TransferError

_PIECE = 256 << 10
_quiet = threading.local()


@cache
def shared_tls() -> ssl.SSLContext:
    """Create the TLS context, once for all connections: that takes longer than many transfers."""
    return httpx.create_ssl_context()


def _is_foreign_record(_: logging.LogRecord) -> bool:
    """Drop what httpx logs of our requests: it contains the whole URL, signature included."""
    return not getattr(_quiet, "on", False)


class HttpxResponse:
    """A response of httpx."""

    def __init__(self, request: StorageRequest, response: httpx.Response) -> None:
        """Wrap a streamed response to a request."""
        self._request = request
        self._response = response
        self.status = response.status_code

    def header(self, name: str) -> str | None:
        """Return a header."""
        value: str | None = self._response.headers.get(name)
        return value

    def pieces(self) -> Iterator[bytes]:
        """Yield the body."""
        failure: Exception | None = None
        try:
            yield from self._response.iter_raw()
        except httpx.HTTPError as error:
            failure = _failure(self._request, error)
        if failure is not None:
            raise failure


class HttpxWire:
    """One connection of httpx."""

    def __init__(self, *, tls: ssl.SSLContext, connect_timeout: float, idle_timeout: float) -> None:
        """Create a client; it connects with the first request.

        Args:
            tls: Shared, since creating it is slow.
            connect_timeout: Seconds.
            idle_timeout: Seconds.
        """
        self._client = httpx.Client(
            verify=tls,
            timeout=httpx.Timeout(idle_timeout, connect=connect_timeout),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
        )
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._aborted = False

    @contextmanager
    def send(self, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request."""
        failure: Exception | None = None
        _quiet.on = True
        try:
            with self._client.stream(
                request.method,
                request.url,
                headers=_headers(request),
                content=_content(request.body),
                extensions={"trace": self._trace},
            ) as response:
                yield HttpxResponse(request, response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = _failure(request, error)
        finally:
            _quiet.on = False
        if failure is not None:
            raise failure  # out here, since the variables of httpx hold the whole URL

    def abort(self) -> None:
        """Shut the connection down; a thread that waits for it fails."""
        with self._lock:
            self._aborted = True
            self._shut_down()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket; httpcore reports when it connects."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._aborted:
                    self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it may be closed already
                # Not the method of an SSL socket, which takes its state away from the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _cut(content: bytes) -> Iterator[bytes]:
    """Split content: httpcore copies the whole rest each time that the system accepts only a part."""
    for at in range(0, len(content), _PIECE):
        yield content[at : at + _PIECE]


def _headers(request: StorageRequest) -> Mapping[str, str]:
    headers = {"accept-encoding": "identity", **request.headers}
    if request.body is not None:
        size = request.body.size if isinstance(request.body, StreamedBody) else len(request.body)
        headers["content-length"] = str(size)
    return headers


def _content(body: bytes | StreamedBody | None) -> Iterator[bytes] | None:
    if body is None:
        return None
    return body.pieces() if isinstance(body, StreamedBody) else _cut(body)


def _failure(request: StorageRequest, error: Exception) -> Exception:
    address = without_query(request.url)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return TransferError(f"invalid link: {address}")
    kind = RequestTimeout if isinstance(error, httpx.TimeoutException) else ConnectionFailed
    return kind(f"{request.method} {address}: {masked(str(error)) or type(error).__name__}")


logging.getLogger("httpx").addFilter(_is_foreign_record)
