"""Reading what the sections show. No function reads more rows than a page has, or than the database counts for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Select, Table, and_, func, select, type_coerce

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.page.sections import (
    BriefcaseLine,
    ChangesetLine,
    Changesets,
    CheckpointLine,
    GroupLine,
    IModelLine,
    ITwinLine,
    Listing,
    LockLine,
    Locks,
    Person,
    Summary,
    Timeline,
    VersionLine,
    WaitingPush,
)
from itwin_imodels_hub.page.timeline import Mark, Scale, Tally, draw, scale_of
from itwin_imodels_hub.rules.locks import LockLevel
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.rules.push import group_state
from itwin_imodels_hub.store.changesets import UPLOADED, newest_changeset, waiting_changeset
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.locks import LockFilter, locks_of
from itwin_imodels_hub.store.records import ChangesetRecord, IModelRecord
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
AnyRow = Row[Any]

IMODELS = 20
ITWINS = 30
CHANGESETS = 15
LINES = 10
LOCKS = 20

_PUSHED = type_coerce(changesets.c.pushed_at, BigInteger)


def persons(connection: Connection, ids: Iterable[str]) -> dict[str, Person]:
    """Find the names of users."""
    wanted = set(ids)
    rows = connection.execute(select(users.c.id, users.c.given_name, users.c.surname).where(users.c.id.in_(wanted)))
    found = {row.id: f"{row.given_name} {row.surname}".strip() for row in rows}
    return {each: Person(id=each, name=found.get(each, each)) for each in wanted}


# The first page.


def itwin_lines(connection: Connection) -> list[ITwinLine]:
    """List the iTwins that have the most iModels, one more than are shown."""
    amount = func.count(imodels.c.number)
    statement = (
        select(itwins.c.id, itwins.c.display_name, amount.label("amount"))
        .outerjoin(imodels, imodels.c.itwin_id == itwins.c.id)
        .group_by(itwins.c.id, itwins.c.display_name, itwins.c.created_at)
        .order_by(amount.desc(), itwins.c.created_at, itwins.c.id)
        .limit(ITWINS + 1)
    )
    return [ITwinLine(id=row.id, name=row.display_name, imodels=row.amount) for row in connection.execute(statement)]


def imodel_lines(
    connection: Connection, *, search: str, itwin_id: str, by_name: bool, page: int
) -> Listing[IModelLine]:
    """List iModels: those last worked on first, or by name.

    Args:
        connection: The transaction.
        search: Text that name or description must have; empty for all.
        itwin_id: The iTwin; empty for all.
        by_name: Whether to sort by name.
        page: Page, from 1; the last one when there are fewer.
    """
    conditions: list[ColumnElement[bool]] = []
    if search:
        conditions.append(imodels.c.folded.contains(search.casefold(), autoescape=True))
    if itwin_id:
        conditions.append(imodels.c.itwin_id == itwin_id)
    total = connection.scalar(select(func.count()).select_from(imodels).where(*conditions)) or 0
    used = func.coalesce(imodels.c.last_push_at, imodels.c.created_at)
    order = [imodels.c.folded] if by_name else [used.desc()]
    statement = (
        select(imodels, itwins.c.display_name.label("itwin_name"))
        .join(itwins, itwins.c.id == imodels.c.itwin_id)
        .where(*conditions)
        .order_by(*order, imodels.c.number)
    )
    rows, page, pages = _slice(connection, statement, total, page, IMODELS)
    numbers = [row.number for row in rows]
    newest = _per_imodel(connection, changesets, numbers, func.max(changesets.c.changeset_index), state=UPLOADED)
    held = _per_imodel(connection, locks, numbers, func.count())
    acquired = _per_imodel(connection, briefcases, numbers, func.count())
    made = _per_imodel(connection, checkpoints, numbers, func.count())
    lines = [
        IModelLine(
            id=row.id,
            name=row.name,
            description=row.description,
            itwin=row.itwin_name,
            state=row.state,
            created_at=row.created_at,
            newest_index=newest.get(row.number, 0),
            last_push_at=row.last_push_at,
            locks=held.get(row.number, 0),
            briefcases=acquired.get(row.number, 0),
            checkpoints=made.get(row.number, 0),
        )
        for row in rows
    ]
    return Listing(items=tuple(lines), page=page, pages=pages, total=total)


# The page of an iModel.


def find_imodel(connection: Connection, imodel_id: str) -> IModelRecord | None:
    """Find an iModel."""
    return imodel_by_id(connection, imodel_id)


def summary(connection: Connection, imodel: IModelRecord) -> Summary:
    """Tell what an iModel is, and count what it has."""
    newest = newest_changeset(connection, imodel.number)
    itwin = connection.scalar(select(itwins.c.display_name).where(itwins.c.id == imodel.itwin_id)) or imodel.itwin_id
    return Summary(
        id=imodel.id,
        name=imodel.name,
        description=imodel.description,
        itwin_id=imodel.itwin_id,
        itwin=itwin,
        state=imodel.state,
        baseline_state=imodel.baseline_state,
        baseline_size=imodel.baseline_size,
        origin=imodel.origin,
        origin_imodel_id=imodel.origin_imodel_id,
        created_at=imodel.created_at,
        creator=persons(connection, [imodel.creator_id])[imodel.creator_id],
        newest_index=0 if newest is None else newest.changeset_index,
        last_push_at=imodel.last_push_at,
        changesets=_count(connection, changesets, imodel, state=UPLOADED),
        versions=_count(connection, named_versions, imodel),
        checkpoints=_count(connection, checkpoints, imodel),
        briefcases=_count(connection, briefcases, imodel),
        locks=_count(connection, locks, imodel),
        groups=_count(connection, changeset_groups, imodel),
    )


def timeline(connection: Connection, imodel: IModelRecord) -> Timeline:
    """Draw the pushes over time; the database adds them up."""
    confirmed = and_(changesets.c.imodel_number == imodel.number, changesets.c.state == UPLOADED)
    bounds: Sequence[int | None] = connection.execute(
        select(func.min(_PUSHED), func.max(_PUSHED)).where(confirmed)
    ).one()
    first, last = bounds
    if first is None or last is None:
        return Timeline(picture=None, pushes=0)
    scale = scale_of(first, last)
    bucket = ((_PUSHED - scale.origin) // scale.width).label("bucket")
    statement = select(bucket, changesets.c.creator_id, func.count().label("amount")).where(confirmed)
    found = connection.execute(statement.group_by(bucket, changesets.c.creator_id))
    tallies = [Tally(row.bucket, row.creator_id, row.amount) for row in found]
    authors = persons(connection, {each.author for each in tallies})
    names = {each.id: each.name for each in authors.values()}
    picture = draw(scale, tallies, _marks(connection, imodel, scale), names)
    return Timeline(picture=picture, pushes=sum(each.pushes for each in tallies))


def changeset_lines(connection: Connection, imodel: IModelRecord, up_to: int | None) -> Changesets:
    """List changesets, newest first, of all or of those up to an index."""
    index = changesets.c.changeset_index
    confirmed = and_(changesets.c.imodel_number == imodel.number, changesets.c.state == UPLOADED)
    statement = select(changesets).where(confirmed).order_by(index.desc()).limit(CHANGESETS + 1)
    rows = connection.execute(statement if up_to is None else statement.where(index <= up_to)).all()
    newer = None
    if up_to is not None and rows:
        above = select(index).where(confirmed, index > rows[0].changeset_index).order_by(index).limit(CHANGESETS)
        newer = max(connection.scalars(above), default=None)
    waiting = waiting_changeset(connection, imodel.number)
    shown = rows[:CHANGESETS]
    authors = persons(connection, [*(row.creator_id for row in shown), *([waiting.creator_id] if waiting else [])])
    versions = {
        row.changeset_index: row.name
        for row in connection.execute(
            select(named_versions.c.changeset_index, named_versions.c.name).where(
                named_versions.c.imodel_number == imodel.number,
                named_versions.c.changeset_index.in_([row.changeset_index for row in shown]),
            )
        )
    }
    lines = [
        ChangesetLine(
            index=row.changeset_index,
            id=row.changeset_id,
            description=row.description,
            author=authors[row.creator_id],
            pushed_at=row.pushed_at,
            briefcase_id=row.briefcase_id,
            size=row.file_size,
            version=versions.get(row.changeset_index),
        )
        for row in shown
    ]
    return Changesets(
        lines=tuple(lines),
        total=_count(connection, changesets, imodel, state=UPLOADED),
        older=rows[CHANGESETS].changeset_index if len(rows) > CHANGESETS else None,
        newer=newer,
        newest=newer is None,
        waiting=None if waiting is None else _waiting(waiting, authors),
    )


def _waiting(push: ChangesetRecord, authors: dict[str, Person]) -> WaitingPush:
    return WaitingPush(briefcase_id=push.briefcase_id, author=authors[push.creator_id], since=push.pushed_at)


def version_lines(connection: Connection, imodel: IModelRecord, page: int) -> Listing[VersionLine]:
    """List the Named Versions, those of the newest changesets first."""
    order = (named_versions.c.changeset_index.desc(), named_versions.c.id)
    rows, page, pages, total = _of_imodel(connection, imodel, named_versions, order, page)
    creators = persons(connection, [row.creator_id for row in rows])
    lines = [
        VersionLine(
            id=row.id,
            name=row.name,
            description=row.description,
            changeset_index=row.changeset_index,
            state=row.state,
            created_at=row.created_at,
            creator=creators[row.creator_id],
        )
        for row in rows
    ]
    return Listing(items=tuple(lines), page=page, pages=pages, total=total)


def checkpoint_lines(connection: Connection, imodel: IModelRecord, page: int) -> Listing[CheckpointLine]:
    """List the checkpoints, those of the newest changesets first."""
    order = (checkpoints.c.changeset_index.desc(),)
    rows, page, pages, total = _of_imodel(connection, imodel, checkpoints, order, page)
    lines = [
        CheckpointLine(
            changeset_index=row.changeset_index,
            state=row.state,
            failure=row.failure,
            size=row.size,
            whole=row.blob is not None,
            in_blocks=row.directory is not None,
        )
        for row in rows
    ]
    return Listing(items=tuple(lines), page=page, pages=pages, total=total)


def briefcase_lines(connection: Connection, imodel: IModelRecord, page: int) -> Listing[BriefcaseLine]:
    """List the briefcases, newest first, with how many locks each holds."""
    order = (briefcases.c.briefcase_id.desc(),)
    rows, page, pages, total = _of_imodel(connection, imodel, briefcases, order, page)
    owners = persons(connection, [row.owner_id for row in rows])
    held = _locks_held(connection, imodel, [row.briefcase_id for row in rows])
    lines = [
        BriefcaseLine(
            id=row.briefcase_id,
            owner=owners[row.owner_id],
            device=row.device_name,
            application=row.application_name,
            acquired_at=row.acquired_at,
            exclusive=held.get((row.briefcase_id, LockLevel.EXCLUSIVE), 0),
            shared=held.get((row.briefcase_id, LockLevel.SHARED), 0),
        )
        for row in rows
    ]
    return Listing(items=tuple(lines), page=page, pages=pages, total=total)


def lock_lines(connection: Connection, imodel: IModelRecord, briefcase_id: int | None, page: int) -> Locks:
    """List the locks, of all or of one briefcase: by briefcase, level and object."""
    counted = _locks_held(connection, imodel, None if briefcase_id is None else [briefcase_id])
    exclusive = sum(amount for (_, level), amount in counted.items() if level == LockLevel.EXCLUSIVE)
    total = sum(counted.values())
    page, pages = _bounded(page, total, LOCKS)
    window = Window(top=LOCKS, skip=(page - 1) * LOCKS)
    found = locks_of(connection, imodel.number, LockFilter(briefcase_id=briefcase_id), window).items
    rows = connection.execute(
        select(briefcases.c.briefcase_id, briefcases.c.owner_id, briefcases.c.device_name).where(
            briefcases.c.imodel_number == imodel.number,
            briefcases.c.briefcase_id.in_({lock.briefcase_id for lock in found}),
        )
    )
    holders = {row.briefcase_id: row for row in rows}
    owners = persons(connection, [row.owner_id for row in holders.values()])
    lines = [
        LockLine(
            object_id=lock.object_id,
            level=LockLevel(lock.level).word,
            briefcase_id=lock.briefcase_id,
            owner=owners[holders[lock.briefcase_id].owner_id],
            device=holders[lock.briefcase_id].device_name,
        )
        for lock in found
    ]
    listing = Listing(items=tuple(lines), page=page, pages=pages, total=total)
    return Locks(listing=listing, exclusive=exclusive, shared=total - exclusive, briefcase=briefcase_id)


def group_lines(
    connection: Connection, imodel: IModelRecord, page: int, settings: HubSettings, now: datetime
) -> Listing[GroupLine]:
    """List the changeset groups, newest first, with how many changesets each has."""
    order = (changeset_groups.c.created_at.desc(), changeset_groups.c.id)
    rows, page, pages, total = _of_imodel(connection, imodel, changeset_groups, order, page)
    creators = persons(connection, [row.creator_id for row in rows])
    counted = connection.execute(
        select(changesets.c.group_id, func.count().label("amount"))
        .where(changesets.c.imodel_number == imodel.number, changesets.c.group_id.in_([row.id for row in rows]))
        .group_by(changesets.c.group_id)
    )
    amounts = {row.group_id: row.amount for row in counted} if rows else {}
    timeout = settings.changeset_group_timeout
    lines = [
        GroupLine(
            id=row.id,
            description=row.description,
            state=group_state(row.state, row.created_at, now=now, timeout=timeout),
            creator=creators[row.creator_id],
            created_at=row.created_at,
            changesets=amounts.get(row.id, 0),
        )
        for row in rows
    ]
    return Listing(items=tuple(lines), page=page, pages=pages, total=total)


# What they have in common.


def _bounded(page: int, total: int, size: int) -> tuple[int, int]:
    """Give the page, or the last one when there are fewer, and how many there are, at least one."""
    pages = max(1, -(-total // size))
    return min(page, pages), pages


def _slice(
    connection: Connection, statement: Select[Any], total: int, page: int, size: int
) -> tuple[Sequence[AnyRow], int, int]:
    page, pages = _bounded(page, total, size)
    return connection.execute(statement.limit(size).offset((page - 1) * size)).all(), page, pages


def _of_imodel(
    connection: Connection, imodel: IModelRecord, table: Table, order: Sequence[ColumnElement[Any]], page: int
) -> tuple[Sequence[AnyRow], int, int, int]:
    total = _count(connection, table, imodel)
    statement = select(table).where(table.c.imodel_number == imodel.number).order_by(*order)
    return (*_slice(connection, statement, total, page, LINES), total)


def _count(connection: Connection, table: Table, imodel: IModelRecord, **conditions: str) -> int:
    statement = select(func.count()).select_from(table).filter_by(imodel_number=imodel.number, **conditions)
    return connection.scalar(statement) or 0


def _per_imodel(
    connection: Connection, table: Table, numbers: Sequence[int], value: ColumnElement[int], **conditions: str
) -> dict[int, int]:
    key = table.c.imodel_number
    statement = select(key, value.label("value")).where(key.in_(numbers)).filter_by(**conditions).group_by(key)
    return {row.imodel_number: row.value for row in connection.execute(statement)}


def _locks_held(
    connection: Connection, imodel: IModelRecord, briefcase_ids: Sequence[int] | None
) -> dict[tuple[int, int], int]:
    """Count locks by briefcase and level, of all or of some briefcases."""
    statement = select(locks.c.briefcase_id, locks.c.level, func.count().label("amount"))
    statement = statement.where(locks.c.imodel_number == imodel.number)
    if briefcase_ids is not None:
        statement = statement.where(locks.c.briefcase_id.in_(briefcase_ids))
    found = connection.execute(statement.group_by(locks.c.briefcase_id, locks.c.level))
    return {(row.briefcase_id, row.level): row.amount for row in found}


def _marks(connection: Connection, imodel: IModelRecord, scale: Scale) -> list[Mark]:
    """Find where Named Versions are; one of the baseline stands at the beginning."""
    number, index = imodel.number, named_versions.c.changeset_index
    bucket = ((_PUSHED - scale.origin) // scale.width).label("bucket")
    of_version = and_(changesets.c.imodel_number == number, changesets.c.changeset_index == index)
    statement = (
        select(func.count().label("amount"), func.max(index).label("newest"), func.max(_PUSHED).label("moment"))
        .select_from(named_versions.join(changesets, of_version))
        .where(named_versions.c.imodel_number == number)
        .group_by(bucket)
    )
    found = connection.execute(statement).all()
    wanted = [0, *(row.newest for row in found)]
    rows = connection.execute(
        select(index, named_versions.c.name).where(named_versions.c.imodel_number == number, index.in_(wanted))
    )
    names = {row.changeset_index: row.name for row in rows}
    marks = [Mark(row.moment, names[row.newest], row.amount) for row in found]
    return [Mark(scale.origin, names[0], 1), *marks] if 0 in names else marks
