"""A clock that stands still until it is set."""

from datetime import UTC, datetime, timedelta

from attrs import define


@define
class Clock:
    """Returns the time that was set.

    Attributes:
        time: The current time.
    """

    time: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present time."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self.time += timedelta(seconds=seconds)

    def after(self, seconds: float) -> datetime:
        """Return a time from now."""
        return self.time + timedelta(seconds=seconds)
