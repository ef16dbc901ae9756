"""When a failed request is sent again, and after how long. Pure rules; the waiting is done by tenacity elsewhere."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import attrs

from itwin_imodels._core.backoff import Backoff
from itwin_imodels._core.options import RetryPolicy

_NOT_FOUND = 404
_TIMEOUT = 408
_TOO_MANY = 429
_UNAVAILABLE = 503
_SERVER_ERRORS = range(500, 600)
_LONGEST_WAIT = 10 * 365 * 86_400.0
"""Seconds above which a `Retry-After` makes no difference: clocks cannot wait for longer."""
_ALWAYS_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@attrs.frozen(kw_only=True)
class Failure:
    """What is known of a failed attempt.

    Attributes:
        status: Status of the answer; None when there was none.
        retry_after: Seconds that the answer asks to wait.
        connected: Whether the request may have reached the service.
    """

    status: int | None = None
    retry_after: float | None = None
    connected: bool = True


def repeatable(method: str, failure: Failure, *, harmless: bool = False) -> bool:
    """Tell whether a failed request may be sent again.

    Args:
        method: HTTP method.
        failure: What became of it.
        harmless: Whether sending it twice is known to be the same as sending it once.
    """
    if not failure.connected:
        return True
    if failure.status is not None and not _passing(failure.status):
        return False
    if harmless or method.upper() in _ALWAYS_REPEATABLE:
        return True
    return did_not_act(failure)


def _passing(status: int) -> bool:
    return status in (_TIMEOUT, _TOO_MANY) or status in _SERVER_ERRORS


def did_not_act(failure: Failure) -> bool:
    """Return whether the service says that it did nothing: it asks to come back later."""
    return failure.status == _TOO_MANY or (failure.status == _UNAVAILABLE and failure.retry_after is not None)


def may_have_acted(failure: Failure) -> bool:
    """Tell whether the service may have done what a failed request asked for."""
    if failure.status is None:
        return failure.connected
    return failure.status in _SERVER_ERRORS or failure.status == _TIMEOUT


def done_before(method: str, status: int, *, uncertain: bool) -> bool:
    """Tell whether a refusal says that an earlier attempt has done what was wanted: there is nothing left to delete.

    Args:
        method: HTTP method.
        status: Status of the refusal.
        uncertain: Whether an earlier attempt may have acted.
    """
    return uncertain and method.upper() == "DELETE" and status == _NOT_FOUND


def backoff_of(policy: RetryPolicy) -> Backoff:
    """Return the waits of a client's policy."""
    return Backoff(first=policy.first_wait, longest=policy.longest_wait)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header: seconds, or a date.

    Args:
        value: The header's value, if there was one.
        now: The present time, with its zone.

    Returns:
        Seconds from now, from 0 to ten years; None without the header or with one that is neither.
    """
    if value is None:
        return None
    value = value.strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return min(float(value), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, (date - now).total_seconds()), _LONGEST_WAIT) if date.tzinfo else None
