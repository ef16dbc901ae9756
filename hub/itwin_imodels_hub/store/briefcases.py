"""Queries for briefcases."""

from datetime import datetime

from attrs import asdict
from sqlalchemy import Connection, delete, func, insert, select

from itwin_imodels_hub.rules.ordering import Order
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_one
from itwin_imodels_hub.store.imodels import change_imodel
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page, filtered
from itwin_imodels_hub.store.records import BriefcaseRecord
from itwin_imodels_hub.store.schema import briefcases


def add_briefcase(connection: Connection, briefcase: BriefcaseRecord) -> None:
    """Store a briefcase, and make the id after its own the next one of the iModel; ids are never reused."""
    connection.execute(insert(briefcases).values(**asdict(briefcase)))
    change_imodel(connection, briefcase.imodel_number, {"next_briefcase_id": briefcase.briefcase_id + 1})


def find_briefcase(connection: Connection, number: int, briefcase_id: int) -> BriefcaseRecord | None:
    """Return a briefcase, or None if it was never acquired or has been released."""
    statement = select(briefcases).filter_by(imodel_number=number, briefcase_id=briefcase_id)
    return fetch_one(connection, statement, BriefcaseRecord)


def delete_briefcase(connection: Connection, number: int, briefcase_id: int) -> None:
    """Delete a briefcase."""
    connection.execute(delete(briefcases).filter_by(imodel_number=number, briefcase_id=briefcase_id))


def count_held_by(connection: Connection, number: int, owner_id: str) -> int:
    """Return the number of briefcases of an iModel that a user holds."""
    statement = select(func.count()).select_from(briefcases).filter_by(imodel_number=number, owner_id=owner_id)
    return connection.scalar(statement) or 0


def acquired_after(connection: Connection, number: int, owner_id: str, moment: datetime) -> list[datetime]:
    """Return the times after `moment` at which a user acquired the briefcases that they still hold, oldest first."""
    statement = (
        select(briefcases.c.acquired_at)
        .filter_by(imodel_number=number, owner_id=owner_id)
        .where(briefcases.c.acquired_at > moment)
        .order_by(briefcases.c.acquired_at)
    )
    return list(connection.scalars(statement))


def briefcases_of(
    connection: Connection, number: int, owner_id: str | None, order: list[Order], window: Window
) -> Page[BriefcaseRecord]:
    """Return briefcases of all owners or of one, sorted by id unless `order` is given."""
    statement = filtered(select(briefcases), briefcases, {"imodel_number": number, "owner_id": owner_id})
    by = [SortedBy("acquired_at", briefcases.c.acquired_at, item.descending) for item in order]
    by.append(SortedBy("briefcase_id", briefcases.c.briefcase_id))
    return fetch_page(connection, statement, by, window, BriefcaseRecord)
