"""The clock of the hub: real time by default, controllable in tests."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """A UTC clock that can be set, advanced and stopped from any thread."""

    def __init__(self, start: datetime | None = None, *, running: bool = True) -> None:
        """Start the clock at `start`, or at the real time if `start` is None.

        Args:
            start: Initial time, timezone-aware.
            running: Whether the clock advances; False creates a stopped clock.
        """
        self._lock = Lock()
        self._offset = timedelta()
        self._stopped_at: datetime | None = None
        if not running:
            self.stop()
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""
        with self._lock:
            return self._now()

    def set(self, moment: datetime) -> None:
        """Set the clock to a timezone-aware time, from which it continues unless it is stopped."""
        moment = moment.astimezone(UTC)
        with self._lock:
            self._offset = moment - datetime.now(UTC)
            if self._stopped_at is not None:
                self._stopped_at = moment

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, or back if `by` is negative.

        Raises:
            OverflowError: The result is out of range; the clock is unchanged.
        """
        with self._lock:
            moment = self._now() + by
            self._offset += by
            if self._stopped_at is not None:
                self._stopped_at = moment

    def stop(self) -> None:
        """Stop the clock at the current time."""
        with self._lock:
            self._stopped_at = self._now()

    def resume(self) -> None:
        """Restart a stopped clock from its current time."""
        with self._lock:
            self._offset = self._now() - datetime.now(UTC)
            self._stopped_at = None

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._offset if self._stopped_at is None else self._stopped_at
