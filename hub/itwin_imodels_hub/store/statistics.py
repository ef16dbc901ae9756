"""Queries for the users of an iModel and their activity."""

from collections.abc import Iterable
from datetime import datetime

from attrs import define, field
from sqlalchemy import Connection, func, select

from itwin_imodels_hub.rules.ordering import Order
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_one
from itwin_imodels_hub.store.locks import owns_any
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.schema import briefcases, changesets, imodel_users, named_versions, users

ROOT_ELEMENT = "0x1"


@define(kw_only=True)
class ApplicationUse:
    """Use of locks by the briefcases of one application."""

    id: str | None
    name: str | None
    owns_locks: bool
    owns_root_lock: bool


@define(kw_only=True)
class Statistics:
    """The activity of a user in an iModel."""

    pushed_changesets: int = 0
    last_push_at: datetime | None = None
    named_versions: int = 0
    briefcases: int = 0
    applications: list[ApplicationUse] = field(factory=list)


def users_of(connection: Connection, number: int, order: list[Order], window: Window) -> Page[UserRecord]:
    """Return a page of the users who have used an iModel, sorted by e-mail address unless `order` is given."""
    statement = select(users).join(imodel_users, imodel_users.c.user_id == users.c.id)
    statement = statement.where(imodel_users.c.imodel_number == number)
    columns = {"givenName": ("given_name", users.c.given_name), "surname": ("surname", users.c.surname)}
    by = [SortedBy(*columns[item.name], item.descending) for item in order]
    return fetch_page(connection, statement, [*by, SortedBy("email", users.c.email)], window, UserRecord)


def user_of(connection: Connection, number: int, user_id: str) -> UserRecord | None:
    """Return a user who has used the iModel, or None."""
    statement = select(users).join(imodel_users, imodel_users.c.user_id == users.c.id)
    return fetch_one(
        connection, statement.where(imodel_users.c.imodel_number == number, users.c.id == user_id), UserRecord
    )


def statistics_of(connection: Connection, number: int, user_ids: Iterable[str]) -> dict[str, Statistics]:
    """Return the activity of users, by id."""
    statistics = {user_id: Statistics() for user_id in user_ids}
    pushes = (
        select(changesets.c.creator_id, func.count().label("amount"), func.max(changesets.c.pushed_at).label("last"))
        .filter_by(imodel_number=number, state="fileUploaded")
        .where(changesets.c.creator_id.in_(statistics))
        .group_by(changesets.c.creator_id)
    )
    for row in connection.execute(pushes):
        statistics[row.creator_id].pushed_changesets = row.amount
        statistics[row.creator_id].last_push_at = row.last
    versions = (
        select(named_versions.c.creator_id, func.count().label("amount"))
        .filter_by(imodel_number=number)
        .where(named_versions.c.creator_id.in_(statistics))
        .group_by(named_versions.c.creator_id)
    )
    for row in connection.execute(versions):
        statistics[row.creator_id].named_versions = row.amount
    held = (
        select(briefcases.c.owner_id, briefcases.c.briefcase_id)
        .add_columns(briefcases.c.application_id, briefcases.c.application_name)
        .filter_by(imodel_number=number)
        .where(briefcases.c.owner_id.in_(statistics))
        .order_by(briefcases.c.briefcase_id)
    )
    used: dict[tuple[str, str | None, str | None], list[int]] = {}
    for row in connection.execute(held):
        statistics[row.owner_id].briefcases += 1
        used.setdefault((row.owner_id, row.application_id, row.application_name), []).append(row.briefcase_id)
    for (owner_id, application_id, name), ids in used.items():
        statistics[owner_id].applications.append(
            ApplicationUse(
                id=application_id,
                name=name,
                owns_locks=owns_any(connection, number, ids),
                owns_root_lock=owns_any(connection, number, ids, exclusive_object=ROOT_ELEMENT),
            )
        )
    return statistics
