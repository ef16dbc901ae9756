"""Log of the requests that a hub received, for tests. Secrets are redacted."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from attrs import frozen
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from itwin_imodels_hub.control.faults import is_exempt

_MAX_REQUESTS = 10_000
_REDACTED = "…"
_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "referer",
        "x-ms-copy-source",
        "x-ms-copy-source-authorization",
    }
)
_SECRET_PARAMETERS = frozenset(
    {
        "access_token",
        "client_secret",
        "code",
        "code_verifier",
        "device_code",
        "id_token_hint",
        "refresh_token",
        "sig",
        "state",
        "token",
        "user_code",
        "x-goog-signature",
    }
)


@frozen(kw_only=True)
class LoggedRequest:
    """A request that was answered, or whose connection ended.

    Attributes:
        method: HTTP method.
        path: Path as sent, percent-encoded.
        query: Query as sent, with signatures and credentials redacted.
        headers: Headers by lower-case name, with credentials redacted.
        received: Bytes of the request body that were read.
        status: Status code of the response; None if no response was sent.
        sent: Bytes of the response body.
        seconds: Duration in seconds.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    received: int
    status: int | None
    sent: int
    seconds: float


class RequestLog:
    """The latest requests (at most 10,000), oldest first; thread-safe."""

    def __init__(self) -> None:
        """Create an empty log."""
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=_MAX_REQUESTS)
        self._era = 0

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """The logged requests."""
        with self._lock:
            return tuple(self._requests)

    def clear(self) -> None:
        """Remove all requests."""
        with self._lock:
            self._requests.clear()
            self._era += 1

    @property
    def era(self) -> int:
        """The number of times the log was cleared."""
        with self._lock:
            return self._era

    def add(self, request: LoggedRequest, era: int) -> None:
        """Add a request that began in an era, unless the log has been cleared since then."""
        with self._lock:
            if era == self._era:
                self._requests.append(request)


class LoggingMiddleware:
    """ASGI middleware that logs requests."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        """Wrap an application."""
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and log it."""
        if scope["type"] != "http" or is_exempt(scope["path"]):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._log)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.end()


class _Exchange:
    """A request and its response, with byte counts."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, log: RequestLog) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._log = log
        self._era = log.era
        self._begin = time.monotonic()
        self._received = 0
        self._sent = 0
        self._status: int | None = None
        self._announced: int | None = None
        self._head: Message | None = None
        self._ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        """Send a response message; delay the head until the first body message; log the exchange before the last one.

        A client that has received the whole response, or as many bytes as announced, therefore finds it in the log.
        """
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._announced = _content_length(message)
            self._head = message
            return
        self._sent += len(message.get("body", b""))
        if not message.get("more_body", False) or self._sent == self._announced:
            self.end()
        if self._head is not None:
            head, self._head = self._head, None
            await self._send(head)
        await self._send(message)

    def end(self) -> None:
        """Log the exchange once."""
        if self._ended:
            return
        self._ended = True
        self._log.add(
            LoggedRequest(
                method=self._scope["method"],
                path=self._scope.get("raw_path", b"").decode("latin-1").partition("?")[0],
                query=_without_secrets(self._scope["query_string"].decode("latin-1")),
                headers=_headers(self._scope),
                received=self._received,
                status=self._status,
                sent=self._sent,
                seconds=time.monotonic() - self._begin,
            ),
            self._era,
        )


def _content_length(head: Message) -> int | None:
    for name, value in head.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value)
    return None


def _headers(scope: Scope) -> dict[str, str]:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return {name: _REDACTED if name in _SECRET_HEADERS else value for name, value in headers.items()}


def _without_secrets(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name.lower() in _SECRET_PARAMETERS for name, _ in pairs):
        return query
    return urlencode([(name, _REDACTED if name.lower() in _SECRET_PARAMETERS else value) for name, value in pairs])
