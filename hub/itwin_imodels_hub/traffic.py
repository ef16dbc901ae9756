"""What a hub was asked: a log of requests that a test can look into. Secrets never get in."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from attrs import frozen
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from itwin_imodels_hub.faults import CONTROL

_KEPT = 10_000
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
_SECRET_PARAMETERS = frozenset({"sig", "x-goog-signature"})


@frozen(kw_only=True)
class LoggedRequest:
    """A request that was answered, or whose connection ended.

    Attributes:
        method: HTTP method.
        path: Path as it came, not decoded.
        query: Query as it came, with signatures blotted out.
        headers: Headers by lower-case name, with credentials blotted out.
        received: Bytes of its body that were read.
        status: Status of the answer; None when none was begun.
        sent: Bytes of the answer's body.
        seconds: How long it took.
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
    """The last requests, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=_KEPT)

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """What was logged."""
        with self._lock:
            return tuple(self._requests)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()

    def add(self, request: LoggedRequest) -> None:
        """Log a request."""
        with self._lock:
            self._requests.append(request)


class LoggingMiddleware:
    """Logs the requests of an application."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        """Wrap an application."""
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and log it."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        begin = time.monotonic()
        counts: dict[str, int | None] = {"received": 0, "status": None, "sent": 0}
        logged = False

        async def counting_receive() -> Message:
            message = await receive()
            counts["received"] = (counts["received"] or 0) + len(message.get("body", b""))
            return message

        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                counts["status"] = message["status"]
            counts["sent"] = (counts["sent"] or 0) + len(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                log()  # first, so that who has the answer finds it in the log
            await send(message)

        def log() -> None:
            nonlocal logged
            if logged:
                return
            logged = True
            self._log.add(
                LoggedRequest(
                    method=scope["method"],
                    path=scope.get("raw_path", b"").decode("latin-1").partition("?")[0],
                    query=_without_secrets(scope["query_string"].decode("latin-1")),
                    headers=_headers(scope),
                    received=counts["received"] or 0,
                    status=counts["status"],
                    sent=counts["sent"] or 0,
                    seconds=time.monotonic() - begin,
                )
            )

        try:
            await self._app(scope, counting_receive, counting_send)
        finally:
            log()


def _headers(scope: Scope) -> dict[str, str]:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return {name: _REDACTED if name in _SECRET_HEADERS else value for name, value in headers.items()}


def _without_secrets(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name.lower() in _SECRET_PARAMETERS for name, _ in pairs):
        return query
    return urlencode([(name, _REDACTED if name.lower() in _SECRET_PARAMETERS else value) for name, value in pairs])
