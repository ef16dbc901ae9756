"""Rules for stale briefcases: the criteria, and the errors that affect only one briefcase."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from unicodedata import normalize

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.retrying import parsed_date
from itwin_imodels.errors import ApiError, ConnectionFailed, NotFound, OperationFailed, UnexpectedResponse
from itwin_imodels.models import Briefcase

FAILURES = (ApiError, ConnectionFailed, OperationFailed, UnexpectedResponse)
"""Errors after which the remaining briefcases are still released."""

_LAG = timedelta(seconds=5)
"""Maximum lag of the `Date` header, which servers write in whole seconds and do not update continuously."""


@attrs.frozen(kw_only=True)
class StaleCriteria:
    """The criteria for a stale briefcase, all of which must be met; a criterion that is None is ignored.

    Attributes:
        owner: Id or e-mail address of the owner; `me` is the caller.
        device: Pattern for the device name, with `*` and `?`.
        older_than: Minimum time since the briefcase was acquired.
        briefcase_ids: The briefcases to consider.
    """

    owner: str | None
    device: str | None
    older_than: timedelta | None
    briefcase_ids: frozenset[int] | None = None

    @classmethod
    def of(
        cls,
        *,
        device: str | None,
        older_than: timedelta | None,
        owner: str | None,
        briefcase_ids: Collection[int] | None = None,
    ) -> "StaleCriteria":
        """Check the arguments of `client.release_stale_locks()`.

        Raises:
            ValueError: No criterion is given, `older_than` is negative, or an id is out of bounds.
        """
        if device is None and older_than is None and owner is None and briefcase_ids is None:
            raise ValueError("no criteria for stale briefcases: pass owner, device, older_than or briefcase_ids")
        if older_than is not None and older_than < timedelta(0):
            raise ValueError(f"older_than must not be negative: {older_than}")
        ids = None if briefcase_ids is None else frozenset(map(checks.briefcase_id, briefcase_ids))
        return cls(owner=owner, device=device, older_than=older_than, briefcase_ids=ids)

    def match(self, briefcase: Briefcase, now: datetime) -> bool:
        """Return whether a briefcase matches, ignoring its owner."""
        if self.briefcase_ids is not None and briefcase.briefcase_id not in self.briefcase_ids:
            return False
        if self.older_than is not None and now - briefcase.acquired_date_time <= self.older_than:
            return False
        return self.device is None or fnmatchcase(_folded(briefcase.device_name or ""), _pattern(self.device))


def is_gone(error: Exception) -> bool:
    """Return whether an error means that a listed briefcase no longer exists."""
    return isinstance(error, NotFound) and error.code == "BriefcaseNotFound"


def earlier_now(date: str | None) -> datetime:
    """Return the current time by this machine's clock or by that of the service, whichever is earlier.

    If the clocks differ, a briefcase may therefore seem younger than it is, but never more than a few seconds older.

    Args:
        date: The `Date` header of a response that the service has just sent.
    """
    here, there = datetime.now(UTC), parsed_date(date)
    return here if there is None else min(here, there + _LAG)


def _pattern(device: str) -> str:
    """Return a pattern in which brackets are literal, because device names may contain them."""
    return _folded(device).replace("[", "[[]")


def _folded(text: str) -> str:
    """Return a name for comparisons: in lower case, with accents in one form, since systems use different ones."""
    return normalize("NFC", text).lower()
