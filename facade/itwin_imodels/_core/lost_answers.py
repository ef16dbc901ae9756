"""Requests whose answer was lost: whether the service acted is unknown. Pure rules."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self, TypeVar

import attrs

from itwin_imodels._core.retrying import Failure, did_not_act, may_have_acted
from itwin_imodels.errors import ApiError, ConnectionFailed

T = TypeVar("T")

_EARLIER = timedelta(seconds=2)
_LATER = timedelta(seconds=10)
"""How far the clocks of one service may differ. The header `Date` has whole seconds, and is often a little late."""


def failure_of(error: BaseException) -> Failure | None:
    """Return what an error says about an attempt; None if it is about something else."""
    if isinstance(error, ApiError):
        return Failure(status=error.status, retry_after=error.retry_after)
    if isinstance(error, ConnectionFailed):
        return Failure(connected=error.reached)
    return None


def is_lost(error: BaseException) -> bool:
    """Return whether the service may have carried out a request that ended with an error."""
    failure = failure_of(error)
    return failure is not None and may_have_acted(failure) and not did_not_act(failure)


def note_on_lost_answer(name: str, entity: str, advice: str) -> str:
    """Return that the outcome of a request is unknown, and how to find out.

    Args:
        name: The operation, such as `briefcases.acquire`.
        entity: What it is about.
        advice: How to find out whether it was carried out; empty if there is no particular way.
    """
    about = f" on {entity}" if entity else ""
    way = advice or "look at it before you repeat the call"
    return f"The service may have carried out {name}{about}, although no answer says so: {way}."


@attrs.frozen(kw_only=True)
class TimeSpan:
    """The time in which a request may have been carried out, by the clock of the service."""

    start: datetime
    end: datetime

    @classmethod
    def until(cls, date: str | None, elapsed: float) -> Self | None:
        """Return the time span that ends now.

        Args:
            date: The header `Date` of an answer that the service has just sent.
            elapsed: Seconds since the request was sent.

        Returns:
            The time span; None if the service does not say what time it is.
        """
        try:
            now = parsedate_to_datetime(date or "")
            span = cls(start=now - timedelta(seconds=elapsed) - _EARLIER, end=now + _LATER)
        except (ValueError, OverflowError):
            return None
        return None if now.tzinfo is None else span

    def contains(self, moment: datetime) -> bool:
        """Return whether something that was created at a moment can be the result of the request."""
        return self.start <= moment <= self.end


AsyncFind = Callable[[TimeSpan], Awaitable[Sequence[T]]]
Find = Callable[[TimeSpan], Sequence[T]]
"""Returns everything that a request may have created in a time span."""
