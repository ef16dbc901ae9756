"""The total time of one attempt at a request: an answer that arrives byte by byte is never idle, but never ends."""

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpcore

_current = threading.local()


class AttemptTimeoutError(Exception):
    """The time of an attempt is over."""


class AttemptLimit:
    """Bounds everything that the thread receives and sends over connections of httpx; a context manager.

    httpx has no total timeout. It reports each new connection to the extension `trace`, which makes the connection's
    `read` and `write` respect the limit of the thread that uses it.

    Attributes:
        extensions: For each request within the limit.
    """

    def __init__(self, seconds: float) -> None:
        """Prepare; the time begins with the context.

        Args:
            seconds: How long it lasts. When they have passed, `AttemptTimeoutError` is raised.
        """
        self.extensions: Final[Mapping[str, Any]] = {"trace": limit_connection}
        self._seconds = seconds
        self._outer: float | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._outer = getattr(_current, "deadline", None)
        self.restart(self._seconds)
        return self

    def restart(self, seconds: float) -> None:
        """Let the time begin anew; the thread must be within the context."""
        _current.deadline = time.monotonic() + seconds

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""
        _current.deadline = self._outer


class AsyncAttemptLimit:
    """The same for a task.

    Attributes:
        extensions: For each request within the limit.
    """

    def __init__(self, seconds: float) -> None:
        """Prepare; the time begins with the context.

        Args:
            seconds: How long it lasts. When they have passed, `AttemptTimeoutError` is raised.
        """
        import asyncio  # noqa: PLC0415 - the synchronous client does without

        self.extensions: Final[Mapping[str, Any]] = {}
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise AttemptTimeoutError from None


def limit_connection(event: str, info: Mapping[str, Any]) -> None:
    """Bound a new connection; called by httpcore."""
    if event.endswith(("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")):
        stream: httpcore.NetworkStream = info["return_value"]
        stream.__dict__.update(read=_limited(stream.read), write=_limited(stream.write))


def _limited(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(data: Any, timeout: float | None = None) -> Any:  # noqa: ANN401 - bytes, or how many of them
        deadline: float | None = getattr(_current, "deadline", None)
        if deadline is None:
            return method(data, timeout)
        left = deadline - time.monotonic()
        if left <= 0:
            raise AttemptTimeoutError
        try:
            return method(data, left if timeout is None else min(left, timeout))
        except httpcore.TimeoutException:
            if time.monotonic() >= deadline:
                raise AttemptTimeoutError from None
            raise

    return call
