"""Rules for retries: which failed requests are retried, and when. Tenacity does the waiting elsewhere."""

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
"""Upper bound of a `Retry-After` in seconds, since larger values overflow the clock."""
_ALWAYS_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@attrs.frozen(kw_only=True)
class Failure:
    """A failed attempt.

    Attributes:
        status: HTTP status of the response; None if there was no response.
        retry_after: Seconds to wait before the next attempt, as requested by the response; None if not specified.
        connected: Whether the request may have reached the service.
    """

    status: int | None = None
    retry_after: float | None = None
    connected: bool = True


def is_repeatable(method: str, failure: Failure, *, is_idempotent: bool = False) -> bool:
    """Check whether a failed request may be sent again.

    Args:
        method: HTTP method.
        failure: The failed attempt.
        is_idempotent: Whether sending the request twice has the same effect as sending it once.
    """
    if not failure.connected:
        return True
    if failure.status is not None and not _is_transient(failure.status):
        return False
    if is_idempotent or method.upper() in _ALWAYS_REPEATABLE:
        return True
    return did_not_act(failure)


def _is_transient(status: int) -> bool:
    return status in (_TIMEOUT, _TOO_MANY) or status in _SERVER_ERRORS


def did_not_act(failure: Failure) -> bool:
    """Check whether the service certainly did not carry out the request, because it asks the client to retry later."""
    return failure.status == _TOO_MANY or (failure.status == _UNAVAILABLE and failure.retry_after is not None)


def may_have_acted(failure: Failure) -> bool:
    """Check whether the service may have carried out a failed request; a 503 counts even with `Retry-After`."""
    if failure.status is None:
        return failure.connected
    return failure.status in _SERVER_ERRORS or failure.status == _TIMEOUT


def done_before(method: str, status: int, *, uncertain: bool) -> bool:
    """Check whether a rejection means that an earlier attempt succeeded: the entity is already deleted.

    Args:
        method: HTTP method.
        status: HTTP status of the rejection.
        uncertain: Whether an earlier attempt may have been carried out.
    """
    return uncertain and method.upper() == "DELETE" and status == _NOT_FOUND


def backoff_of(policy: RetryPolicy) -> Backoff:
    """Return the backoff of a client's retry policy."""
    return Backoff(first=policy.first_wait, longest=policy.longest_wait)


def retry_after_seconds(value: str | None, now: datetime, sent: str | None = None) -> float | None:
    """Parse a `Retry-After` header, which contains seconds or a date.

    Args:
        value: The value of the header; None if it is missing.
        now: The current time, with a time zone.
        sent: The `Date` header of the response, which takes precedence over `now`: the clocks of the service and of
            this machine may differ.

    Returns:
        Seconds from now, from 0 to ten years; None if the header is missing or invalid.
    """
    if value is None:
        return None
    value = value.strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return min(float(value), _LONGEST_WAIT)
    date = parsed_date(value)
    if date is None:
        return None
    return min(max(0.0, (date - (parsed_date(sent) or now)).total_seconds()), _LONGEST_WAIT)


def parsed_date(value: str | None) -> datetime | None:
    """Return the date in a header; None if the header is missing or invalid, or has no time zone."""
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else None
