"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

from attrs import define


@define
class Clock:
    """Gives the time that was set.

    Attributes:
        time: The present time.
    """

    time: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the present time."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)

    def after(self, seconds: float) -> datetime:
        """Give a time from now."""
        return self.time + timedelta(seconds=seconds)
