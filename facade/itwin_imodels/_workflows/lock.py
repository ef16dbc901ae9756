"""Rules for locks: the contents of requests, and the merging of responses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from itwin_imodels._core import checks
from itwin_imodels.errors import ConflictingLock, UnexpectedResponse
from itwin_imodels.models import Lock, LockLevel, ReleasedLocks

MAX_OBJECT_IDS = 1000
"""Maximum number of object ids in a request."""

MAX_CHUNKS = 10_000
"""Maximum number of chunks in which all locks of a briefcase are released, in case the last is never reported."""

Requests = Sequence[Mapping[LockLevel, Sequence[str]]]
"""The object ids of each request, by level."""


@attrs.frozen(kw_only=True)
class Restoration:
    """The changes that restore the earlier locks of a briefcase: first release, then lock again.

    Attributes:
        release: Ids of the objects to release.
        shared: Ids of the objects to lock again at the shared level.
        exclusive: Ids of the objects to lock again exclusively.
    """

    release: Sequence[str]
    shared: Sequence[str]
    exclusive: Sequence[str]


def requests(*, exclusive: Iterable[str], shared: Iterable[str], release: Iterable[str]) -> Requests:
    """Split changes to locks into requests that the service accepts.

    Args:
        exclusive: Ids of the objects to lock exclusively.
        shared: Ids of the objects to lock at the shared level.
        release: Ids of the objects to release.

    Raises:
        TypeError: An argument is a single string instead of several ids.
        ValueError: No id is given, an id is in two lists, or an id does not have the form `0x…`.
    """
    changes = {
        LockLevel.EXCLUSIVE: checks.object_ids("exclusive", exclusive),
        LockLevel.SHARED: checks.object_ids("shared", shared),
        LockLevel.NONE: checks.object_ids("release", release),
    }
    pairs = [(level, object_id) for level, ids in changes.items() for object_id in ids]
    if not pairs:
        raise ValueError("nothing to lock or release: pass at least one object id")
    levels: dict[str, LockLevel] = {}
    for level, object_id in pairs:
        other = levels.setdefault(object_id, level)
        if other is not level:
            raise ValueError(f"{object_id} is listed in both {_argument(other)} and {_argument(level)}")
    return [_by_level(part) for part in _chunks(pairs)]


def _argument(level: LockLevel) -> str:
    return "release" if level is LockLevel.NONE else str(level)


def object_ids(requests: Requests) -> list[str]:
    """Return the object ids of all requests."""
    return [object_id for levels in requests for ids in levels.values() for object_id in ids]


def joined(first: Lock, second: Lock) -> Lock | None:
    """Merge two parts of a briefcase's locks; return None if they belong to different briefcases."""
    if first.briefcase_id != second.briefcase_id:
        return None
    objects = dict(first.objects)
    for level, ids in second.objects.items():
        objects[level] = tuple(dict.fromkeys((*objects.get(level, ()), *ids)))
    return attrs.evolve(first, objects=objects)


def joined_released(first: ReleasedLocks, second: ReleasedLocks) -> ReleasedLocks | None:
    """Merge two parts of the locks released at one level; return None if their levels differ."""
    if first.level != second.level:
        return None
    return attrs.evolve(first, object_ids=tuple(dict.fromkeys((*first.object_ids, *second.object_ids))))


def merged(answers: Sequence[Lock]) -> Lock:
    """Merge the responses to the requests for one briefcase. The level of an object is that of the latest response."""
    levels: dict[str, LockLevel | str] = {}
    for answer in answers:
        levels.update({object_id: level for level, ids in answer.objects.items() for object_id in ids})
    objects: dict[LockLevel | str, list[str]] = {}
    for object_id, level in levels.items():
        objects.setdefault(level, []).append(object_id)
    return attrs.evolve(answers[0], objects={level: tuple(ids) for level, ids in objects.items()})


def restoration(
    before: Iterable[Lock], now: Iterable[Lock], attempted: Iterable[str], *, acquired: Iterable[Lock] = ()
) -> Restoration:
    """Return the changes that restore the earlier locks of a briefcase.

    Args:
        before: The locks that it held before.
        now: The locks that it holds now.
        attempted: Ids of the objects that may have been locked since.
        acquired: The locks that have certainly been acquired since.

    Raises:
        UnexpectedResponse: `now` lacks some of the acquired locks, so it is unknown what to restore.
    """
    had, has = _levels(before), _levels(now)
    missing = _levels(acquired).keys() - has.keys()
    if missing:
        raise UnexpectedResponse(
            f"the service's list of locks lacks {len(missing)} of the locks that were just acquired"
        )
    touched = [object_id for object_id in attempted if has.get(object_id) != had.get(object_id)]
    return Restoration(
        release=[object_id for object_id in touched if object_id in has],
        shared=[object_id for object_id in touched if had.get(object_id) == LockLevel.SHARED],
        exclusive=[object_id for object_id in touched if had.get(object_id) == LockLevel.EXCLUSIVE],
    )


def by_holder(locks: Iterable[ConflictingLock]) -> dict[int, tuple[str, ...]]:
    """Group conflicting locks by the briefcase that holds them."""
    object_ids: dict[int, list[str]] = {}
    for lock in locks:
        for briefcase_id in lock.briefcase_ids:
            object_ids.setdefault(briefcase_id, []).append(lock.object_id)
    return {briefcase_id: tuple(ids) for briefcase_id, ids in sorted(object_ids.items())}


def _levels(locks: Iterable[Lock]) -> dict[str, LockLevel | str]:
    return {object_id.lower(): level for lock in locks for level, ids in lock.objects.items() for object_id in ids}


def _by_level(pairs: Iterable[tuple[LockLevel, str]]) -> dict[LockLevel, list[str]]:
    object_ids: dict[LockLevel, list[str]] = {}
    for level, object_id in pairs:
        object_ids.setdefault(level, []).append(object_id)
    return object_ids


def _chunks(pairs: Sequence[tuple[LockLevel, str]]) -> Iterator[Sequence[tuple[LockLevel, str]]]:
    for start in range(0, len(pairs), MAX_OBJECT_IDS):
        yield pairs[start : start + MAX_OBJECT_IDS]
