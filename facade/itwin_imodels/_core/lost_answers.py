"""Rules for lost responses, where it is unknown whether the service carried out the request."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Self, TypeVar

import attrs

from itwin_imodels._core.retrying import Failure, did_not_act, may_have_acted, parsed_date
from itwin_imodels.errors import ApiError, ConnectionFailed

T = TypeVar("T")

_EARLIER = timedelta(seconds=2)
_LATER = timedelta(seconds=10)
"""Tolerances for differing clocks within the service. The `Date` header is in whole seconds and often lags behind."""


def failure_of(error: BaseException) -> Failure | None:
    """Return the failed attempt that an error describes; None if it does not describe one."""
    if isinstance(error, ApiError):
        return Failure(status=error.status, retry_after=error.retry_after)
    if isinstance(error, ConnectionFailed):
        return Failure(connected=error.reached)
    return None


def is_lost(error: BaseException) -> bool:
    """Check whether the service may have carried out a request that ended with an error."""
    failure = failure_of(error)
    return failure is not None and may_have_acted(failure) and not did_not_act(failure)


def note_on_lost_answer(name: str, entity: str, advice: str) -> str:
    """Return a note for a request whose outcome is unknown; the note also says how to check it.

    Args:
        name: The operation, such as `briefcases.acquire`.
        entity: The entity that it was requested for; may be empty.
        advice: How to check whether the request was carried out; empty if there is no specific way.
    """
    about = f" on {entity}" if entity else ""
    way = advice or "check the current state before you repeat the call"
    return f"The service may have carried out {name}{about}, although no response confirmed it: {way}."


@attrs.frozen(kw_only=True)
class TimeSpan:
    """The period in which the service may have carried out a request, by the service's clock."""

    start: datetime
    end: datetime

    @classmethod
    def until(cls, date: str | None, elapsed: float) -> Self | None:
        """Return the time span from a request until now, widened by the tolerances.

        Args:
            date: The `Date` header of a response that the service has just sent.
            elapsed: Seconds since the request was sent.

        Returns:
            The time span; None if the header is missing or invalid.
        """
        now = parsed_date(date)
        if now is None:
            return None
        try:
            return cls(start=now - timedelta(seconds=elapsed) - _EARLIER, end=now + _LATER)
        except OverflowError:
            return None

    def contains(self, moment: datetime) -> bool:
        """Check whether an entity created at a given time can be the result of the request."""
        return self.start <= moment <= self.end


AsyncFind = Callable[[TimeSpan], Awaitable[Sequence[T]]]
Find = Callable[[TimeSpan], Sequence[T]]
"""Function that returns all entities that a request may have created in a time span."""
