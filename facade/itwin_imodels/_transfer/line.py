"""A socket with a time limit for each step and one for all steps together."""

import select
import socket
import time
from contextlib import suppress
from io import BufferedReader, RawIOBase
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER: Final = 64 << 10
_FRESH: Final = 0.25
"""Seconds after a connection's last use during which the server is not expected to close it."""
_MAX_SEND: Final = 1 << 20
"""Maximum number of bytes in one call of `send`."""


class EndlessError(Exception):
    """A response did not arrive within its total time limit."""


class Line:
    """A connected socket with the methods that `http.client` uses."""

    def __init__(self, connected: socket.socket) -> None:
        """Wrap a socket."""
        self._socket = connected
        self._step = 0.0
        self._end = inf
        self._used = 0.0

    def set_limits(self, step: float, total: float | None) -> None:
        """Set time limits, starting now.

        Args:
            step: Seconds within which there must be progress.
            total: Seconds after which nothing more is received; None for no limit.
        """
        self._end = inf if total is None else time.monotonic() + total
        if step != self._step:
            self._step = step
            self._socket.settimeout(step)

    def makefile(self, _mode: str) -> BufferedReader:
        """Return a reader of one response, which leaves the connection open."""
        return BufferedReader(_Incoming(self), _BUFFER)

    def sendall(self, content: bytes) -> None:
        """Send content; the total limit does not apply."""
        view = memoryview(content)
        while view:
            view = view[self._socket.send(view[:_MAX_SEND]) :]

    def receive(self, buffer: "WriteableBuffer") -> int:
        """Receive the bytes that have arrived, or wait for the next ones.

        Raises:
            EndlessError: The total time limit was exceeded.
        """
        if self._end == inf:
            return self._socket.recv_into(buffer)
        left = self._end - time.monotonic()
        if left <= 0:
            raise EndlessError
        if left < self._step:
            self._step = left
            self._socket.settimeout(left)
        try:
            return self._socket.recv_into(buffer)
        except TimeoutError:
            if time.monotonic() >= self._end:
                raise EndlessError from None
            raise

    def is_stale(self) -> bool:
        """Return whether the server has closed the connection, or sent unsolicited data."""
        if time.monotonic() - self._used < _FRESH:
            return False
        if not hasattr(select, "poll"):  # pragma: no cover - Windows
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def shut_down(self) -> None:
        """Shut down the socket, which wakes up another thread that waits for it."""
        with suppress(OSError):  # the socket may be closed already
            # Do not call the method of an SSL socket, which discards state that the reading thread needs.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Keep the connection open: `http.client` calls this while the body is still unread."""

    def record_use(self) -> None:
        """Record when a response ended, for `is_stale`."""
        self._used = time.monotonic()

    def disconnect(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Incoming(RawIOBase):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        return self._line.receive(buffer)
