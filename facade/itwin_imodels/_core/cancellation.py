"""Ending a transfer early, from another thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from itwin_imodels.errors import TransferError


class Cancelled(TransferError):  # noqa: N818 - named like the other errors, by what happened
    """The transfer was ended early; what has arrived is used when it is begun again."""


class Cancellation:
    """A wish to end, which the work looks at between two pieces. Safe to use from any thread."""

    def __init__(self) -> None:
        """Begin with work that goes on."""
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._calls: list[Callable[[], None]] = []
        self._reason: BaseException | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work shall end."""
        return self._event.is_set()

    @property
    def reason(self) -> BaseException | None:
        """Why, if it was said."""
        return self._reason

    def cancel(self, reason: BaseException | None = None) -> None:
        """Let the work end. Only the first call counts.

        Args:
            reason: What the work shall raise in the end; `Cancelled` if not given.
        """
        with self._lock:
            if self._event.is_set():
                return
            self._reason = reason
            self._event.set()
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def check(self) -> None:
        """Go on, or raise `Cancelled`."""
        if self._event.is_set():
            raise Cancelled("the transfer was cancelled")

    def sleep(self, seconds: float) -> None:
        """Let time pass; raises `Cancelled` as soon as the work shall end."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def calling(self, function: Callable[[], None]) -> Iterator[None]:
        """Have a function called by `cancel`, in its thread, for as long as the block lasts."""
        with self._lock:
            at_once = self._event.is_set()
            if not at_once:
                self._calls.append(function)
        if at_once:
            function()
        try:
            yield
        finally:
            with self._lock:
                if function in self._calls:
                    self._calls.remove(function)

    @contextmanager
    def child(self) -> Iterator["Cancellation"]:
        """Give a cancellation that ends with this one, but can also be cancelled alone."""
        child = Cancellation()
        with self.calling(lambda: child.cancel(self._reason)):
            yield child
