"""Queries that fill the sections of an iModel's page."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.page.sections import (
    BriefcaseLine,
    ChangesetLine,
    Changesets,
    GroupLine,
    LockLine,
    Locks,
    Person,
    Summary,
    Timeline,
    VersionLine,
    WaitingPush,
)
from itwin_imodels_hub.page.time_axis import scale_of
from itwin_imodels_hub.page.timeline import Mark, Tally, draw
from itwin_imodels_hub.rules.locks import LockLevel
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.rules.push import group_state
from itwin_imodels_hub.store import reports
from itwin_imodels_hub.store.changesets import newest_changeset, waiting_changeset
from itwin_imodels_hub.store.itwins import itwin_by_id
from itwin_imodels_hub.store.locks import LockFilter, locks_of
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    CheckpointRecord,
    GroupRecord,
    IModelRecord,
    NamedVersionRecord,
)
from itwin_imodels_hub.store.reports import Slice

R = TypeVar("R")
L = TypeVar("L")

CHANGESETS = 15
LINES = 10
LOCKS = 20


def people(connection: Connection, ids: Iterable[str]) -> dict[str, Person]:
    """Return the names of users by id."""
    distinct = set(ids)
    names = reports.names_of_users(connection, distinct)
    return {each: Person(id=each, name=names.get(each, each)) for each in distinct}


def summary(connection: Connection, imodel: IModelRecord) -> Summary:
    """Return the description of an iModel and the counts of its contents."""
    newest = newest_changeset(connection, imodel.number)
    itwin = itwin_by_id(connection, imodel.itwin_id)
    return Summary(
        id=imodel.id,
        name=imodel.name,
        description=imodel.description,
        itwin_id=imodel.itwin_id,
        itwin=(itwin and itwin.display_name) or imodel.itwin_id,
        state=imodel.state,
        baseline_state=imodel.baseline_state,
        baseline_size=imodel.baseline_size,
        origin=imodel.origin,
        origin_imodel_id=imodel.origin_imodel_id,
        created_at=imodel.created_at,
        creator=people(connection, [imodel.creator_id])[imodel.creator_id],
        newest_index=0 if newest is None else newest.changeset_index,
        last_push_at=imodel.last_push_at,
        amounts=reports.amounts_of(connection, imodel.number),
    )


def timeline(connection: Connection, imodel: IModelRecord) -> Timeline:
    """Return the chart of pushes over time, aggregated by the database."""
    bounds = reports.push_bounds(connection, imodel.number)
    if bounds is None:
        return Timeline(picture=None, pushes=0)
    scale = scale_of(*bounds)
    span = (imodel.number, scale.origin, scale.width)
    tallies = [Tally(*each) for each in reports.pushes_over_time(connection, *span)]
    marks = [Mark(*each) for each in reports.versions_over_time(connection, *span)]
    authors = people(connection, {each.author for each in tallies})
    picture = draw(scale, tallies, marks, {each.id: each.name for each in authors.values()})
    return Timeline(picture=picture, pushes=sum(each.pushes for each in tallies))


def changeset_lines(connection: Connection, imodel: IModelRecord, up_to: int | None) -> Changesets:
    """Return changesets, newest first, optionally up to an index."""
    number = imodel.number
    changesets = reports.newest_changesets(connection, number, up_to, CHANGESETS + 1)
    shown = changesets[:CHANGESETS]
    newer = None
    if up_to is not None and changesets:
        newer = reports.newer_index(connection, number, changesets[0].changeset_index, CHANGESETS)
    waiting = waiting_changeset(connection, number)
    authors = people(connection, [each.creator_id for each in (*shown, *([waiting] if waiting else []))])
    versions = reports.version_names(connection, number, [each.changeset_index for each in shown])
    lines = [
        ChangesetLine(
            index=each.changeset_index,
            id=each.changeset_id,
            description=each.description,
            author=authors[each.creator_id],
            pushed_at=each.pushed_at,
            briefcase_id=each.briefcase_id,
            size=each.file_size,
            version=versions.get(each.changeset_index),
        )
        for each in shown
    ]
    return Changesets(
        lines=tuple(lines),
        total=reports.confirmed_total(connection, number),
        older=changesets[CHANGESETS].changeset_index if len(changesets) > CHANGESETS else None,
        newer=newer,
        is_newest=newer is None,
        waiting=None if waiting is None else _waiting(waiting, authors),
    )


def _waiting(push: ChangesetRecord, authors: dict[str, Person]) -> WaitingPush:
    return WaitingPush(briefcase_id=push.briefcase_id, author=authors[push.creator_id], since=push.pushed_at)


def version_lines(connection: Connection, imodel: IModelRecord, page: int) -> Slice[VersionLine]:
    """Return a page of Named Versions, newest changeset first."""
    versions = reports.entities_by_page(connection, NamedVersionRecord, imodel.number, page, LINES)
    creators = people(connection, [each.creator_id for each in versions.items])
    return _with_lines(
        versions,
        lambda each: VersionLine(
            id=each.id,
            name=each.name,
            description=each.description,
            changeset_index=each.changeset_index,
            state=each.state,
            created_at=each.created_at,
            creator=creators[each.creator_id],
        ),
    )


def checkpoint_lines(connection: Connection, imodel: IModelRecord, page: int) -> Slice[CheckpointRecord]:
    """Return a page of checkpoints, newest changeset first."""
    return reports.entities_by_page(connection, CheckpointRecord, imodel.number, page, LINES)


def briefcase_lines(connection: Connection, imodel: IModelRecord, page: int) -> Slice[BriefcaseLine]:
    """Return a page of briefcases, newest first, with their lock counts."""
    briefcases = reports.entities_by_page(connection, BriefcaseRecord, imodel.number, page, LINES)
    owners = people(connection, [each.owner_id for each in briefcases.items])
    held = reports.locks_held(connection, imodel.number, [each.briefcase_id for each in briefcases.items])
    return _with_lines(
        briefcases,
        lambda each: BriefcaseLine(
            id=each.briefcase_id,
            owner=owners[each.owner_id],
            device=each.device_name,
            application=each.application_name,
            acquired_at=each.acquired_at,
            exclusive=held.get((each.briefcase_id, LockLevel.EXCLUSIVE), 0),
            shared=held.get((each.briefcase_id, LockLevel.SHARED), 0),
        ),
    )


def lock_lines(connection: Connection, imodel: IModelRecord, briefcase_id: int | None, page: int) -> Locks:
    """Return a page of locks, of all briefcases or a single one, sorted by briefcase, level and object."""
    counted = reports.locks_held(connection, imodel.number, None if briefcase_id is None else [briefcase_id])
    exclusive = sum(amount for (_, level), amount in counted.items() if level == LockLevel.EXCLUSIVE)
    total = sum(counted.values())
    page, pages = reports.slice_bounds(page, total, LOCKS)
    window = Window(top=LOCKS, skip=(page - 1) * LOCKS)
    locks = locks_of(connection, imodel.number, LockFilter(briefcase_id=briefcase_id), window).items
    holders = reports.briefcases_by_id(connection, imodel.number, {lock.briefcase_id for lock in locks})
    owners = people(connection, [each.owner_id for each in holders.values()])
    lines = [
        LockLine(
            object_id=lock.object_id,
            level=LockLevel(lock.level).word,
            briefcase_id=lock.briefcase_id,
            owner=owners[holders[lock.briefcase_id].owner_id],
            device=holders[lock.briefcase_id].device_name,
        )
        for lock in locks
    ]
    listing = Slice(items=tuple(lines), page=page, pages=pages, total=total)
    return Locks(listing=listing, exclusive=exclusive, shared=total - exclusive, briefcase=briefcase_id)


def group_lines(
    connection: Connection, imodel: IModelRecord, page: int, settings: HubSettings, now: datetime
) -> Slice[GroupLine]:
    """Return a page of changeset groups, newest first, with their changeset counts."""
    groups = reports.entities_by_page(connection, GroupRecord, imodel.number, page, LINES)
    creators = people(connection, [each.creator_id for each in groups.items])
    sizes = reports.group_sizes(connection, imodel.number, [each.id for each in groups.items])
    timeout = settings.changeset_group_timeout
    return _with_lines(
        groups,
        lambda each: GroupLine(
            id=each.id,
            description=each.description,
            state=group_state(each.state, each.created_at, now=now, timeout=timeout),
            creator=creators[each.creator_id],
            created_at=each.created_at,
            changesets=sizes.get(each.id, 0),
        ),
    )


def _with_lines(records: Slice[R], line: Callable[[R], L]) -> Slice[L]:
    items = tuple(map(line, records.items))
    return Slice(items=items, page=records.page, pages=records.pages, total=records.total)
