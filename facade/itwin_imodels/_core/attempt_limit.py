"""Total time limit for one attempt at a request, including responses that arrive byte by byte."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import httpcore

from itwin_imodels._core.cancelling import calling_when_cancelled

_current = threading.local()


class AttemptTimeoutError(Exception):
    """An attempt exceeded its time limit."""


class AttemptLimit:
    """Time limit on everything that a thread sends and receives over httpx connections; a context manager.

    httpx has no total timeout. It reports each new connection to the extension `trace`, which wraps the connection's
    `read` and `write` so that they respect the limit of the thread that uses them.

    Attributes:
        extensions: Extensions to pass to each request within the limit.
    """

    def __init__(self, seconds: float) -> None:
        """Create a limit. The clock starts when the context is entered.

        Args:
            seconds: Seconds after which `AttemptTimeoutError` is raised.
        """
        self.extensions: Final[Mapping[str, Any]] = {"trace": limit_connection}
        self._seconds = seconds
        self._outer: float | None = None

    def __enter__(self) -> Self:
        """Start the clock."""
        self._outer = getattr(_current, "deadline", None)
        self.restart(self._seconds)
        return self

    def restart(self, seconds: float) -> None:
        """Restart the clock. The thread must be inside the context."""
        _current.deadline = time.monotonic() + seconds

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove the limit."""
        _current.deadline = self._outer


class AsyncAttemptLimit:
    """Time limit on everything that a task does; an asynchronous context manager.

    Attributes:
        extensions: Extensions to pass to each request within the limit.
    """

    def __init__(self, seconds: float) -> None:
        """Create a limit. The clock starts when the context is entered.

        Args:
            seconds: Seconds after which `AttemptTimeoutError` is raised.
        """
        import asyncio  # noqa: PLC0415 - not needed by the synchronous client

        self.extensions: Final[Mapping[str, Any]] = {}
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> Self:
        """Start the clock."""
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the limit."""
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise AttemptTimeoutError from None


def limit_connection(event: str, info: Mapping[str, Any]) -> None:
    """Wrap a new connection; httpcore calls this."""
    if event.endswith(("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")):
        stream: httpcore.NetworkStream = info["return_value"]
        stream.__dict__.update(read=_limited(stream.read, stream), write=_limited(stream.write, stream))


def _limited(method: Callable[..., Any], stream: httpcore.NetworkStream) -> Callable[..., Any]:
    def cut() -> None:
        connection: socket.socket | None = stream.get_extra_info("socket")
        if connection is not None:
            with suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RDWR)

    def call(data: Any, timeout: float | None = None) -> Any:  # noqa: ANN401 - bytes, or a number of bytes
        deadline: float | None = getattr(_current, "deadline", None)
        if deadline is None:
            return method(data, timeout)
        left = deadline - time.monotonic()
        if left <= 0:
            raise AttemptTimeoutError
        try:
            with calling_when_cancelled(cut):
                return method(data, left if timeout is None else min(left, timeout))
        except httpcore.TimeoutException:
            if time.monotonic() >= deadline:
                raise AttemptTimeoutError from None
            raise

    return call
