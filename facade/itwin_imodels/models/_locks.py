"""Locks."""

from collections.abc import Mapping
from enum import StrEnum

import attrs


class LockLevel(StrEnum):
    """How strongly an object is locked."""

    NONE = "none"
    SHARED = "shared"
    EXCLUSIVE = "exclusive"


@attrs.frozen(kw_only=True)
class Lock:
    """The locks of one briefcase.

    Attributes:
        imodel_id: Its iModel.
        briefcase_id: The briefcase.
        objects: Ids of the locked objects by level.
    """

    imodel_id: str
    briefcase_id: int
    objects: Mapping[LockLevel | str, tuple[str, ...]] = attrs.field(hash=False)

    @property
    def exclusive(self) -> tuple[str, ...]:
        """Ids of the objects that nobody else may lock."""
        return self.objects.get(LockLevel.EXCLUSIVE, ())

    @property
    def shared(self) -> tuple[str, ...]:
        """Ids of the objects that others may lock shared too."""
        return self.objects.get(LockLevel.SHARED, ())

    @property
    def count(self) -> int:
        """How many objects are locked."""
        return sum(map(len, self.objects.values()))

    def __repr__(self) -> str:
        """The briefcase and how much it holds."""
        held = ", ".join(f"{level}={len(ids)}" for level, ids in self.objects.items())
        return f"Lock(briefcase_id={self.briefcase_id}, {held or 'nothing'})"


@attrs.frozen(kw_only=True)
class ReleasedLocks:
    """Objects that were released together with later changesets.

    Attributes:
        imodel_id: Their iModel.
        level: The level at which they were locked.
        object_ids: Their ids.
    """

    imodel_id: str
    level: LockLevel | str
    object_ids: tuple[str, ...] = attrs.field(repr=lambda ids: f"<{len(ids)} ids>")
