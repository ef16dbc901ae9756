"""Queries for iTwins and for the permissions of users in them."""

from datetime import datetime, timedelta

from attrs import asdict
from sqlalchemy import Connection, delete, exists, func, insert, select

from itwin_imodels_hub.rules.permissions import EVERYTHING, NAMES, Permission, with_implied
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.members import add_owner, is_owner
from itwin_imodels_hub.store.records import ITwinRecord, UserRecord
from itwin_imodels_hub.store.schema import itwin_members, itwins, role_members, roles


def add_itwin(connection: Connection, itwin: ITwinRecord) -> None:
    """Store an iTwin."""
    connection.execute(insert(itwins).values(**asdict(itwin)))


def creation_time(connection: Connection, now: datetime) -> datetime:
    """Return the time of creation of a new iTwin: later than that of all others, so that it is the last in lists.

    Args:
        connection: The transaction.
        now: The current time; the clock may be stopped or set back.
    """
    newest = connection.scalar(select(func.max(itwins.c.created_at)))
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def add_owned_itwin(connection: Connection, itwin: ITwinRecord) -> None:
    """Store an iTwin; its creator is its first owner."""
    add_itwin(connection, itwin)
    add_owner(connection, itwin.id, itwin.creator_id)


def itwin_by_id(connection: Connection, itwin_id: str) -> ITwinRecord | None:
    """Return an iTwin, or None."""
    return fetch_one(connection, select(itwins).where(itwins.c.id == itwin_id), ITwinRecord)


def all_itwins(connection: Connection, display_name: str | None = None) -> list[ITwinRecord]:
    """Return all iTwins, or those with the given name, sorted by time of creation."""
    statement = select(itwins).order_by(itwins.c.created_at, itwins.c.id)
    if display_name is not None:
        statement = statement.where(itwins.c.display_name == display_name)
    return list(fetch_all(connection, statement, ITwinRecord))


def set_member(connection: Connection, itwin_id: str, user_id: str, permissions: list[str] | list[Permission]) -> None:
    """Set the permissions of a user in an iTwin; they replace the general permissions of the user."""
    row = (itwin_members.c.itwin_id == itwin_id) & (itwin_members.c.user_id == user_id)
    connection.execute(delete(itwin_members).where(row))
    values = {"itwin_id": itwin_id, "user_id": user_id, "permissions": [str(permission) for permission in permissions]}
    connection.execute(insert(itwin_members).values(**values))


def has_all_permissions(connection: Connection, itwin_id: str, user: UserRecord) -> bool:
    """Check whether a user owns an iTwin or administers the organization that owns it."""
    if user.organization_administrator:
        row = (itwins.c.id == itwin_id) & (itwins.c.organization == user.organization)
        if connection.scalar(select(exists().where(row))):
            return True
    return is_owner(connection, itwin_id, user.id)


def permission_names_in(connection: Connection, itwin_id: str, user: UserRecord) -> frozenset[str]:
    """Return the names of the permissions of a user in an iTwin.

    They combine the user's own permissions there and those of the user's roles; without either, the user's general
    permissions apply. Owners and administrators of the organization have all permissions.
    """
    if has_all_permissions(connection, itwin_id, user):
        return frozenset(NAMES)
    direct = select(itwin_members.c.permissions).filter_by(itwin_id=itwin_id, user_id=user.id)
    by_role = (
        select(roles.c.permissions)
        .join(role_members, (role_members.c.itwin_id == roles.c.itwin_id) & (role_members.c.role_id == roles.c.id))
        .where(role_members.c.itwin_id == itwin_id, role_members.c.user_id == user.id)
    )
    grants = [row.permissions for statement in (direct, by_role) for row in connection.execute(statement)]
    return frozenset(name for names in grants or [user.permissions] for name in names)


def permissions_in(connection: Connection, itwin_id: str, user: UserRecord) -> frozenset[Permission]:
    """Return the permissions on iModels that a user has in an iTwin."""
    names = permission_names_in(connection, itwin_id, user)
    return EVERYTHING if names.issuperset(NAMES) else with_implied(names)
