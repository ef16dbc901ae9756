"""Queries for iModels and for the users who have used them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from itwin_imodels_hub.rules.ordering import Order
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page, filtered
from itwin_imodels_hub.store.records import IModelRecord, NewIModel
from itwin_imodels_hub.store.schema import imodel_users, imodels, itwins

INITIALIZED = "initialized"
NOT_INITIALIZED = "notInitialized"


def fold(name: str, description: str | None) -> str:
    """Return name and description, case-folded for search and separated by a control character."""
    return f"{name}\x1f{description or ''}".casefold()


def select_imodels() -> Select[object]:
    """Return a query of all iModels, to which callers add conditions."""
    return select(imodels, itwins.c.data_center_location).join(itwins, itwins.c.id == imodels.c.itwin_id)


def imodel_by_id(connection: Connection, imodel_id: str, *, lock: bool = False) -> IModelRecord | None:
    """Return an iModel, or None; `lock` prevents concurrent changes to it and its contents until the commit."""
    statement = select_imodels().where(imodels.c.id == imodel_id)
    return fetch_one(connection, _locked(statement) if lock else statement, IModelRecord)


def imodel_by_number(connection: Connection, number: int, *, lock: bool = False) -> IModelRecord | None:
    """Return an iModel by its number in this database, or None; see `imodel_by_id`."""
    statement = select_imodels().where(imodels.c.number == number)
    return fetch_one(connection, _locked(statement) if lock else statement, IModelRecord)


def _locked(statement: Select[object]) -> Select[object]:
    return statement.with_for_update(of=imodels, key_share=True)


def add_imodel(connection: Connection, imodel: NewIModel) -> int:
    """Store an iModel and return its number."""
    folded = fold(imodel.name, imodel.description)
    inserted = connection.execute(insert(imodels).values(**asdict(imodel), folded=folded))
    (number,) = inserted.inserted_primary_key or (0,)
    return int(number)


def change_imodel(connection: Connection, number: int, values: Mapping[str, object]) -> None:
    """Set columns of an iModel."""
    connection.execute(update(imodels).where(imodels.c.number == number).values(**values))


def delete_imodel(connection: Connection, number: int) -> None:
    """Delete an iModel and everything that belongs to it."""
    connection.execute(delete(imodels).where(imodels.c.number == number))


def name_taken(connection: Connection, itwin_id: str, name: str, *, other_than: int = 0) -> bool:
    """Check whether an iTwin has another iModel with this name."""
    row = (imodels.c.itwin_id == itwin_id) & (imodels.c.name == name) & (imodels.c.number != other_than)
    return bool(connection.scalar(select(exists().where(row))))


def imodels_with_own_permissions(connection: Connection, itwin_id: str) -> Sequence[IModelRecord]:
    """Return the iModels of an iTwin that have their own permissions."""
    statement = select_imodels().where(imodels.c.itwin_id == itwin_id, imodels.c.secured_by.is_not(None))
    return fetch_all(connection, statement, IModelRecord)


@frozen(kw_only=True)
class Visibility:
    """The iModels a user may see: `only` those with these ids, or all except those in `hidden`."""

    only: Collection[str] | None = None
    hidden: Collection[str] = ()

    def restrict(self, statement: Select[object]) -> Select[object]:
        """Add the restriction to a query of iModels."""
        if self.only is not None:
            return statement.where(imodels.c.id.in_(self.only))
        return statement.where(imodels.c.id.not_in(self.hidden)) if self.hidden else statement


def imodels_of(
    connection: Connection,
    visibility: Visibility,
    values: Mapping[str, object],
    order: list[Order],
    window: Window,
) -> Page[IModelRecord]:
    """Return a page of iModels with the given values (see `filtered`), oldest first unless `order` is given."""
    statement = visibility.restrict(filtered(select_imodels(), imodels, values))
    columns = {"name": ("name", imodels.c.name), "createdDateTime": ("created_at", imodels.c.created_at)}
    by = [SortedBy(*columns[item.name], item.descending) for item in order]
    return fetch_page(connection, statement, [*by, SortedBy("number", imodels.c.number)], window, IModelRecord)


def take_changeset_index(connection: Connection, imodel: IModelRecord, step: int) -> int:
    """Return the next changeset index and advance it; indexes are never reused."""
    change_imodel(connection, imodel.number, {"next_changeset_index": imodel.next_changeset_index + step})
    return imodel.next_changeset_index


def is_connected(connection: Connection, number: int, user_id: str) -> bool:
    """Check whether a user has used an iModel before."""
    row = (imodel_users.c.imodel_number == number) & (imodel_users.c.user_id == user_id)
    return bool(connection.scalar(select(exists().where(row))))


def connect_user(connection: Connection, number: int, user_id: str, now: datetime) -> None:
    """Record that a user has used an iModel, if it still exists."""
    present = connection.scalar(select(exists().where(imodels.c.number == number)))
    if present and not is_connected(connection, number, user_id):
        values = {"imodel_number": number, "user_id": user_id, "connected_at": now}
        connection.execute(insert(imodel_users).values(**values))
