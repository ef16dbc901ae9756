"""The hub's clock: real time, unless told otherwise."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """Tells the time in UTC; can be set, advanced and stopped from any thread."""

    def __init__(self, start: datetime | None = None, *, running: bool = True) -> None:
        """Begin at `start`, or at the real time.

        Args:
            start: Aware time to begin at.
            running: Whether time goes on by itself.
        """
        self._lock = Lock()
        self._offset = timedelta()
        self._stopped_at: datetime | None = None
        if not running:
            self.stop()
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """Give the present time, aware, in UTC."""
        with self._lock:
            return self._now()

    def set(self, moment: datetime) -> None:
        """Go to a time, aware; it goes on from there unless the clock is stopped."""
        moment = moment.astimezone(UTC)
        with self._lock:
            self._offset = moment - datetime.now(UTC)
            if self._stopped_at is not None:
                self._stopped_at = moment

    def advance(self, by: timedelta) -> None:
        """Go forward, or back when negative.

        Raises:
            OverflowError: There is no such time; the clock stays as it was.
        """
        with self._lock:
            moment = self._now() + by
            self._offset += by
            if self._stopped_at is not None:
                self._stopped_at = moment

    def stop(self) -> None:
        """Let no time pass by itself."""
        with self._lock:
            self._stopped_at = self._now()

    def resume(self) -> None:
        """Let time pass again, from where it stands."""
        with self._lock:
            self._offset = self._now() - datetime.now(UTC)
            self._stopped_at = None

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._offset if self._stopped_at is None else self._stopped_at
