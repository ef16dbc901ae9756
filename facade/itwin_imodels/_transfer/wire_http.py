"""Storage over the standard library's HTTP client, without proxies; it takes a quarter of httpx's processor time."""

import http.client
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FunctionType
from typing import BinaryIO, Final

from itwin_imodels._core.secrets import masked, without_query
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.line import EndlessError, Line
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody, body_size
from itwin_imodels.errors import ConnectionFailed, RequestTimeout, TransferError

_READ: Final = 256 << 10
"""Maximum size in bytes of a received piece."""
_URL: Final = re.compile(r"(https?)://((?:\[[\w:.%]+\]|[^][/?#@:]+)(?::\d*)?)([/?][^#]*)?", re.IGNORECASE)
_ERRORS: Final = (OSError, http.client.HTTPException, EndlessError, ValueError, OverflowError)

_LONGEST_HEADER: Final = 64 << 10
"""Maximum length in bytes of a header."""
_MAX_HEADERS: Final = 100
_INTERIM: Final = range(100, 200)
_LISTS: Final = frozenset({"x-goog-hash"})
"""Headers that a storage sends once for each of their values."""


def _parse_headers(lines: BinaryIO, **_limits: object) -> dict[str, str]:
    """Read headers by their names in lower case: the first value of each, and all values of `_LISTS`."""
    headers: dict[str, str] = {}
    for _ in range(_MAX_HEADERS + 1):
        line = lines.readline(_LONGEST_HEADER + 1)
        if len(line) > _LONGEST_HEADER or not line:
            raise http.client.HTTPException("a header of the response is too long or truncated")
        if line in {b"\r\n", b"\n"}:
            return headers
        name, _colon, value = line.decode("latin-1").partition(":")
        name, value = name.strip().lower(), value.strip()
        if name not in headers:
            headers[name] = value
        elif name in _LISTS:
            headers[name] += f", {value}"
    raise http.client.HTTPException(f"the response has more than {_MAX_HEADERS} headers")


class _ParsedResponse(http.client.HTTPResponse):
    """A response from the standard library's client, without that client's header parser, which is made for e-mail.

    That parser takes a fifth of the processor time for downloading a small file.
    """

    begin = FunctionType(
        http.client.HTTPResponse.begin.__code__, {**vars(http.client), "parse_headers": _parse_headers}
    )
    begin.__kwdefaults__ = http.client.HTTPResponse.begin.__kwdefaults__  # Python 3.15 added an argument

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status line of the final response; skip interim ones, such as 103 (Early Hints)."""
        while True:
            line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc] # missing in the stubs
            if line[1] not in _INTERIM:
                return line
            _parse_headers(self.fp)


class HttpResponse:
    """A response from the standard library's client."""

    def __init__(self, request: StorageRequest, response: http.client.HTTPResponse) -> None:
        """Wrap a response whose body is unread."""
        self._request = request
        self._response = response
        self._left = response.length
        self.status = response.status

    def header(self, name: str) -> str | None:
        """Return a header; None if it is missing."""
        value: str | None = self._response.headers.get(name.lower())
        return value

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        while piece := self._read():
            yield piece
        if self._left:
            raise ConnectionFailed(f"{_shown(self._request)}: {self._left} bytes of the body are missing")
        self._left = 0

    @property
    def is_reusable(self) -> bool:
        """Whether the connection can be used for another request."""
        return self._left == 0 and not self._response.will_close

    def close(self) -> None:
        """End the response."""
        self._response.close()

    def _read(self) -> bytes:
        try:
            if self._left is None:
                return self._response.read1(_READ)
            piece: bytes = self._response.fp.read1(min(self._left, _READ)) if self._left else b""
            self._left -= len(piece)
        except _ERRORS as error:
            failure = _failure(self._request, error)
        else:
            return piece
        raise failure


class HttpWire:
    """A connection through the standard library's client."""

    def __init__(
        self, *, tls: Callable[[], ssl.SSLContext], connect_timeout: float, answer_timeout: AnswerTimeout
    ) -> None:
        """Create the connection, which is opened by the first request.

        Args:
            tls: Returns the shared TLS context; called when needed, because creating it is slow.
            connect_timeout: Maximum time to establish a connection, in seconds.
            answer_timeout: Timeouts for responses and for inactivity.
        """
        self._tls = tls
        self._connect_timeout = connect_timeout
        self._answer_timeout = answer_timeout
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._line: Line | None = None
        self._origin = ("", "")
        self._aborted = False

    @contextmanager
    def send(self, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request."""
        response: HttpResponse | None = None
        try:
            response = self._exchange(request)
            yield response
        finally:
            if response is not None:
                response.close()
            if response is None or not response.is_reusable or self._line is None:
                self.close()
            else:
                self._line.record_use()

    def abort(self) -> None:
        """Shut down the connection, so that a thread waiting for it fails."""
        with self._lock:
            self._aborted = True
            if self._line is not None:
                self._line.shut_down()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            line, self._line, self._connection = self._line, None, None
        if line is not None:
            line.disconnect()

    def _exchange(self, request: StorageRequest) -> HttpResponse:
        try:
            connection, line = self._begin(request)
        except _ERRORS as error:
            failure = _failure(request, error)
        else:
            is_cut = request.body is not None and not self._send_body(request.body, line, request)
            try:
                return HttpResponse(request, self._answer(connection, line))
            except _ERRORS as error:
                failure = _failure(request, error)
            if is_cut and not isinstance(failure, RequestTimeout):
                failure = ConnectionFailed(f"{_shown(request)}: the connection broke while the body was being sent")
        raise failure  # not in the except block: its traceback would contain the whole URL

    def _begin(self, request: StorageRequest) -> tuple[http.client.HTTPConnection, Line]:
        """Send the head of a request."""
        match = _URL.fullmatch(request.url)
        if match is None:
            raise http.client.InvalidURL
        connection, line = self._connected(match[1].lower(), match[2])
        line.set_limits(self._answer_timeout.idle, self._answer_timeout.longest if request.body is None else None)
        target = match[3] or "/"
        target = target if target.startswith("/") else f"/{target}"
        connection.putrequest(request.method, target, skip_accept_encoding=True)
        connection.putheader("accept-encoding", "identity")
        for name, value in request.headers.items():
            connection.putheader(name, value)
        if request.body is not None:
            connection.putheader("content-length", str(body_size(request.body)))
        connection.endheaders()
        return connection, line

    def _connected(self, scheme: str, authority: str) -> tuple[http.client.HTTPConnection, Line]:
        """Return the open connection if it leads to this host and is still open, else a new one."""
        if self._origin != (scheme, authority) or self._line is None or self._line.is_stale():
            self.close()
        if self._connection is None or self._line is None:
            make = partial(http.client.HTTPSConnection, context=self._tls()) if scheme == "https" else None
            connection = (make or http.client.HTTPConnection)(authority, timeout=self._connect_timeout)
            connection.response_class = _ParsedResponse
            connection.connect()
            line = Line(connection.sock)
            connection.sock = line  # implements the methods that the library uses
            with self._lock:
                self._connection, self._line, self._origin = connection, line, (scheme, authority)
                if self._aborted:
                    line.shut_down()
        return self._connection, self._line

    def _send_body(self, body: bytes | StreamedBody, line: Line, request: StorageRequest) -> bool:
        """Send a body; return whether it was sent completely. A server may respond early and close the connection."""
        begun, size = time.monotonic(), body_size(body)
        left = size
        for piece in body.pieces() if isinstance(body, StreamedBody) else (body,):
            left -= len(piece)
            try:
                line.sendall(piece)
            except TimeoutError as error:
                failure = _failure(request, error)
            except OSError:
                line.set_limits(self._answer_timeout.idle, self._answer_timeout.idle)
                return False
            else:
                if left <= 0:
                    break
                continue
            raise failure
        patience = self._answer_timeout.after(size, time.monotonic() - begun)
        line.set_limits(patience, self._answer_timeout.longest)
        return True

    def _answer(self, connection: http.client.HTTPConnection, line: Line) -> http.client.HTTPResponse:
        """Read the head of the response; reading the body has separate limits."""
        response = connection.getresponse()
        line.set_limits(self._answer_timeout.idle, None)
        return response


def _shown(request: StorageRequest) -> str:
    return f"{request.method} {without_query(request.url)}"


def _failure(request: StorageRequest, error: Exception) -> Exception:
    if isinstance(error, http.client.InvalidURL | ValueError | OverflowError) and not isinstance(error, OSError):
        return TransferError(f"invalid link: {without_query(request.url)}")
    if isinstance(error, EndlessError):
        return RequestTimeout(f"{_shown(request)}: the response headers did not arrive in time")
    kind = RequestTimeout if isinstance(error, TimeoutError) else ConnectionFailed
    return kind(f"{_shown(request)}: {masked(str(error)) or type(error).__name__}")
