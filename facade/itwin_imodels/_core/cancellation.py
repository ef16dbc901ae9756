"""Cancel a transfer from another thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from itwin_imodels.errors import TransferError


class Cancelled(TransferError):  # noqa: N818 - named like the other errors
    """The transfer was cancelled. Data received so far is reused when the transfer is resumed."""


class Cancellation:
    """A cancellation flag, which the work checks between pieces. Safe to use from any thread."""

    def __init__(self) -> None:
        """Create a flag that is not set."""
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._calls: list[Callable[[], None]] = []
        self._reason: BaseException | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work was cancelled."""
        return self._event.is_set()

    @property
    def reason(self) -> BaseException | None:
        """The reason passed to `cancel`, if any."""
        return self._reason

    def cancel(self, reason: BaseException | None = None) -> None:
        """Cancel the work. Only the first call has an effect.

        Args:
            reason: Exception for the work to raise; None raises `Cancelled`.
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
        """Raise `Cancelled` if the work was cancelled."""
        if self._event.is_set():
            raise Cancelled("the transfer was cancelled")

    def sleep(self, seconds: float) -> None:
        """Sleep, and raise `Cancelled` as soon as the work is cancelled."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def calling(self, function: Callable[[], None]) -> Iterator[None]:
        """Register a function for `cancel` during a block; call it immediately if the work is already cancelled."""
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
        """Yield the cancellation of a part of the work, which can also be cancelled alone."""
        child = Cancellation()
        with self.calling(lambda: child.cancel(self._reason)):
            yield child
