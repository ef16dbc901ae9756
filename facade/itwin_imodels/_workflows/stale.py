"""Rules of stale briefcases: which ones are stale, and which errors concern one of them only."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import attrs

from itwin_imodels.errors import ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse
from itwin_imodels.models import Briefcase

FAILURES = (ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse)
"""Errors that prevent one briefcase from being freed, but not the others."""


@attrs.frozen(kw_only=True)
class StaleCriteria:
    """What makes a briefcase stale: all of the criteria that are given.

    Attributes:
        owner: Id or e-mail address of its owner; `me` is the caller.
        device: Pattern of its device's name.
        acquired_before: It was acquired before this.
    """

    owner: str | None
    device: str | None
    acquired_before: datetime | None

    @classmethod
    def of(cls, *, device: str | None, older_than: timedelta | None, owner: str | None) -> "StaleCriteria":
        """Check the criteria that a caller gives.

        Raises:
            ValueError: No criterion is given, or the age is negative or too long.
        """
        if device is None and older_than is None and owner is None:
            raise ValueError("no criteria for stale briefcases: give owner, device or older_than")
        if older_than is not None and older_than < timedelta(0):
            raise ValueError(f"older_than must not be negative, but is {older_than}")
        return cls(owner=owner, device=device, acquired_before=None if older_than is None else _before(older_than))

    def match(self, briefcase: Briefcase) -> bool:
        """Return whether a briefcase is stale; its owner is not looked at."""
        if self.acquired_before is not None and briefcase.acquired_date_time >= self.acquired_before:
            return False
        return self.device is None or fnmatchcase((briefcase.device_name or "").lower(), _pattern(self.device))


def _before(age: timedelta) -> datetime:
    """Return the time that is an age ago; the earliest time there is if the age is greater than that."""
    now, earliest = datetime.now(UTC), datetime.min.replace(tzinfo=UTC)
    return now - min(age, now - earliest)


def _pattern(device: str) -> str:
    """Return a pattern in which brackets stand for themselves, as they do in names."""
    return device.lower().replace("[", "[[]")
