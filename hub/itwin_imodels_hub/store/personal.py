"""Queries for favorites and recently used iModels."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all
from itwin_imodels_hub.store.imodels import Visibility, select_imodels
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import IModelRecord
from itwin_imodels_hub.store.schema import favorites, imodels, recents, users


def add_favorite(connection: Connection, user_id: str, number: int, now: datetime) -> None:
    """Add an iModel to the favorites of a user, unless it is one already."""
    row = {"user_id": user_id, "imodel_number": number}
    if connection.scalar(select(favorites.c.user_id).filter_by(**row)) is None:
        connection.execute(insert(favorites).values(**row, added_at=now))


def add_recent(connection: Connection, user_id: str, number: int, now: datetime, *, kept: int) -> None:
    """Record an iModel as the one that a user used most recently; delete the oldest entries beyond `kept`."""
    row = {"user_id": user_id, "imodel_number": number}
    # Serialize changes per user; otherwise concurrent changes would keep too many entries.
    connection.execute(select(users.c.id).filter_by(id=user_id).with_for_update(key_share=True))
    connection.execute(delete(recents).filter_by(**row))
    connection.execute(insert(recents).values(**row, used_at=now))
    order = (recents.c.used_at.desc(), recents.c.imodel_number.desc())
    numbers = select(recents.c.imodel_number).filter_by(user_id=user_id).order_by(*order)
    for old in list(connection.scalars(numbers))[kept:]:
        remove_recent(connection, user_id, old)


def remove_favorite(connection: Connection, user_id: str, number: int) -> None:
    """Remove an iModel from a user's favorites, if it is among them."""
    connection.execute(delete(favorites).filter_by(user_id=user_id, imodel_number=number))


def remove_recent(connection: Connection, user_id: str, number: int) -> None:
    """Remove an iModel from a user's recently used iModels, if it is among them."""
    connection.execute(delete(recents).filter_by(user_id=user_id, imodel_number=number))


def favorites_of(
    connection: Connection, user_id: str, itwin_id: str, window: Window, *, visibility: Visibility
) -> Page[IModelRecord]:
    """Return a page of the favorites of a user in an iTwin, in the order in which the iModels were created."""
    statement = select_imodels().join(favorites, favorites.c.imodel_number == imodels.c.number)
    statement = statement.where(favorites.c.user_id == user_id, imodels.c.itwin_id == itwin_id)
    statement = visibility.restrict(statement)
    return fetch_page(connection, statement, [SortedBy("number", imodels.c.number)], window, IModelRecord)


def recents_of(
    connection: Connection, user_id: str, itwin_id: str, top: int, *, visibility: Visibility
) -> list[IModelRecord]:
    """Return the recently used iModels of a user in an iTwin, newest first."""
    statement = select_imodels().join(recents, recents.c.imodel_number == imodels.c.number)
    statement = statement.where(recents.c.user_id == user_id, imodels.c.itwin_id == itwin_id)
    statement = visibility.restrict(statement)
    order = (recents.c.used_at.desc(), recents.c.imodel_number.desc())
    return list(fetch_all(connection, statement.order_by(*order).limit(top), IModelRecord))
