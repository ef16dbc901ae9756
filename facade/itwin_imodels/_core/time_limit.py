"""A limit of time on work of many steps."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from itwin_imodels._core import checks
from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels.errors import WaitTimeout


class TimeLimit:
    """How long an operation may take; it begins when it is made."""

    def __init__(self, seconds: float | None, what: str) -> None:
        """Begin.

        Args:
            seconds: How long; None is forever.
            what: What the operation is, for the text of the error.

        Raises:
            ValueError: The number is no length of time.
        """
        self._seconds = None if seconds is None else checks.seconds("timeout", seconds)
        self._what = what
        self._begin = time.monotonic()

    @property
    def left(self) -> float | None:
        """Seconds that are left; None if there is no limit."""
        return None if self._seconds is None else max(0.0, self._begin + self._seconds - time.monotonic())

    def check(self) -> None:
        """Raise `WaitTimeout` if the time is over."""
        if self.left == 0.0:
            raise self.error()

    @contextmanager
    def ending(self, cancellation: Cancellation) -> Iterator[None]:
        """End a transfer when the time is over, with `WaitTimeout`."""
        left = self.left
        if left is None:
            yield
            return
        timer = threading.Timer(left, cancellation.cancel, (self.error(),))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def error(self) -> WaitTimeout:
        """Return the error that says that the time is over."""
        return WaitTimeout(
            f"{self._what} was not finished within {self._seconds:g} s. What has arrived is kept: the same call goes "
            "on from there."
        )
