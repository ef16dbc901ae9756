"""Noticing that nothing moves, for a library that does not."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Watch:
    """Calls a function when nothing has moved for too long; a context manager.

    Attributes:
        patience: Seconds in which something must move; more patience counts from the next move on at the latest.
        expired: Whether the function was called.
    """

    def __init__(self, patience: float, give_up: Callable[[], None]) -> None:
        """Prepare.

        Args:
            patience: Seconds in which something must move.
            give_up: Called once, in a thread of its own.
        """
        self.patience = patience
        self._give_up = give_up
        self._moved = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="transfer-watch", daemon=True)
        self.expired = False

    def moved(self) -> None:
        """Record that something moved."""
        self._moved = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while (left := self._moved + self.patience - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self.expired = True
        self._give_up()
