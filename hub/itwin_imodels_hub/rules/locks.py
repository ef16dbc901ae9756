"""Lock rules: which locks may be held together, and which changeset is recorded on release.

Any number of briefcases may hold a shared lock on an object, or one briefcase an exclusive lock. When an exclusive lock
is released, the service records the changeset that the release names; it keeps the newest one per object. A briefcase
that requests an exclusive lock must have that changeset. A release without a changeset, or with an older one, abandons
the lock and leaves the record unchanged. A request for a shared lock demotes an exclusive lock of the same briefcase;
the changeset is recorded the way a release records it, because the object may have been changed under the exclusive
lock.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum

from attrs import field, frozen


class LockLevel(IntEnum):
    """The level of a lock; the numbers are stored in the database."""

    NONE = 0
    SHARED = 1
    EXCLUSIVE = 2

    @property
    def word(self) -> str:
        """The name of the level in the API."""
        return self.name.lower()


LEVELS = {level.word: level for level in LockLevel}


@frozen
class Holding:
    """A lock held by a briefcase."""

    object_id: str
    briefcase_id: int
    level: LockLevel


@frozen
class Conflict:
    """Locks of other briefcases that conflict with the requested one."""

    object_id: str
    level: LockLevel
    briefcase_ids: tuple[int, ...]


@frozen
class LockChanges:
    """The changes that result from a lock request."""

    acquired: Mapping[str, LockLevel] = field(factory=dict[str, LockLevel])
    released: Mapping[str, LockLevel] = field(factory=dict[str, LockLevel])
    """Released objects with their previous lock level."""
    demoted: Collection[str] = ()
    """Objects whose exclusive lock becomes a shared one."""


class LockConflictError(Exception):
    """Other briefcases hold conflicting locks."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        """Create the error with all conflicts."""
        super().__init__(conflicts)
        self.conflicts = conflicts


class NewerChangesError(Exception):
    """Objects were released with changesets that the requesting briefcase does not have."""

    def __init__(self, object_ids: list[str]) -> None:
        """Create the error with the ids of the objects."""
        super().__init__(object_ids)
        self.object_ids = object_ids


class NotHeldError(Exception):
    """A briefcase requests the release of a lock that it does not hold."""


def plan_changes(
    briefcase_id: int,
    requested: Mapping[str, LockLevel],
    holdings: Iterable[Holding],
    *,
    saved: Mapping[str, int],
    pulled_index: int,
) -> LockChanges:
    """Check a whole lock request and return the resulting changes.

    Args:
        briefcase_id: The requesting briefcase.
        requested: The requested level per object.
        holdings: All locks on these objects, held by any briefcase.
        saved: Index of the recorded changeset per object, for objects that have one.
        pulled_index: Index of the newest changeset that the briefcase has; 0 for none.

    Returns:
        The changes to make.

    Raises:
        NotHeldError: An object to release is not locked by the briefcase.
        LockConflictError: Other briefcases hold conflicting locks.
        NewerChangesError: The briefcase must pull first.
    """
    own: dict[str, LockLevel] = {}
    others: dict[str, list[Holding]] = {}
    for holding in holdings:
        if holding.briefcase_id == briefcase_id:
            own[holding.object_id] = holding.level
        else:
            others.setdefault(holding.object_id, []).append(holding)
    released = {key: own.get(key, LockLevel.NONE) for key, level in requested.items() if level is LockLevel.NONE}
    if LockLevel.NONE in released.values():
        raise NotHeldError
    demoted = [
        key for key, level in requested.items() if level is LockLevel.SHARED and own.get(key) is LockLevel.EXCLUSIVE
    ]
    # A request for the level that is already held changes nothing.
    acquired = {key: level for key, level in requested.items() if level > own.get(key, LockLevel.NONE)}
    conflicts = [
        conflict for key, level in acquired.items() if (conflict := _conflict(key, level, others.get(key, [])))
    ]
    if conflicts:
        raise LockConflictError(conflicts)
    exclusive = [key for key, level in acquired.items() if level is LockLevel.EXCLUSIVE]
    stale = [key for key in exclusive if saved.get(key, 0) > pulled_index]
    if stale:
        raise NewerChangesError(stale)
    return LockChanges(acquired, released, demoted)


def _conflict(object_id: str, level: LockLevel, others: list[Holding]) -> Conflict | None:
    strongest = max((holding.level for holding in others), default=LockLevel.NONE)
    if strongest is LockLevel.NONE or (level is LockLevel.SHARED and strongest is LockLevel.SHARED):
        return None
    return Conflict(object_id, strongest, tuple(sorted(holding.briefcase_id for holding in others)))
