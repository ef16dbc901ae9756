"""The retry policy for event deliveries."""

from datetime import timedelta

from attrs import frozen


@frozen(kw_only=True)
class Retries:
    """A retry policy: delays double up to a maximum, for a limited number of attempts.

    Attributes:
        attempts: Maximum number of attempts.
        first: Delay after the first failed attempt.
        longest: Maximum delay.
    """

    attempts: int
    first: timedelta
    longest: timedelta

    def wait_after(self, attempts: int, chance: float) -> timedelta | None:
        """Return the delay after a failed attempt, or None if no attempt is left.

        Args:
            attempts: Number of attempts so far, from 1.
            chance: Random number from 0 to 1. It scales the delay to 50 to 100%, so that deliveries that failed at
                the same time are not all retried at the same time.
        """
        if attempts >= self.attempts:
            return None
        doublings = min(attempts - 1, 60)  # more doublings would overflow
        full = min(self.first.total_seconds() * 2.0**doublings, self.longest.total_seconds())
        return timedelta(seconds=full * (0.5 + 0.5 * chance))
