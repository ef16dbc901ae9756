"""Rules of stale briefcases: the criteria, and the errors that affect only one briefcase."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import attrs

from itwin_imodels.errors import ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse
from itwin_imodels.models import Briefcase

FAILURES = (ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse)
"""Errors after which the remaining briefcases are still released."""


@attrs.frozen(kw_only=True)
class StaleCriteria:
    """The criteria of a stale briefcase, all of which must match; None matches every briefcase.

    Attributes:
        owner: Id or e-mail address of its owner; `me` is the caller.
        device: Pattern of its device name, with `*` and `?`.
        acquired_before: The time before which it was acquired.
    """

    owner: str | None
    device: str | None
    acquired_before: datetime | None

    @classmethod
    def of(cls, *, device: str | None, older_than: timedelta | None, owner: str | None) -> "StaleCriteria":
        """Check the arguments of `client.release_stale_locks()`.

        Raises:
            ValueError: No criterion is given, or `older_than` is negative.
        """
        if device is None and older_than is None and owner is None:
            raise ValueError("no criteria for stale briefcases: pass owner, device or older_than")
        if older_than is not None and older_than < timedelta(0):
            raise ValueError(f"older_than must not be negative: {older_than}")
        return cls(owner=owner, device=device, acquired_before=None if older_than is None else _before(older_than))

    def match(self, briefcase: Briefcase) -> bool:
        """Return whether a briefcase matches, ignoring its owner."""
        if self.acquired_before is not None and briefcase.acquired_date_time >= self.acquired_before:
            return False
        return self.device is None or fnmatchcase((briefcase.device_name or "").lower(), _pattern(self.device))


def _before(age: timedelta) -> datetime:
    """Return the time of a given age, but at least the earliest possible time."""
    now, earliest = datetime.now(UTC), datetime.min.replace(tzinfo=UTC)
    return now - min(age, now - earliest)


def _pattern(device: str) -> str:
    """Return a pattern in which brackets match themselves, as in names."""
    return device.lower().replace("[", "[[]")
