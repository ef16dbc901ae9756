"""Queries for permissions and shares of single iModels."""

from collections.abc import Iterable, Mapping

from attrs import asdict
from sqlalchemy import Connection, Table, delete, exists, insert, select, update

from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.rules.permissions import BY_ROLE
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.imodels import change_imodel
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import PermissionRecord, ShareRecord
from itwin_imodels_hub.store.schema import role_permissions, shares, user_permissions


def _table(kind: str) -> Table:
    return role_permissions if kind == BY_ROLE else user_permissions


def configured_permissions(connection: Connection, number: int, kind: str) -> list[PermissionRecord]:
    """Return the configured permissions of roles or of users."""
    table = _table(kind)
    return list(
        fetch_all(connection, select(table).filter_by(imodel_number=number).order_by(table.c.id), PermissionRecord)
    )


def configured_permissions_for(
    connection: Connection, number: int, kind: str, ids: Iterable[str]
) -> dict[str, list[str]]:
    """Return the configured permissions of the given roles or users, by id."""
    table = _table(kind)
    statement = select(table).where(table.c.imodel_number == number, table.c.id.in_(list(ids)))
    return {row.id: row.permissions for row in connection.execute(statement)}


def configure(connection: Connection, number: int, kind: str, permissions: Mapping[str, list[str]]) -> None:
    """Set permissions of roles or users; an empty list removes an entry.

    If no entry remains, the permissions of the iTwin apply.
    """
    table = _table(kind)
    for key, names in permissions.items():
        connection.execute(delete(table).filter_by(imodel_number=number, id=key))
        if names:
            connection.execute(insert(table).values(imodel_number=number, id=key, permissions=names))
    left = connection.scalar(select(exists().where(table.c.imodel_number == number)))
    change_imodel(connection, number, {"secured_by": kind if left else None})


def add_share(connection: Connection, share: ShareRecord) -> None:
    """Store a share."""
    connection.execute(insert(shares).values(**asdict(share)))


def change_share(connection: Connection, share_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a share."""
    connection.execute(update(shares).where(shares.c.id == share_id).values(**values))


def delete_share(connection: Connection, share_id: str) -> None:
    """Delete a share."""
    connection.execute(delete(shares).where(shares.c.id == share_id))


def share_by_key(connection: Connection, share_key: str) -> ShareRecord | None:
    """Return a share by its key, even if it has expired, or None."""
    return fetch_one(connection, select(shares).where(shares.c.share_key == share_key), ShareRecord)


def find_share(connection: Connection, number: int, creator_id: str, share_id: str) -> ShareRecord | None:
    """Return a share by its id if `creator_id` created it, otherwise None."""
    statement = select(shares).filter_by(imodel_number=number, creator_id=creator_id, id=share_id)
    return fetch_one(connection, statement, ShareRecord)


def shares_of(connection: Connection, number: int, creator_id: str, window: Window) -> Page[ShareRecord]:
    """Return a page of the shares that a user created, oldest first."""
    statement = select(shares).filter_by(imodel_number=number, creator_id=creator_id)
    by = [SortedBy("created_at", shares.c.created_at), SortedBy("id", shares.c.id)]
    return fetch_page(connection, statement, by, window, ShareRecord)
