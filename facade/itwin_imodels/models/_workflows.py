"""What workflows give."""

import attrs

from itwin_imodels.models._briefcases import Briefcase
from itwin_imodels.models._locks import Lock
from itwin_imodels.models._people import User


@attrs.frozen(kw_only=True)
class LockHolder:
    """A briefcase whose locks are in the way.

    Attributes:
        briefcase_id: The briefcase.
        object_ids: The objects it holds.
        briefcase: Its details, such as the device; None when it is gone by now.
        owner: The user who acquired it; None when it is gone by now.
    """

    briefcase_id: int
    object_ids: tuple[str, ...]
    briefcase: Briefcase | None = None
    owner: User | None = None


@attrs.frozen(kw_only=True)
class StaleBriefcase:
    """A briefcase that seems to be lost.

    Attributes:
        briefcase: The briefcase.
        lock: Its locks; None when it holds none.
        freed: Whether it was freed; never in a dry run.
        error: What kept it from being freed.
    """

    briefcase: Briefcase
    lock: Lock | None
    freed: bool = False
    error: Exception | None = attrs.field(default=None, eq=False)

    @property
    def lock_count(self) -> int:
        """How many objects it has locked."""
        return 0 if self.lock is None else self.lock.count
