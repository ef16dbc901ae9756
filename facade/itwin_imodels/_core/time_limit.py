"""Time limit for an operation with many steps."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from itwin_imodels._core import checks
from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels.errors import WaitTimeout

LONGEST: Final = 1_000_000.0
"""The longest timeout of a socket in seconds, 11 days; operating systems reject timeouts of more than 24 days."""


class TimeLimit:
    """Time limit for an operation. The clock starts when the object is created."""

    def __init__(self, seconds: float | None, what: str) -> None:
        """Start the clock.

        Args:
            seconds: Seconds that the operation may take; None sets no limit.
            what: Name of the operation, for error messages.

        Raises:
            ValueError: The number is negative.
        """
        self._seconds = None if seconds is None else checks.seconds("timeout", seconds)
        self._what = what
        self._begin = time.monotonic()

    @property
    def left(self) -> float | None:
        """Seconds left; None without a limit."""
        return None if self._seconds is None else max(0.0, self._begin + self._seconds - time.monotonic())

    def check(self) -> None:
        """Raise `WaitTimeout` if no time is left."""
        if self.left == 0.0:
            raise self.error()

    @contextmanager
    def ending(self, cancellation: Cancellation) -> Iterator[None]:
        """Cancel a transfer with `WaitTimeout` when no time is left."""
        left = self.left
        if left is None:
            yield
            return
        timer = threading.Timer(min(left, threading.TIMEOUT_MAX), cancellation.cancel, (self.error(),))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def error(self) -> WaitTimeout:
        """Return the error to raise when no time is left."""
        return WaitTimeout(
            f"{self._what} did not finish within {self._seconds:g} s. Data received so far is kept: repeat the call to "
            "resume."
        )


def least(seconds: float, left: float | None) -> float:
    """Return `seconds`, or `left` if that is smaller; None sets no limit."""
    return seconds if left is None else min(seconds, left)
