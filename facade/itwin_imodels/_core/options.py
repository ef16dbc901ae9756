"""Options of a client: the timeouts of a request and the retry policy."""

from datetime import timedelta
from typing import Final

import attrs

from itwin_imodels._core import checks

__all__ = ["UNCHANGED", "RetryPolicy", "Timeout", "Unchanged"]


@attrs.frozen
class Timeout:
    """Timeouts of one request, in seconds.

    Args:
        connect: Time to establish a connection.
        read: Time between two pieces of the response.
        write: Time between two pieces of the request.
        pool: Time to wait for a free connection.
        total: Time for the whole request, from connecting to the end of the response; it restarts with each retry. It
            also ends responses that arrive continuously but too slowly. With None, it is the sum of the other four.

    Raises:
        ValueError: A timeout is not greater than 0.
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
        """Seconds for the whole request: `total`, or else the sum of the other timeouts."""
        return self.connect + self.read + self.write + self.pool if self.total is None else self.total

    @classmethod
    def of(cls, value: "Timeout | float | timedelta") -> "Timeout":
        """Return timeouts from a single duration: the same for each phase, and four times as long in total.

        Args:
            value: Seconds, a timedelta, or a `Timeout`, which is returned unchanged.

        Raises:
            TypeError: The type of the value is not supported.
            ValueError: The duration is not greater than 0.
        """
        if isinstance(value, Timeout):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | timedelta):
            raise TypeError(f"timeout must be a number, a timedelta or a Timeout, not {type(value).__name__}")
        seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
        return cls(seconds, seconds, seconds, seconds)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Policy for retrying requests that fail for a transient reason.

    Requests that read, replace or delete are retried after connection failures and the statuses 408, 429 and 5xx.
    Requests that create or change are retried only if the service certainly did not carry them out, or if
    sending them twice has the same effect as sending them once. A `Retry-After` header is respected.

    Args:
        attempts: Maximum number of attempts, 1 to 20; 1 never retries.
        first_wait: Upper bound of the first wait, in seconds; it doubles with each attempt.
        longest_wait: Upper bound of every wait that the service does not ask for, in seconds.
        deadline: Seconds after which no further attempt is started. A wait that would end later is skipped, and the
            error is raised.
        token_patience: Seconds to wait for a new token if the service rejects the current one and `auth` returns it
            again, as happens with a sidecar or a file that is updated late. With 0, the default, `Unauthorized` is
            raised at once: usually the token is invalid, and waiting would only hide this.

    Raises:
        ValueError: A number is out of range.
    """

    attempts: int = attrs.field(default=4, validator=checks.between(1, 20))
    first_wait: float = attrs.field(default=0.5, validator=checks.positive)
    longest_wait: float = attrs.field(default=8.0, validator=checks.positive)
    deadline: float = attrs.field(default=60.0, validator=checks.positive)
    token_patience: float = attrs.field(default=0.0, validator=checks.not_negative)

    @classmethod
    def never(cls) -> "RetryPolicy":
        """Return the policy that never retries."""
        return cls(attempts=1)


class Unchanged:
    """The type of `UNCHANGED`."""

    def __repr__(self) -> str:
        """Return the name of the constant."""
        return "UNCHANGED"

    def __bool__(self) -> bool:
        """Return False."""
        return False


UNCHANGED: Final = Unchanged()
"""Default of arguments of updates: leave the property unchanged. None clears it."""
