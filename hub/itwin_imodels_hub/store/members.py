"""Queries for the owners, members and roles of iTwins."""

from collections.abc import Collection, Iterable, Mapping

from attrs import asdict
from sqlalchemy import Connection, Select, delete, exists, insert, or_, select, update

from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import RoleRecord, UserRecord
from itwin_imodels_hub.store.schema import itwin_members, itwin_owners, role_members, roles, users

_BY_ADDRESS = [SortedBy("email", users.c.email)]


def is_owner(connection: Connection, itwin_id: str, user_id: str) -> bool:
    """Check whether a user is an owner of an iTwin."""
    row = (itwin_owners.c.itwin_id == itwin_id) & (itwin_owners.c.user_id == user_id)
    return bool(connection.scalar(select(exists().where(row))))


def add_owner(connection: Connection, itwin_id: str, user_id: str) -> None:
    """Add a user to the owners of an iTwin."""
    if not is_owner(connection, itwin_id, user_id):
        connection.execute(insert(itwin_owners).values(itwin_id=itwin_id, user_id=user_id))


def remove_owner(connection: Connection, itwin_id: str, user_id: str) -> None:
    """Remove a user from the owners of an iTwin."""
    connection.execute(delete(itwin_owners).filter_by(itwin_id=itwin_id, user_id=user_id))


def owners_of(connection: Connection, itwin_id: str, window: Window) -> Page[UserRecord]:
    """Return a page of the owners of an iTwin, sorted by e-mail address."""
    statement = select(users).where(users.c.id.in_(select(itwin_owners.c.user_id).filter_by(itwin_id=itwin_id)))
    return fetch_page(connection, statement, _BY_ADDRESS, window, UserRecord)


# Roles.


def add_role(connection: Connection, role: RoleRecord) -> None:
    """Store a role."""
    connection.execute(insert(roles).values(**asdict(role)))


def change_role(connection: Connection, itwin_id: str, role_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a role."""
    rows = (roles.c.itwin_id == itwin_id) & (roles.c.id == role_id)
    connection.execute(update(roles).where(rows).values(**values))


def delete_role(connection: Connection, itwin_id: str, role_id: str) -> None:
    """Delete a role and remove it from all members."""
    had_role = select(role_members.c.user_id).filter_by(itwin_id=itwin_id, role_id=role_id)
    user_ids = list(connection.scalars(had_role))
    connection.execute(delete(role_members).filter_by(itwin_id=itwin_id, role_id=role_id))
    connection.execute(delete(roles).filter_by(itwin_id=itwin_id, id=role_id))
    for user_id in user_ids:
        _ensure_member(connection, itwin_id, user_id)


def find_role(connection: Connection, itwin_id: str, role_id: str) -> RoleRecord | None:
    """Return a role, or None."""
    return fetch_one(connection, select(roles).filter_by(itwin_id=itwin_id, id=role_id), RoleRecord)


def roles_in(connection: Connection, itwin_id: str) -> list[RoleRecord]:
    """Return the roles of an iTwin, sorted by name."""
    statement = select(roles).filter_by(itwin_id=itwin_id).order_by(roles.c.display_name, roles.c.id)
    return list(fetch_all(connection, statement, RoleRecord))


def roles_of(connection: Connection, itwin_id: str, user_id: str) -> list[str]:
    """Return the ids of the roles of a user in an iTwin."""
    statement = select(role_members.c.role_id).filter_by(itwin_id=itwin_id, user_id=user_id)
    return list(connection.scalars(statement))


# Members.


def set_roles(connection: Connection, itwin_id: str, user_id: str, role_ids: Collection[str]) -> None:
    """Set the roles of a user in an iTwin, and make the user a member, even without roles."""
    connection.execute(delete(role_members).filter_by(itwin_id=itwin_id, user_id=user_id))
    for role_id in dict.fromkeys(role_ids):
        connection.execute(insert(role_members).values(itwin_id=itwin_id, role_id=role_id, user_id=user_id))
    _ensure_member(connection, itwin_id, user_id)


def _ensure_member(connection: Connection, itwin_id: str, user_id: str) -> None:
    """Record a user without roles as a member without permissions; otherwise the general permissions would apply."""
    if find_member(connection, itwin_id, user_id) is None:
        connection.execute(insert(itwin_members).values(itwin_id=itwin_id, user_id=user_id, permissions=[]))


def remove_member(connection: Connection, itwin_id: str, user_id: str) -> None:
    """Remove all roles and permissions of a user in an iTwin."""
    for table in (role_members, itwin_members):
        connection.execute(delete(table).filter_by(itwin_id=itwin_id, user_id=user_id))


def members_of(connection: Connection, itwin_id: str, window: Window) -> Page[UserRecord]:
    """Return a page of the members of an iTwin, sorted by e-mail address."""
    return fetch_page(connection, _members(itwin_id), _BY_ADDRESS, window, UserRecord)


def find_member(connection: Connection, itwin_id: str, user_id: str) -> UserRecord | None:
    """Return a member, or None."""
    return fetch_one(connection, _members(itwin_id).where(users.c.id == user_id), UserRecord)


def roles_by_member(
    connection: Connection, itwin_id: str, user_ids: Iterable[str]
) -> Mapping[str, Collection[RoleRecord]]:
    """Return the roles of users in an iTwin by user id, sorted by name."""
    known = {role.id: role for role in roles_in(connection, itwin_id)}
    by_user: dict[str, set[str]] = {user_id: set() for user_id in user_ids}
    statement = select(role_members).where(
        role_members.c.itwin_id == itwin_id, role_members.c.user_id.in_(list(by_user))
    )
    for row in connection.execute(statement):
        by_user[row.user_id].add(row.role_id)
    return {user_id: [role for role in known.values() if role.id in ids] for user_id, ids in by_user.items()}


def _members(itwin_id: str) -> Select[object]:
    by_role = select(role_members.c.user_id).filter_by(itwin_id=itwin_id)
    direct = select(itwin_members.c.user_id).filter_by(itwin_id=itwin_id)
    return select(users).where(or_(users.c.id.in_(by_role), users.c.id.in_(direct)))
