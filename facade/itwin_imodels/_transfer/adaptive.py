"""How many transfers run at a time: fewer while the storage is busy. No I/O."""

import threading
from collections.abc import Callable


class Adaptive:
    """A number of workers that halves when the storage is busy and grows again by one.

    It is halved once for all work that was under way: sixteen refusals at once count as one. Safe to use from any
    thread.
    """

    def __init__(self, maximum: int) -> None:
        """Begin with the maximum, at least 1."""
        self._lock = threading.Lock()
        self._maximum = maximum
        self._limit = maximum
        self._cuts = 0
        self._successes = 0

    @property
    def limit(self) -> int:
        """How many may run at a time now."""
        return self._limit

    def busy_signal(self) -> Callable[[], None]:
        """Return what one piece of work that begins now calls whenever the storage is busy."""
        seen = self._cuts

        def busy() -> None:
            nonlocal seen
            seen = self._cut(seen)

        return busy

    def succeeded(self) -> None:
        """Count a success; after as many as there are workers, there is one more."""
        with self._lock:
            if self._limit == self._maximum:
                return
            self._successes += 1
            if self._successes >= self._limit:
                self._limit += 1
                self._successes = 0

    def _cut(self, seen: int) -> int:
        """Halve the number, unless that was done since `seen`, and return how often it was halved."""
        with self._lock:
            if seen == self._cuts:
                self._limit = max(1, self._limit // 2)
                self._cuts += 1
                self._successes = 0
            return self._cuts
