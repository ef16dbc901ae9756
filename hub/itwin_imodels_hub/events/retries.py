"""When an event that was not taken is sent again."""

from datetime import timedelta

from attrs import frozen


@frozen(kw_only=True)
class Retries:
    """A policy: the waits double up to a longest one, and end after a number of attempts.

    Attributes:
        attempts: How often an event is sent at most.
        first: The wait after the first attempt.
        longest: The longest wait.
    """

    attempts: int
    first: timedelta
    longest: timedelta

    def wait_after(self, attempts: int, chance: float) -> timedelta | None:
        """Say how long to wait after an attempt that failed; None when there are to be no more.

        Args:
            attempts: How many there have been, from 1.
            chance: A random number from 0 to 1, so that receivers that failed together are not called together: the
                wait is between half and all of the full one.
        """
        if attempts >= self.attempts:
            return None
        doublings = min(attempts - 1, 60)  # a wait longer than that overflows
        full = min(self.first.total_seconds() * 2.0**doublings, self.longest.total_seconds())
        return timedelta(seconds=full * (0.5 + 0.5 * chance))
