"""Wait times before retries: one rule, and a named setting for each use."""

import random
from collections.abc import Callable
from typing import Final

import attrs

_MAX_DOUBLINGS = 30


@attrs.frozen(kw_only=True)
class Backoff:
    """Exponential backoff with jitter, so that clients do not retry in step.

    Attributes:
        first: Upper bound of the first wait, in seconds; it doubles with each attempt.
        longest: Upper bound of every wait that the service does not ask for, in seconds.
        least: Minimum wait as a fraction of the upper bound, from 0 (full jitter) to 1 (no jitter).
        chance: Returns a number from 0 to 1.
    """

    first: float
    longest: float
    least: float = 0.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int, *, asked: float | None = None) -> float:
        """Return the seconds to wait after an attempt failed.

        Args:
            attempt: Number of the failed attempt, starting at 1.
            asked: Seconds that the service asks to wait; the result is this plus at most `first`.
        """
        if asked is not None:
            return asked + min(self.first, self.longest) * self.chance()
        bound = min(self.longest, self.first * 2.0 ** min(attempt - 1, _MAX_DOUBLINGS))
        return bound * (self.least + (1 - self.least) * self.chance())

    def wait_within(self, left: float, attempt: int, *, asked: float | None = None) -> float | None:
        """Return the seconds to wait, limited so that the last attempt is made at the deadline.

        Args:
            left: Seconds until the deadline.
            attempt: Number of the failed attempt, starting at 1.
            asked: Seconds that the service asks to wait.

        Returns:
            The seconds; None if the deadline has passed, or would pass before the time that the service asks for.
        """
        if left <= 0 or (asked is not None and asked > left):
            return None
        return min(left, self.wait(attempt, asked=asked))


POLLING: Final = Backoff(first=0.5, longest=10.0)
"""Between two polls of an operation of the service."""

OTHERS_PUSHING: Final = Backoff(first=1.0, longest=20.0, least=0.5)
"""While another user is pushing."""

OTHERS_LOCKING: Final = Backoff(first=0.5, longest=10.0, least=0.5)
"""While other briefcases hold the locks."""

UNCLEAR_OUTCOME: Final = Backoff(first=0.5, longest=8.0, least=0.5)
"""After a request with an unclear outcome, before it is sent again."""

TOKEN_RENEWAL: Final = Backoff(first=0.5, longest=5.0, least=0.5)
"""While `auth` still returns the token that the service rejected."""

TRANSFER: Final = Backoff(first=0.5, longest=20.0)
"""After a failed request to the storage."""
