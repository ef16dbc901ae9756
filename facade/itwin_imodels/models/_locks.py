"""Locks."""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class LockLevel(StrEnum):
    """The level at which an object is locked."""

    NONE = "none"
    SHARED = "shared"
    EXCLUSIVE = "exclusive"


@attrs.frozen(kw_only=True)
class Lock:
    """The locks of one briefcase.

    Attributes:
        imodel_id: Its iModel.
        briefcase_id: The briefcase.
        objects: Ids of the locked objects, by level.
    """

    imodel_id: str
    briefcase_id: int
    objects: Mapping[LockLevel | str, tuple[str, ...]] = attrs.field(hash=False)

    @property
    def exclusive(self) -> tuple[str, ...]:
        """Ids of the objects locked exclusively: no other briefcase may lock them."""
        return self.objects.get(LockLevel.EXCLUSIVE, ())

    @property
    def shared(self) -> tuple[str, ...]:
        """Ids of the objects locked at the shared level, which other briefcases may lock too."""
        return self.objects.get(LockLevel.SHARED, ())

    @property
    def count(self) -> int:
        """Number of locked objects."""
        return sum(map(len, self.objects.values()))

    def __repr__(self) -> str:
        """Return the briefcase and the number of its locks by level."""
        held = ", ".join(f"{level}={len(ids)}" for level, ids in self.objects.items())
        return f"Lock(briefcase_id={self.briefcase_id}, {held or 'nothing'})"


@attrs.frozen(kw_only=True)
class ReleasedLocks:
    """Objects whose locks were released with changesets newer than a given one.

    Attributes:
        imodel_id: Their iModel.
        level: The level at which they were locked.
        object_ids: Their ids.
    """

    imodel_id: str
    level: LockLevel | str
    object_ids: tuple[str, ...] = attrs.field(repr=lambda ids: f"<{len(ids)} ids>")
