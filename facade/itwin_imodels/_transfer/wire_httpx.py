"""Storage over httpx, which supports all kinds of proxies."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from typing import Any

import httpx

from itwin_imodels._core.attempt_limit import AttemptLimit, AttemptTimeoutError, limit_connection
from itwin_imodels._core.http_environment import empty_cookie_jar, environment_errors
from itwin_imodels._core.http_logs import without_httpx_log
from itwin_imodels._core.network import Network
from itwin_imodels._core.secrets import masked, without_query
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody, body_size
from itwin_imodels.errors import ConnectionFailed, RequestTimeout, TransferError

_PIECE = 256 << 10
_DEFAULT = Network()


class HttpxResponse:
    """A response from httpx."""

    def __init__(self, request: StorageRequest, response: httpx.Response) -> None:
        """Wrap a streamed response to a request."""
        self._request = request
        self._response = response
        self.status = response.status_code

    def header(self, name: str) -> str | None:
        """Return a header; None if it is missing."""
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
    """A connection through httpx."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        connect_timeout: float,
        answer_timeout: AnswerTimeout,
        network: Network = _DEFAULT,
    ) -> None:
        """Create a client, which connects with the first request.

        Args:
            tls: The TLS context, which is shared because creating one is slow.
            connect_timeout: Maximum time to establish a connection, in seconds.
            answer_timeout: Timeouts for responses and for inactivity.
            network: The proxy, and whether environment variables apply.

        Raises:
            ConfigurationError: An environment variable has an invalid value.
        """
        with environment_errors():
            self._client = httpx.Client(
                **{**network.httpx_options(), "verify": tls},
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                follow_redirects=False,
                cookies=empty_cookie_jar(),
            )
        self._timeouts = httpx.Timeout(answer_timeout.idle, connect=connect_timeout).as_dict()
        self._answer_timeout = answer_timeout
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._aborted = False

    @contextmanager
    def send(self, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request."""
        failure: Exception | None = None
        timeouts = {**self._timeouts}
        limit = AttemptLimit(self._answer_timeout.longest if request.body is None else inf)
        try:
            with without_httpx_log(), ExitStack() as stack:
                with limit:  # limits only the head, because a large file takes a long time
                    response = stack.enter_context(
                        self._client.stream(
                            request.method,
                            request.url,
                            headers=_headers(request),
                            content=self._content(request.body, timeouts, limit),
                            extensions={"trace": self._trace, "timeout": timeouts},
                        )
                    )
                timeouts["read"] = self._answer_timeout.idle
                yield HttpxResponse(request, response)
        except AttemptTimeoutError:
            address = without_query(request.url)
            failure = RequestTimeout(f"{request.method} {address}: the response headers did not arrive in time")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = _failure(request, error)
        if failure is not None:
            raise failure  # not in the except block: its traceback would contain the whole URL

    def abort(self) -> None:
        """Shut down the connection, so that a thread waiting for it fails."""
        with self._lock:
            self._aborted = True
            self._shut_down()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _content(
        self, body: bytes | StreamedBody | None, timeouts: dict[str, float | None], limit: AttemptLimit
    ) -> Iterator[bytes] | None:
        if body is None:
            return None
        pieces = body.pieces() if isinstance(body, StreamedBody) else _cut(body)
        return self._patient(pieces, body_size(body), timeouts, limit)

    def _patient(
        self, content: Iterator[bytes], size: int, timeouts: dict[str, float | None], limit: AttemptLimit
    ) -> Iterator[bytes]:
        """Yield a body; before its last piece, extend the response timeout, which httpx applies afterwards."""
        begun, left = time.monotonic(), size
        for piece in content:
            left -= len(piece)
            if left <= 0:
                timeouts["read"] = self._answer_timeout.after(size, time.monotonic() - begun)
                limit.restart(self._answer_timeout.longest)
            yield piece

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Store the socket when httpcore reports a connection."""
        limit_connection(event, info)
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._aborted:
                    self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the socket may be closed already
                # Do not call the method of an SSL socket, which discards state that the reading thread needs.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _cut(content: bytes) -> Iterator[bytes]:
    """Split content: httpcore copies the whole rest whenever the system accepts only a part."""
    for at in range(0, len(content), _PIECE):
        yield content[at : at + _PIECE]


def _headers(request: StorageRequest) -> Mapping[str, str]:
    headers = {"accept-encoding": "identity", **request.headers}
    if request.body is not None:
        headers["content-length"] = str(body_size(request.body))
    return headers


def _failure(request: StorageRequest, error: Exception) -> Exception:
    address = without_query(request.url)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return TransferError(f"invalid link: {address}")
    kind = RequestTimeout if isinstance(error, httpx.TimeoutException) else ConnectionFailed
    return kind(f"{request.method} {address}: {masked(str(error)) or type(error).__name__}")
