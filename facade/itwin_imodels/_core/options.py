"""How patient a client is: timeouts of one request, and when it asks again."""

from datetime import timedelta
from typing import Final

import attrs

from itwin_imodels._core import checks

__all__ = ["UNCHANGED", "RetryPolicy", "Timeout", "Unchanged"]


@attrs.frozen
class Timeout:
    """Seconds that the parts of one request may take.

    Args:
        connect: To reach the service.
        read: Between two pieces of the answer.
        write: Between two pieces of the request.
        pool: For a free connection.
        total: For the whole request, from its first attempt to connect to the end of the answer; each repetition has
            it anew. None, the default, is the sum of the other four. An answer that keeps arriving, but too slowly,
            ends here.

    Raises:
        ValueError: A time is not positive.
    """

    connect: float = attrs.field(default=5.0, validator=checks.positive)
    read: float = attrs.field(default=30.0, validator=checks.positive)
    write: float = attrs.field(default=30.0, validator=checks.positive)
    pool: float = attrs.field(default=30.0, validator=checks.positive)
    total: float | None = attrs.field(default=None)

    @total.validator
    def _check_total(self, attribute: "attrs.Attribute[float | None]", value: float | None) -> None:
        if value is not None:
            checks.positive(self, attribute, value)

    @property
    def whole(self) -> float:
        """Seconds that the whole request may take: `total`, else the sum of the parts."""
        return self.connect + self.read + self.write + self.pool if self.total is None else self.total

    @classmethod
    def of(cls, value: "Timeout | float | timedelta") -> "Timeout":
        """Read one number of seconds as the same time for each part, and four times as much in total.

        Args:
            value: Seconds, a timedelta, or a `Timeout`, which is given as it is.

        Raises:
            TypeError: It is none of these.
            ValueError: The time is not positive.
        """
        if isinstance(value, Timeout):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | timedelta):
            raise TypeError(f"timeout must be seconds, a timedelta or a Timeout, not {type(value).__name__}")
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
        return cls(seconds, seconds, seconds, seconds)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how long a request is repeated that failed for a passing reason.

    Reading, replacing and deleting are repeated after connection failures and the statuses 408, 429 and 5xx.
    Creating and changing are repeated only when the service has not acted for certain, or when doing it twice is the
    same as doing it once. A `Retry-After` of the service is honoured.

    Args:
        attempts: How many times a request is sent at most, 1 to 20; 1 never repeats.
        first_wait: Upper bound of the first wait, in seconds; it doubles with each further one.
        longest_wait: Upper bound of every wait that the service does not ask for, in seconds.
        deadline: Seconds after which no further attempt begins. A wait that would end later is not begun.
        token_patience: Seconds for which `auth` is asked again when the service rejects the token and `auth` still
            returns the same one, as a sidecar or a file does that is renewed late. 0, the default, raises
            `Unauthorized` at once: usually the token is wrong, and waiting would only hide it.

    Raises:
        ValueError: A number is out of its bounds.
    """

    attempts: int = attrs.field(default=4, validator=checks.between(1, 20))
    first_wait: float = attrs.field(default=0.5, validator=checks.positive)
    longest_wait: float = attrs.field(default=8.0, validator=checks.positive)
    deadline: float = attrs.field(default=60.0, validator=checks.positive)
    token_patience: float = attrs.field(default=0.0, validator=checks.not_negative)

    @classmethod
    def never(cls) -> "RetryPolicy":
        """Give the policy that repeats nothing."""
        return cls(attempts=1)


class Unchanged:
    """The type of `UNCHANGED`."""

    def __repr__(self) -> str:
        """Its name."""
        return "UNCHANGED"

    def __bool__(self) -> bool:
        """It is nothing."""
        return False


UNCHANGED: Final = Unchanged()
"""Default of what an update may change: leave it as it is. None clears it."""
