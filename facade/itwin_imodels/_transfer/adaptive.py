"""How many transfers go on at a time: fewer while the storage is busy. No I/O."""

import threading


class Adaptive:
    """A number of workers that halves when the storage has too much to do and grows again by one.

    It is cut once for all that was under way at the time: of sixteen refusals at once, the first says it all. Safe to
    use from any thread.
    """

    def __init__(self, maximum: int) -> None:
        """Begin with the maximum, at least 1."""
        self._lock = threading.Lock()
        self._maximum = maximum
        self._limit = maximum
        self._era = 0
        self._successes = 0

    @property
    def limit(self) -> int:
        """How many may go on at a time now."""
        return self._limit

    @property
    def era(self) -> int:
        """Counts the cuts; what begins now belongs to it."""
        return self._era

    def busy(self, era: int) -> None:
        """Take note of a refusal.

        Args:
            era: The era in which the refused work began.
        """
        with self._lock:
            if era == self._era:
                self._limit = max(1, self._limit // 2)
                self._era += 1
                self._successes = 0

    def succeeded(self) -> None:
        """Take note of a success; after as many as there are workers, there is one more."""
        with self._lock:
            if self._limit == self._maximum:
                return
            self._successes += 1
            if self._successes >= self._limit:
                self._limit += 1
                self._successes = 0
