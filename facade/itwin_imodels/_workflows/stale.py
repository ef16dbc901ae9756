"""Which briefcases are stale."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import attrs

from itwin_imodels.errors import ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse
from itwin_imodels.models import Briefcase

FAILURES = (ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse)
"""What keeps one briefcase from being freed, but not the others."""


@attrs.frozen(kw_only=True)
class Wanted:
    """What a stale briefcase looks like.

    Attributes:
        device: Pattern of its device's name.
        acquired_before: It was acquired before this.
    """

    device: str | None
    acquired_before: datetime | None

    @classmethod
    def of(cls, *, device: str | None, older_than: timedelta | None, owner: str | None) -> "Wanted":
        """Read what a caller says.

        Raises:
            ValueError: It says nothing, or the age is negative.
        """
        if device is None and older_than is None and owner is None:
            raise ValueError("say which briefcases are stale: give owner, device or older_than")
        if older_than is not None and older_than < timedelta(0):
            raise ValueError(f"older_than must not be negative, but is {older_than}")
        return cls(device=device, acquired_before=None if older_than is None else datetime.now(UTC) - older_than)

    def fits(self, briefcase: Briefcase) -> bool:
        """Tell whether a briefcase is stale."""
        if self.acquired_before is not None and briefcase.acquired_date_time >= self.acquired_before:
            return False
        return self.device is None or fnmatchcase((briefcase.device_name or "").lower(), _pattern(self.device))


def _pattern(device: str) -> str:
    """Give a pattern in which brackets stand for themselves, as they do in names."""
    return device.lower().replace("[", "[[]")
