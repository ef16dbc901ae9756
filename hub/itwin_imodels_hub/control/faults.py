"""Fault injection: network, API and storage failures for testing clients."""

import json
import re
import threading
from collections.abc import Sequence
from typing import Final, Literal, Self

import anyio
from attrs import evolve, field, frozen
from attrs.validators import ge, le
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from itwin_imodels_hub.api.errors import rate_limited
from itwin_imodels_hub.control.connections import close_connection

CONTROL: Final = "/_hub/"
"""Path prefix of the control API."""
_PAGE: Final = "/hub/"

Action = Literal["answer", "drop", "drop_after", "cut"]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"the path {text!r} is not a valid regular expression: {error}") from error
    return text


@frozen(kw_only=True)
class Fault:
    """A failure injected into matching requests.

    Attributes:
        path: Regular expression searched for in the path, which begins with `/imodels` or `/storage`, for example.
        method: HTTP method; None matches all.
        times: Number of matching requests to which the fault applies.
        skip: Number of matching requests to serve normally first.
        delay: Seconds to wait before the action.
        action: `answer` sends the response below; `drop` closes the connection before the hub acts; `drop_after` lets
            the hub act, then closes the connection instead of responding; `cut` sends the first `cut_at` bytes of the
            real response body, then closes the connection. None only delays.
        status: Status code of the injected response.
        headers: Headers of the injected response.
        body: Body of the injected response.
        cut_at: Bytes of the real body to send before closing.
    """

    path: str = field(default="", converter=_pattern)
    method: str | None = None
    times: int = field(default=1, validator=ge(1))
    skip: int = field(default=0, validator=ge(0))
    delay: float = field(default=0.0, validator=ge(0))
    action: Action | None = None
    status: int = field(default=500, validator=[ge(200), le(599)])
    headers: dict[str, str] = field(factory=dict)
    body: str = ""
    cut_at: int = field(default=0, validator=ge(0))

    @classmethod
    def rate_limited(  # noqa: PLR0913 - each is one choice of the caller
        cls,
        *,
        retry_after: int | str = 1,
        path: str = "^/imodels",
        times: int = 1,
        tier: str | None = "basic",
        operation: str | None = None,
        application: str | None = None,
    ) -> Self:
        """Return a fault that makes the API reject requests with status 429, as its rate limits do.

        Args:
            retry_after: Seconds, or an HTTP date.
            path: See the class.
            times: See the class.
            tier: Exceeded tier, for the `ITwinPlatform-RateLimited-Tier` header; None omits it.
            operation: Limited operation, for the `ITwinPlatform-RateLimited-Operation` header.
            application: Id of the limited application, for the `ITwinPlatform-RateLimited-Application` header.
        """
        limited = rate_limited(retry_after, tier=tier, operation=operation, application=application)
        headers = {**limited.headers, "Content-Type": "application/json"}
        body = json.dumps(limited.body())
        return cls(action="answer", status=limited.status, headers=headers, body=body, path=path, times=times)

    @classmethod
    def link_expired(cls, *, path: str = "^/storage/", times: int = 1) -> Self:
        """Return a fault that makes the storage reject links as expired."""
        message = "Signature not valid in the specified time frame"
        return cls._storage_error(403, "AuthenticationFailed", message, path, times)

    @classmethod
    def storage_busy(cls, *, path: str = "^/storage/", times: int = 1) -> Self:
        """Return a fault that makes the storage report overload."""
        message = "The server is currently unable to receive requests."
        return cls._storage_error(503, "ServerBusy", message, path, times)

    @classmethod
    def _storage_error(cls, status: int, code: str, message: str, path: str, times: int) -> Self:
        body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
        headers = {"x-ms-error-code": code, "content-type": "application/xml"}
        return cls(action="answer", status=status, headers=headers, body=body, path=path, times=times)

    def matches(self, method: str, path: str) -> bool:
        """Check whether the fault applies to a request."""
        return (self.method is None or self.method.upper() == method) and re.search(self.path, path) is not None


def is_exempt(path: str) -> bool:
    """Check whether a path belongs to the control API or the status page, which faults and the request log ignore."""
    return path == "/" or path.startswith((CONTROL, _PAGE))


class Faults:
    """The pending faults; thread-safe."""

    def __init__(self) -> None:
        """Create an empty list of faults."""
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault; if several match a request, the oldest applies."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()

    @property
    def waiting(self) -> Sequence[Fault]:
        """The pending faults with their remaining counts."""
        with self._lock:
            return tuple(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that applies to a request, or None, and update the counts of the matching faults."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    self._waiting[index] = evolve(fault, skip=fault.skip - 1)
                    continue
                self._waiting[index : index + 1] = [evolve(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None


class FaultMiddleware:
    """ASGI middleware that injects faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        """Wrap an application."""
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or inject a fault."""
        concerned = scope["type"] == "http" and not is_exempt(scope["path"])
        fault = self._faults.take(scope["method"], scope["path"]) if concerned else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        await anyio.sleep(fault.delay)
        match fault.action:
            case None:
                await self._app(scope, receive, send)
            case "answer":
                await _answer(fault, send)
            case "drop":
                await close_connection(scope, receive)
            case "drop_after":
                await self._app(scope, receive, _discard)
                await close_connection(scope, receive)
            case "cut":
                await self._app(scope, receive, _Cut(send, fault.cut_at))
                await close_connection(scope, receive)


async def _answer(fault: Fault, send: Send) -> None:
    body = fault.body.encode()
    headers = {**fault.headers, "content-length": str(len(body))}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _discard(message: Message) -> None:
    """Discard a response."""


class _Cut:
    """Sends a response up to a number of body bytes and discards the rest."""

    def __init__(self, send: Send, bytes_left: int) -> None:
        self._send = send
        self._left = bytes_left
        self._begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
        elif self._left or not self._begun:
            self._begun = True
            body = message.get("body", b"")[: self._left]
            self._left -= len(body)
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
