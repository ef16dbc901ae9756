"""Queries of iTwins, their members and roles."""

from attrs import asdict
from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.rules.permissions import EVERYTHING, Permission, granted
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import ITwinRecord, UserRecord
from itwin_imodels_hub.store.schema import itwin_members, itwins, role_members


def add_itwin(connection: Connection, itwin: ITwinRecord) -> None:
    """Store an iTwin; its creator gets all permissions in it."""
    connection.execute(insert(itwins).values(**asdict(itwin)))
    set_member(connection, itwin.id, itwin.creator_id, sorted(EVERYTHING))


def itwin_by_id(connection: Connection, itwin_id: str) -> ITwinRecord | None:
    """Return an iTwin, or None."""
    return fetch_one(connection, select(itwins).where(itwins.c.id == itwin_id), ITwinRecord)


def all_itwins(connection: Connection, display_name: str | None = None) -> list[ITwinRecord]:
    """Return all iTwins, or those with a name, in the order of creation."""
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


def set_role_member(connection: Connection, itwin_id: str, role_id: str, user_id: str) -> None:
    """Assign a role in an iTwin to a user; only iModels with permissions per role use it."""
    values = {"itwin_id": itwin_id, "role_id": role_id, "user_id": user_id}
    connection.execute(delete(role_members).filter_by(**values))
    connection.execute(insert(role_members).values(**values))


def roles_of(connection: Connection, itwin_id: str, user_id: str) -> list[str]:
    """Return the roles of a user in an iTwin."""
    statement = select(role_members.c.role_id).filter_by(itwin_id=itwin_id, user_id=user_id)
    return list(connection.scalars(statement))


def permissions_in(connection: Connection, itwin_id: str, user: UserRecord) -> frozenset[Permission]:
    """Return the permissions of a user in an iTwin: those set there, else the general ones of the user."""
    if user.organization_administrator:
        return EVERYTHING
    statement = select(itwin_members.c.permissions).filter_by(itwin_id=itwin_id, user_id=user.id)
    own = connection.execute(statement).first()
    return granted(user.permissions if own is None else own.permissions)
