"""Locks: who may hold what, and what is remembered when they are released.

Any number of briefcases may hold a shared lock on an object, or one briefcase an exclusive one. For each object the
service remembers the newest changeset it was released from an exclusive lock with; whoever wants to lock it exclusively
must have that changeset. A release without a changeset, or with an older one, abandons the lock: what is remembered
stays.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from attrs import field, frozen


class LockLevel(IntEnum):
    """How firmly an object is held; the numbers are stored."""

    NONE = 0
    SHARED = 1
    EXCLUSIVE = 2

    @property
    def word(self) -> str:
        """The service's word for it."""
        return self.name.lower()


LEVELS = {level.word: level for level in LockLevel}


@frozen
class Holding:
    """A lock that is held."""

    object_id: str
    briefcase_id: int
    level: LockLevel


@frozen
class Conflict:
    """Locks of other briefcases that stand in the way."""

    object_id: str
    level: LockLevel
    briefcase_ids: tuple[int, ...]


@frozen
class LockChanges:
    """What a request changes."""

    acquired: Mapping[str, LockLevel] = field(factory=dict[str, LockLevel])
    released: Mapping[str, LockLevel] = field(factory=dict[str, LockLevel])
    """Objects that are let go, with the level they were held at."""


class LockConflictError(Exception):
    """Other briefcases hold locks that exclude what was asked for."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        """Keep all conflicts."""
        super().__init__(conflicts)
        self.conflicts = conflicts


class NewerChangesError(Exception):
    """Objects were released with a changeset that the asker does not have."""

    def __init__(self, object_ids: list[str]) -> None:
        """Keep the objects."""
        super().__init__(object_ids)
        self.object_ids = object_ids


class NotHeldError(Exception):
    """A lock was to be released that the briefcase does not hold."""


def plan_changes(
    briefcase_id: int,
    wanted: Mapping[str, LockLevel],
    holdings: Iterable[Holding],
    *,
    saved: Mapping[str, int],
    asker_index: int,
) -> LockChanges:
    """Decide on a request as a whole.

    Args:
        briefcase_id: Who asks.
        wanted: The level asked for, per object.
        holdings: All locks on these objects, of anybody.
        saved: Index of the changeset remembered for these objects, where there is one.
        asker_index: Index of the changeset that the asker has; 0 for none.

    Returns:
        The changes to make.

    Raises:
        NotHeldError: An object to be released is not held.
        LockConflictError: Others hold what excludes it.
        NewerChangesError: The asker has to pull first.
    """
    own: dict[str, LockLevel] = {}
    others: dict[str, list[Holding]] = {}
    for holding in holdings:
        if holding.briefcase_id == briefcase_id:
            own[holding.object_id] = holding.level
        else:
            others.setdefault(holding.object_id, []).append(holding)
    released = {key: own.get(key, LockLevel.NONE) for key, level in wanted.items() if level is LockLevel.NONE}
    if LockLevel.NONE in released.values():
        raise NotHeldError
    # Asking again for what is held, or for less, changes nothing.
    acquired = {key: level for key, level in wanted.items() if level > own.get(key, LockLevel.NONE)}
    conflicts = [
        conflict for key, level in acquired.items() if (conflict := _conflict(key, level, others.get(key, [])))
    ]
    if conflicts:
        raise LockConflictError(conflicts)
    stale = [key for key, level in acquired.items() if level is LockLevel.EXCLUSIVE and saved.get(key, 0) > asker_index]
    if stale:
        raise NewerChangesError(stale)
    return LockChanges(acquired, released)


def _conflict(object_id: str, level: LockLevel, others: list[Holding]) -> Conflict | None:
    strongest = max((holding.level for holding in others), default=LockLevel.NONE)
    if strongest is LockLevel.NONE or (level is LockLevel.SHARED and strongest is LockLevel.SHARED):
        return None
    return Conflict(object_id, strongest, tuple(sorted(holding.briefcase_id for holding in others)))
