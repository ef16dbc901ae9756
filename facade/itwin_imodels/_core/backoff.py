"""How long to wait before something is tried again: one rule, and the named settings of its uses."""

import random
from collections.abc import Callable
from typing import Final

import attrs

_MOST_DOUBLINGS = 30


@attrs.frozen(kw_only=True)
class Backoff:
    """Waits that double up to a bound, each drawn at random so that clients do not act in step.

    Attributes:
        first: Upper bound of the first wait, in seconds; it doubles with each further one.
        longest: Upper bound of every wait, in seconds.
        least: The part of the upper bound that is waited at least, from 0 (full jitter) to 1 (none).
        chance: Returns a number from 0 to 1.
    """

    first: float
    longest: float
    least: float = 0.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int, *, asked: float | None = None) -> float:
        """Return the seconds to wait after an attempt failed.

        Args:
            attempt: Number of the attempt that failed, from 1.
            asked: Seconds for which the service asks to wait; never less is waited, and at most `first` more.
        """
        if asked is not None:
            return asked + min(self.first, self.longest) * self.chance()
        bound = min(self.longest, self.first * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
        return bound * (self.least + (1 - self.least) * self.chance())

    def wait_within(self, left: float, attempt: int, *, asked: float | None = None) -> float | None:
        """Return the seconds to wait so that the last attempt is made at a deadline.

        Args:
            left: Seconds until the deadline.
            attempt: Number of the attempt that failed, from 1.
            asked: Seconds for which the service asks to wait.

        Returns:
            Seconds; None if the deadline has passed, or will have when the service expects the next attempt.
        """
        if left <= 0 or (asked is not None and asked > left):
            return None
        return min(left, self.wait(attempt, asked=asked))


POLLING: Final = Backoff(first=0.5, longest=10.0)
"""Between two looks at something that the service is making."""

OTHERS_PUSHING: Final = Backoff(first=1.0, longest=20.0, least=0.5)
"""While another user is pushing."""

OTHERS_LOCKING: Final = Backoff(first=0.5, longest=10.0, least=0.5)
"""While other briefcases hold the locks."""

UNCLEAR_OUTCOME: Final = Backoff(first=0.5, longest=8.0, least=0.5)
"""After a request whose answer was lost, before it is sent again."""

TOKEN_RENEWAL: Final = Backoff(first=0.5, longest=5.0, least=0.5)
"""While the source of tokens still returns the one that the service has rejected."""

TRANSFER: Final = Backoff(first=0.5, longest=20.0)
"""After a request to the storage failed."""
