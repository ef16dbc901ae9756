"""Adaptive concurrency for transfers: higher while that is faster, lower while the storage is busy. No I/O."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

START: Final = 4
"""Initial number of parts of a file that are transferred concurrently."""

_GROWTH: Final = 2
"""Factor by which the number of workers is increased."""
_GAIN: Final = 1.15
"""Minimum speedup for which an increase is kept."""
_LEAST_SECONDS: Final = 0.05
"""Minimum period over which speed is measured, in seconds."""


class Shares:
    """Distributes connections among the active files. Safe to use from any thread.

    Attributes:
        maximum: Maximum number of connections for one file.
    """

    def __init__(self, maximum: int) -> None:
        """Start without active files."""
        self.maximum = maximum
        self._files = 0
        self._lock = threading.Lock()

    @contextmanager
    def file(self) -> Iterator[None]:
        """Count a file as active for the duration of a block."""
        with self._lock:
            self._files += 1
        try:
            yield
        finally:
            with self._lock:
                self._files -= 1

    def share(self) -> int:
        """Return the number of connections that each file may use now."""
        return max(1, self.maximum // max(1, self._files))


class Adaptive:
    """A number of workers that adapts to the storage.

    It starts with a few workers and doubles their number as long as that increases the speed by at least 15%, up to the
    maximum. Otherwise, it returns to the previous number, which becomes the maximum.

    When the storage is busy, the number is halved, once for all work in progress: sixteen concurrent rejections count
    as one. From then on, it grows by one at a time, up to the maximum. Safe to use from any thread.
    """

    def __init__(
        self,
        maximum: int,
        start: int | None = None,
        *,
        ceiling: Callable[[], int] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with the initial number of workers.

        Args:
            maximum: Maximum number of workers, at least 1.
            start: Initial number of workers; None for the maximum.
            ceiling: Returns the number of workers that other work currently permits; None for no such limit.
            now: Returns the time in seconds.
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
        """The number before the last increase, and its speed."""
        self._climbs = self._limit < maximum

    @property
    def limit(self) -> int:
        """The number of workers that may run now."""
        return self._limit if self._ceiling is None else min(self._limit, self._ceiling())

    def busy_signal(self) -> Callable[[], None]:
        """Return a function that one piece of work, which starts now, calls whenever the storage is busy."""
        seen = self._cuts

        def busy() -> None:
            nonlocal seen
            seen = self._cut(seen)

        return busy

    def succeeded(self, amount: int = 1) -> None:
        """Count a success. After as many successes as there are workers, the number may increase.

        Args:
            amount: The amount of work, in any unit.
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
        """Compare the speed with that of the previous number, and increase the number or return to the previous one."""
        if self._since is None:  # the workers have just started
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
        """Halve the number, unless that happened since `seen`, and return how often it has been halved."""
        with self._lock:
            if seen == self._cuts:
                if self._climbs:
                    self._settle(self._limit)
                self._limit = max(1, self._limit // 2)
                self._cuts += 1
                self._successes = 0
            return self._cuts
