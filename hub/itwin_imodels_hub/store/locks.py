"""Queries for locks and lock releases. No function reads more rows than requested."""

from collections.abc import Iterable, Mapping

from attrs import frozen
from sqlalchemy import BigInteger, Connection, delete, exists, insert, literal, or_, select

from itwin_imodels_hub.rules.locks import Holding, LockLevel
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import LockRecord, LockReleaseRecord
from itwin_imodels_hub.store.schema import lock_demotions, lock_releases, locks

_CHUNK = 500  # well below the parameter limit of every database


def _chunks(object_ids: Iterable[str]) -> Iterable[list[str]]:
    ids = list(object_ids)
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def holdings_on(connection: Connection, number: int, object_ids: Iterable[str]) -> list[Holding]:
    """Return the locks of all briefcases on the objects."""
    holdings = []
    for part in _chunks(object_ids):
        rows = select(locks).where(locks.c.imodel_number == number, locks.c.object_id.in_(part))
        holdings += [Holding(row.object_id, row.briefcase_id, LockLevel(row.level)) for row in connection.execute(rows)]
    return holdings


def saved_indexes(connection: Connection, number: int, object_ids: Iterable[str]) -> dict[str, int]:
    """Return the index of the changeset with which the last exclusive lock on each object was released or demoted."""
    saved: dict[str, int] = {}
    for part in _chunks(object_ids):
        released = select(lock_releases.c.object_id, lock_releases.c.changeset_index).where(
            lock_releases.c.imodel_number == number,
            lock_releases.c.level == LockLevel.EXCLUSIVE,
            lock_releases.c.object_id.in_(part),
        )
        demoted = select(lock_demotions.c.object_id, lock_demotions.c.changeset_index).where(
            lock_demotions.c.imodel_number == number, lock_demotions.c.object_id.in_(part)
        )
        for row in connection.execute(released.union_all(demoted)):
            saved[row.object_id] = max(saved.get(row.object_id, 0), row.changeset_index)
    return saved


def hold(connection: Connection, number: int, briefcase_id: int, levels: Mapping[str, LockLevel]) -> None:
    """Set the lock levels of a briefcase on objects."""
    drop(connection, number, briefcase_id, levels)
    rows = [
        {"imodel_number": number, "briefcase_id": briefcase_id, "object_id": object_id, "level": int(level)}
        for object_id, level in levels.items()
    ]
    if rows:
        connection.execute(insert(locks), rows)


def drop(connection: Connection, number: int, briefcase_id: int, object_ids: Iterable[str]) -> None:
    """Delete the locks of a briefcase on the given objects."""
    for part in _chunks(object_ids):
        rows = (locks.c.imodel_number == number) & (locks.c.briefcase_id == briefcase_id) & locks.c.object_id.in_(part)
        connection.execute(delete(locks).where(rows))


def drop_all(connection: Connection, number: int, briefcase_id: int) -> None:
    """Delete all locks of a briefcase."""
    connection.execute(delete(locks).filter_by(imodel_number=number, briefcase_id=briefcase_id))


def first_locks(connection: Connection, number: int, briefcase_id: int, count: int) -> list[LockRecord]:
    """Return the first locks of a briefcase, sorted by level and object id."""
    statement = (
        select(locks.c.object_id, locks.c.briefcase_id, locks.c.level)
        .filter_by(imodel_number=number, briefcase_id=briefcase_id)
        .order_by(locks.c.level, locks.c.object_id)
        .limit(count)
    )
    return list(fetch_all(connection, statement, LockRecord))


def record_releases(connection: Connection, number: int, released: Mapping[str, LockLevel], index: int) -> None:
    """Record the changeset with which objects were released, unless a newer one is recorded.

    Args:
        connection: The transaction.
        number: The iModel.
        released: The objects with their previous lock levels.
        index: Index of the changeset.
    """
    keys = [(level, part) for level in set(released.values()) for part in _chunks(_objects_with_level(released, level))]
    for level, part in keys:
        rows = (
            (lock_releases.c.imodel_number == number)
            & (lock_releases.c.level == level)
            & lock_releases.c.object_id.in_(part)
        )
        newer = set(
            connection.scalars(select(lock_releases.c.object_id).where(rows, lock_releases.c.changeset_index >= index))
        )
        connection.execute(delete(lock_releases).where(rows, lock_releases.c.changeset_index < index))
        values = [
            {"imodel_number": number, "object_id": object_id, "level": int(level), "changeset_index": index}
            for object_id in part
            if object_id not in newer
        ]
        if values:
            connection.execute(insert(lock_releases), values)


def record_demotions(connection: Connection, number: int, object_ids: Iterable[str], index: int) -> None:
    """Record the changeset with which exclusive locks became shared ones, unless a newer one is recorded."""
    for part in _chunks(object_ids):
        rows = (lock_demotions.c.imodel_number == number) & lock_demotions.c.object_id.in_(part)
        connection.execute(delete(lock_demotions).where(rows, lock_demotions.c.changeset_index < index))
        newer = set(connection.scalars(select(lock_demotions.c.object_id).where(rows)))
        values = [
            {"imodel_number": number, "object_id": object_id, "changeset_index": index}
            for object_id in part
            if object_id not in newer
        ]
        if values:
            connection.execute(insert(lock_demotions), values)


def _objects_with_level(released: Mapping[str, LockLevel], level: LockLevel) -> list[str]:
    return [object_id for object_id, held in released.items() if held is level]


@frozen(kw_only=True)
class LockFilter:
    """Filters for the list of locks."""

    briefcase_id: int | None = None
    level: LockLevel | None = None


def locks_of(connection: Connection, number: int, filters: LockFilter, window: Window) -> Page[LockRecord]:
    """Return a page of locks, one per briefcase and object, sorted by briefcase, level and object id."""
    statement = select(locks.c.object_id, locks.c.briefcase_id, locks.c.level).filter_by(imodel_number=number)
    by = [SortedBy("object_id", locks.c.object_id)]
    if filters.level is None:
        by.insert(0, SortedBy("level", locks.c.level))
    else:
        statement = statement.where(locks.c.level == filters.level)
    if filters.briefcase_id is None:
        by.insert(0, SortedBy("briefcase_id", locks.c.briefcase_id))
    else:
        statement = statement.where(locks.c.briefcase_id == filters.briefcase_id)
    return fetch_page(connection, statement, by, window, LockRecord)


def releases_after(connection: Connection, number: int, index: int, window: Window) -> Page[LockReleaseRecord]:
    """Return a page of objects released with changesets after an index, sorted by changeset, level and object id."""
    columns = (lock_releases.c.changeset_index, lock_releases.c.level, lock_releases.c.object_id)
    statement = select(*columns).where(lock_releases.c.imodel_number == number, columns[0] > literal(index, BigInteger))
    by = [SortedBy(column.name, column) for column in columns]
    return fetch_page(connection, statement, by, window, LockReleaseRecord)


def owns_any(
    connection: Connection, number: int, briefcase_ids: Iterable[int], exclusive_object: str | None = None
) -> bool:
    """Check whether any of the briefcases holds a lock or, given an object, an exclusive lock on that object."""
    own = or_(*(locks.c.briefcase_id == briefcase_id for briefcase_id in briefcase_ids))
    row = (locks.c.imodel_number == number) & own
    if exclusive_object is not None:
        row &= (locks.c.object_id == exclusive_object) & (locks.c.level == LockLevel.EXCLUSIVE)
    return bool(connection.scalar(select(exists().where(row))))
