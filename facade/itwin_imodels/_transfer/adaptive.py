"""How many transfers run at a time: more while that makes them faster, fewer while the storage is busy. No I/O."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

START: Final = 4
"""How many parts of one file travel at a time at first."""

_GROWTH: Final = 2
"""How many times as many workers are tried."""
_GAIN: Final = 1.15
"""How many times as fast they must be to stay."""
_LEAST_SECONDS: Final = 0.05
"""Speed is not measured over less."""


class Shares:
    """The connections that the files under way share. Safe to use from any thread.

    Attributes:
        most: Most connections of one file.
    """

    def __init__(self, most: int) -> None:
        """Begin without files."""
        self.most = most
        self._files = 0
        self._lock = threading.Lock()

    @contextmanager
    def file(self) -> Iterator[None]:
        """Count a file for the duration of a block."""
        with self._lock:
            self._files += 1
        try:
            yield
        finally:
            with self._lock:
                self._files -= 1

    def share(self) -> int:
        """Return how many connections each file may use now."""
        return max(1, self.most // max(1, self._files))


class Adaptive:
    """A number of workers that follows the storage.

    It begins with some and tries twice as many; they stay if they do at least 15 % more in the same time, and then more
    are tried, up to the maximum. Otherwise it goes back, and that is the maximum.

    When the storage is busy the number halves, once for all work that was under way: sixteen refusals at once count as
    one. From then on it grows by one at a time, up to what it was. Safe to use from any thread.
    """

    def __init__(
        self,
        maximum: int,
        start: int | None = None,
        *,
        ceiling: Callable[[], int] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin.

        Args:
            maximum: Most workers, at least 1.
            start: How many there are at first; the maximum by default.
            ceiling: Returns the most that there may be now, because of other work.
            now: The time in seconds.
        """
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._maximum = maximum
        self._limit = maximum if start is None else min(start, maximum)
        self._cuts = 0
        self._now = now
        self._successes = self._done = 0
        self._since: float | None = None
        self._before: tuple[int, float] | None = None
        """The number before more were tried, and its speed."""
        self._climbs = self._limit < maximum

    @property
    def limit(self) -> int:
        """How many may run at a time now."""
        return self._limit if self._ceiling is None else min(self._limit, self._ceiling())

    def busy_signal(self) -> Callable[[], None]:
        """Return what one piece of work that begins now calls whenever the storage is busy."""
        seen = self._cuts

        def busy() -> None:
            nonlocal seen
            seen = self._cut(seen)

        return busy

    def succeeded(self, amount: int = 1) -> None:
        """Count a success; after as many as there are workers, there may be more.

        Args:
            amount: How much was done, in any unit.
        """
        with self._lock:
            if not self._climbs and self._limit == self._maximum:
                return
            self._successes += 1
            self._done += amount
            if self._successes >= self._limit:
                if self._climbs:
                    self._climb(self._now())
                else:
                    self._limit += 1
                    self._measure(None)

    def _climb(self, now: float) -> None:
        """Compare the speed of the number with that of the one before, and try more or go back."""
        if self._since is None:  # until now they only began
            self._measure(now)
            return
        seconds = now - self._since
        if seconds < _LEAST_SECONDS:
            return
        speed = self._done / seconds
        if self._before is not None and speed < self._before[1] * _GAIN:
            self._settle(self._before[0])
        elif self._limit == self._maximum:
            self._settle(self._limit)
        else:
            self._before = self._limit, speed
            self._limit = min(self._maximum, self._limit * _GROWTH)
            self._measure(None)

    def _settle(self, limit: int) -> None:
        self._limit = self._maximum = limit
        self._climbs = False
        self._measure(None)

    def _measure(self, since: float | None) -> None:
        self._since = since
        self._successes = self._done = 0

    def _cut(self, seen: int) -> int:
        """Halve the number, unless that was done since `seen`, and return how often it was halved."""
        with self._lock:
            if seen == self._cuts:
                if self._climbs:
                    self._settle(self._limit)
                self._limit = max(1, self._limit // 2)
                self._cuts += 1
                self._successes = 0
            return self._cuts
