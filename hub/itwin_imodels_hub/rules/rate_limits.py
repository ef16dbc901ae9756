"""Rate limits per minute, and the time to wait after a limit has been reached."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from attrs import frozen

MINUTE: Final = timedelta(minutes=1)


@frozen(kw_only=True)
class TierLimits:
    """Calls per minute that an application may make, by operation, as documented by the vendor in 2024."""

    creations: int
    copies: int


_TRIAL = TierLimits(creations=5, copies=5)
_OTHERS = TierLimits(creations=50, copies=20)


def limits_of(tier: str) -> TierLimits:
    """Return the limits of a tier."""
    return _TRIAL if tier == "trial" else _OTHERS


def seconds_to_wait(calls: Sequence[datetime], limit: int, now: datetime) -> int | None:
    """Return the number of seconds until another call is permitted; None if it is permitted now.

    Args:
        calls: Times of the calls within the last minute, oldest first.
        limit: Calls per minute.
        now: The current time.
    """
    if len(calls) < limit:
        return None
    wait = calls[-limit] + MINUTE - now if limit else MINUTE
    return max(1, ceil(wait.total_seconds()))
