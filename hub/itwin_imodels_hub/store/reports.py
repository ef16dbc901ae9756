"""Queries for the status pages: lists by page number, and counts.

The database selects the rows of a page and computes counts and groups, so that no function reads a whole list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import frozen
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, and_, func, select, type_coerce

from itwin_imodels_hub.store.changesets import UPLOADED
from itwin_imodels_hub.store.database import fetch_all
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    CheckpointRecord,
    GroupRecord,
    NamedVersionRecord,
)
from itwin_imodels_hub.store.schema import (
    briefcases,
    changeset_groups,
    changesets,
    checkpoints,
    imodels,
    itwins,
    locks,
    named_versions,
    users,
)

T = TypeVar("T")

_PUSHED = type_coerce(changesets.c.pushed_at, BigInteger)
_LISTED: Mapping[type, tuple[Table, Sequence[ColumnElement[Any]]]] = {
    NamedVersionRecord: (named_versions, (named_versions.c.changeset_index.desc(), named_versions.c.id)),
    CheckpointRecord: (checkpoints, (checkpoints.c.changeset_index.desc(),)),
    BriefcaseRecord: (briefcases, (briefcases.c.briefcase_id.desc(),)),
    GroupRecord: (changeset_groups, (changeset_groups.c.created_at.desc(), changeset_groups.c.id)),
}
"""Record types listed by page number, with table and order, newest first."""


@frozen(kw_only=True)
class Slice(Generic[T]):
    """A page of a list; page numbers start at 1."""

    items: tuple[T, ...]
    page: int
    pages: int
    total: int


@frozen(kw_only=True)
class ITwinReport:
    """An iTwin and the number of its iModels."""

    id: str
    display_name: str
    imodels: int


@frozen(kw_only=True)
class IModelReport:
    """An iModel with counts of its contents."""

    id: str
    name: str
    description: str | None
    itwin_name: str
    state: str
    created_at: datetime
    last_push_at: datetime | None
    newest_index: int
    locks: int
    briefcases: int
    checkpoints: int


@frozen(kw_only=True)
class Amounts:
    """Counts of the contents of an iModel."""

    changesets: int
    versions: int
    checkpoints: int
    briefcases: int
    locks: int
    groups: int


def names_of_users(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the full names of users by id; missing users are omitted."""
    rows = connection.execute(select(users.c.id, users.c.given_name, users.c.surname).where(users.c.id.in_(ids)))
    return {row.id: f"{row.given_name} {row.surname}".strip() for row in rows}


def slice_bounds(page: int, total: int, size: int) -> tuple[int, int]:
    """Return the page number, limited to the last page, and the number of pages, at least 1."""
    pages = max(1, -(-total // size))
    return min(page, pages), pages


def busiest_itwins(connection: Connection, limit: int) -> Sequence[ITwinReport]:
    """Return the iTwins with the most iModels."""
    amount = func.count(imodels.c.number)
    statement = (
        select(itwins.c.id, itwins.c.display_name, amount.label("imodels"))
        .outerjoin(imodels, imodels.c.itwin_id == itwins.c.id)
        .group_by(itwins.c.id, itwins.c.display_name, itwins.c.created_at)
        .order_by(amount.desc(), itwins.c.created_at, itwins.c.id)
        .limit(limit)
    )
    return fetch_all(connection, statement, ITwinReport)


def imodels_by_page(  # noqa: PLR0913 - the choices of a reader
    connection: Connection, *, search: str, itwin_id: str, by_name: bool, page: int, size: int
) -> Slice[IModelReport]:
    """Return a page of iModels, most recently changed first or by name.

    Args:
        connection: The transaction.
        search: Text that name or description must contain; empty matches all.
        itwin_id: The iTwin; empty matches all.
        by_name: Whether to sort by name.
        page: Page number from 1, limited to the last page.
        size: iModels per page.
    """
    conditions: list[ColumnElement[bool]] = []
    if search:
        conditions.append(imodels.c.folded.contains(search.casefold(), autoescape=True))
    if itwin_id:
        conditions.append(imodels.c.itwin_id == itwin_id)
    total = connection.scalar(select(func.count()).select_from(imodels).where(*conditions)) or 0
    page, pages = slice_bounds(page, total, size)
    used = func.coalesce(imodels.c.last_push_at, imodels.c.created_at)
    own = [imodels.c[name] for name in ("number", "id", "name", "description", "state", "created_at", "last_push_at")]
    statement = (
        select(*own, itwins.c.display_name.label("itwin_name"))
        .join(itwins, itwins.c.id == imodels.c.itwin_id)
        .where(*conditions)
        .order_by(*([imodels.c.folded] if by_name else [used.desc()]), imodels.c.number)
    )
    rows = [dict(row) for row in connection.execute(_sliced(statement, page, size)).mappings()]
    numbers = [row.pop("number") for row in rows]
    newest = _per_imodel(connection, changesets, numbers, func.max(changesets.c.changeset_index), state=UPLOADED)
    held, acquired, made = (_per_imodel(connection, each, numbers) for each in (locks, briefcases, checkpoints))
    items = tuple(
        IModelReport(
            **row,
            newest_index=newest.get(number, 0),
            locks=held.get(number, 0),
            briefcases=acquired.get(number, 0),
            checkpoints=made.get(number, 0),
        )
        for number, row in zip(numbers, rows, strict=True)
    )
    return Slice(items=items, page=page, pages=pages, total=total)


def amounts_of(connection: Connection, number: int) -> Amounts:
    """Count the contents of an iModel."""
    return Amounts(
        changesets=confirmed_total(connection, number),
        versions=_count(connection, named_versions, number),
        checkpoints=_count(connection, checkpoints, number),
        briefcases=_count(connection, briefcases, number),
        locks=_count(connection, locks, number),
        groups=_count(connection, changeset_groups, number),
    )


def entities_by_page(connection: Connection, kind: type[T], number: int, page: int, size: int) -> Slice[T]:
    """Return a page of entities of one kind in an iModel, newest first.

    Args:
        connection: The transaction.
        kind: Record type: Named Version, checkpoint, briefcase or changeset group.
        number: The iModel.
        page: Page number from 1, limited to the last page.
        size: Entities per page.
    """
    table, order = _LISTED[kind]
    total = _count(connection, table, number)
    page, pages = slice_bounds(page, total, size)
    statement = select(table).where(table.c.imodel_number == number).order_by(*order)
    items = tuple(fetch_all(connection, _sliced(statement, page, size), kind))
    return Slice(items=items, page=page, pages=pages, total=total)


# Changesets.


def confirmed_total(connection: Connection, number: int) -> int:
    """Return the number of confirmed changesets."""
    return _count(connection, changesets, number, state=UPLOADED)


def newest_changesets(connection: Connection, number: int, up_to: int | None, limit: int) -> Sequence[ChangesetRecord]:
    """Return confirmed changesets, newest first, optionally up to an index."""
    index = changesets.c.changeset_index
    statement = select(changesets).where(_confirmed(number)).order_by(index.desc()).limit(limit)
    return fetch_all(connection, statement if up_to is None else statement.where(index <= up_to), ChangesetRecord)


def newer_index(connection: Connection, number: int, index: int, distance: int) -> int | None:
    """Return the index of the confirmed changeset that is `distance` changesets newer than an index.

    If fewer are newer, return the index of the newest one; if none is, return None.
    """
    column = changesets.c.changeset_index
    above = select(column).where(_confirmed(number), column > index).order_by(column).limit(distance)
    return max(connection.scalars(above), default=None)


def version_names(connection: Connection, number: int, indexes: Iterable[int]) -> dict[int, str]:
    """Return the names of the Named Versions on changesets, by index."""
    index = named_versions.c.changeset_index
    statement = select(index, named_versions.c.name).where(
        named_versions.c.imodel_number == number, index.in_(list(indexes))
    )
    return {row.changeset_index: row.name for row in connection.execute(statement)}


def group_sizes(connection: Connection, number: int, group_ids: Collection[str]) -> dict[str, int]:
    """Return the number of changesets per group; empty groups are omitted."""
    statement = (
        select(changesets.c.group_id, func.count().label("amount"))
        .where(changesets.c.imodel_number == number, changesets.c.group_id.in_(group_ids))
        .group_by(changesets.c.group_id)
    )
    return {row.group_id: row.amount for row in connection.execute(statement)} if group_ids else {}


# Pushes over time, in microseconds since 1970.


def push_bounds(connection: Connection, number: int) -> tuple[int, int] | None:
    """Return the push times of the first and the last confirmed changeset, or None if there are none."""
    bounds: Sequence[int | None] = connection.execute(
        select(func.min(_PUSHED), func.max(_PUSHED)).where(_confirmed(number))
    ).one()
    first, last = bounds
    return None if first is None or last is None else (first, last)


def pushes_over_time(connection: Connection, number: int, origin: int, width: int) -> list[tuple[int, str, int]]:
    """Count the confirmed changesets per user and time span.

    Args:
        connection: The transaction.
        number: The iModel.
        origin: Start of the first span.
        width: Length of a span.

    Returns:
        Tuples of span number, user id and count.
    """
    bucket = _bucket(origin, width)
    statement = select(bucket, changesets.c.creator_id, func.count().label("amount")).where(_confirmed(number))
    rows = connection.execute(statement.group_by(bucket, changesets.c.creator_id))
    return [(row.bucket, row.creator_id, row.amount) for row in rows]


def versions_over_time(connection: Connection, number: int, origin: int, width: int) -> list[tuple[int, str, int]]:
    """Count the Named Versions per time span; see `pushes_over_time`.

    Returns:
        Tuples of push time and name of the newest version, and count; a version on the baseline has a separate tuple at
        the origin.
    """
    index, bucket = named_versions.c.changeset_index, _bucket(origin, width)
    of_version = and_(changesets.c.imodel_number == number, changesets.c.changeset_index == index)
    statement = (
        select(func.count().label("amount"), func.max(index).label("newest"), func.max(_PUSHED).label("moment"))
        .select_from(named_versions.join(changesets, of_version))
        .where(named_versions.c.imodel_number == number)
        .group_by(bucket)
    )
    rows = connection.execute(statement).all()
    names = version_names(connection, number, [0, *(row.newest for row in rows)])
    counts = [(row.moment, names[row.newest], row.amount) for row in rows]
    return [(origin, names[0], 1), *counts] if 0 in names else counts


# Briefcases and locks.


def locks_held(connection: Connection, number: int, briefcase_ids: Sequence[int] | None) -> dict[tuple[int, int], int]:
    """Count locks by briefcase and level, for all briefcases or the given ones."""
    statement = select(locks.c.briefcase_id, locks.c.level, func.count().label("amount"))
    statement = statement.where(locks.c.imodel_number == number)
    if briefcase_ids is not None:
        statement = statement.where(locks.c.briefcase_id.in_(briefcase_ids))
    rows = connection.execute(statement.group_by(locks.c.briefcase_id, locks.c.level))
    return {(row.briefcase_id, row.level): row.amount for row in rows}


def briefcases_by_id(connection: Connection, number: int, ids: Collection[int]) -> dict[int, BriefcaseRecord]:
    """Return briefcases by id; missing ones are omitted."""
    statement = select(briefcases).where(briefcases.c.imodel_number == number, briefcases.c.briefcase_id.in_(ids))
    return {each.briefcase_id: each for each in fetch_all(connection, statement, BriefcaseRecord)}


# Shared helpers.


def _confirmed(number: int) -> ColumnElement[bool]:
    return and_(changesets.c.imodel_number == number, changesets.c.state == UPLOADED)


def _bucket(origin: int, width: int) -> ColumnElement[int]:
    return ((_PUSHED - origin) // width).label("bucket")


def _sliced(statement: Select[Any], page: int, size: int) -> Select[Any]:
    return statement.limit(size).offset((page - 1) * size)


def _count(connection: Connection, table: Table, number: int, **conditions: str) -> int:
    statement = select(func.count()).select_from(table).filter_by(imodel_number=number, **conditions)
    return connection.scalar(statement) or 0


def _per_imodel(
    connection: Connection,
    table: Table,
    numbers: Sequence[int],
    value: ColumnElement[int] | None = None,
    **conditions: str,
) -> dict[int, int]:
    """Return a `value` per iModel, by default the number of rows."""
    key = table.c.imodel_number
    value = func.count() if value is None else value
    statement = select(key, value.label("value")).where(key.in_(numbers)).filter_by(**conditions).group_by(key)
    return {row.imodel_number: row.value for row in connection.execute(statement)}
