"""Queries for changesets, changeset groups and extended data.

Only confirmed changesets belong to the history. A changeset that is waiting for its file is visible only to the user
who is pushing it.
"""

from datetime import datetime

from attrs import asdict
from sqlalchemy import BigInteger, Connection, delete, insert, literal, select, update

from itwin_imodels_hub.rules.ordering import Order
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page
from itwin_imodels_hub.store.records import ChangesetRecord, ExtendedDataRecord, GroupRecord
from itwin_imodels_hub.store.schema import changeset_groups, changesets, extended_data

UPLOADED = "fileUploaded"
WAITING = "waitingForFile"
IN_PROGRESS = "inProgress"

_CONFIRMED = changesets.c.state == UPLOADED


def add_changeset(connection: Connection, changeset: ChangesetRecord) -> None:
    """Store a changeset."""
    connection.execute(insert(changesets).values(**asdict(changeset)))


def replace_changeset(connection: Connection, changeset: ChangesetRecord) -> None:
    """Replace the changeset with the same index."""
    statement = update(changesets).where(
        changesets.c.imodel_number == changeset.imodel_number,
        changesets.c.changeset_index == changeset.changeset_index,
    )
    connection.execute(statement.values(**asdict(changeset)))


def delete_changeset(connection: Connection, changeset: ChangesetRecord) -> None:
    """Delete a changeset that never received its file."""
    statement = delete(changesets).filter_by(
        imodel_number=changeset.imodel_number, changeset_index=changeset.changeset_index
    )
    connection.execute(statement)


def changeset_by_id(connection: Connection, number: int, changeset_id: str) -> ChangesetRecord | None:
    """Return a changeset in any state, or None."""
    statement = select(changesets).filter_by(imodel_number=number, changeset_id=changeset_id)
    return fetch_one(connection, statement, ChangesetRecord)


def changeset_by_index(connection: Connection, number: int, index: int) -> ChangesetRecord | None:
    """Return a changeset in any state, or None."""
    statement = select(changesets).filter_by(imodel_number=number, changeset_index=index)
    return fetch_one(connection, statement, ChangesetRecord)


def newest_changeset(connection: Connection, number: int, *, up_to: int | None = None) -> ChangesetRecord | None:
    """Return the newest confirmed changeset, optionally up to an index, or None."""
    statement = select(changesets).where(changesets.c.imodel_number == number, _CONFIRMED)
    if up_to is not None:
        statement = statement.where(changesets.c.changeset_index <= up_to)
    return fetch_one(connection, statement.order_by(changesets.c.changeset_index.desc()).limit(1), ChangesetRecord)


def waiting_changeset(connection: Connection, number: int) -> ChangesetRecord | None:
    """Return the changeset that is waiting for its file, or None; there is at most one."""
    return fetch_one(connection, select(changesets).filter_by(imodel_number=number, state=WAITING), ChangesetRecord)


def changesets_up_to(connection: Connection, number: int, index: int) -> list[ChangesetRecord]:
    """Return the confirmed changesets up to an index."""
    statement = select(changesets).where(
        changesets.c.imodel_number == number, _CONFIRMED, changesets.c.changeset_index <= index
    )
    return list(fetch_all(connection, statement.order_by(changesets.c.changeset_index), ChangesetRecord))


def changesets_between(connection: Connection, number: int, after: int, last: int) -> list[tuple[str, int]]:
    """Return the ids and kinds of confirmed changesets after an index and up to another."""
    statement = select(changesets.c.changeset_id, changesets.c.containing_changes).where(
        changesets.c.imodel_number == number,
        _CONFIRMED,
        changesets.c.changeset_index > after,
        changesets.c.changeset_index <= last,
    )
    rows = connection.execute(statement.order_by(changesets.c.changeset_index))
    return [(row.changeset_id, row.containing_changes) for row in rows]


def history(
    connection: Connection, number: int, bounds: tuple[int | None, int | None], order: list[Order], window: Window
) -> Page[ChangesetRecord]:
    """Return a page of the confirmed changesets after an index and up to another, sorted by index."""
    after, last = bounds
    statement = select(changesets).where(changesets.c.imodel_number == number, _CONFIRMED)
    if after is not None:
        statement = statement.where(changesets.c.changeset_index > literal(after, BigInteger))
    if last is not None:
        statement = statement.where(changesets.c.changeset_index <= literal(last, BigInteger))
    descending = any(item.descending for item in order)
    by = [SortedBy("changeset_index", changesets.c.changeset_index, descending)]
    return fetch_page(connection, statement, by, window, ChangesetRecord)


def copy_history(connection: Connection, source: int, target: int, up_to: int) -> None:
    """Copy confirmed changesets to another iModel, without their groups."""
    kept = [column for column in changesets.c if column.name not in {"imodel_number", "group_id"}]
    rows = select(*kept).where(changesets.c.imodel_number == source, _CONFIRMED, changesets.c.changeset_index <= up_to)
    copied = [{**row._asdict(), "imodel_number": target, "group_id": None} for row in connection.execute(rows)]
    if copied:
        connection.execute(insert(changesets), copied)


# Groups.


def add_group(connection: Connection, group: GroupRecord) -> None:
    """Store a changeset group."""
    connection.execute(insert(changeset_groups).values(**asdict(group)))


def find_group(connection: Connection, number: int, group_id: str) -> GroupRecord | None:
    """Return a changeset group, or None."""
    statement = select(changeset_groups).filter_by(imodel_number=number, id=group_id)
    return fetch_one(connection, statement, GroupRecord)


def set_group_state(connection: Connection, group_id: str, state: str) -> None:
    """Set the state of a changeset group."""
    connection.execute(update(changeset_groups).where(changeset_groups.c.id == group_id).values(state=state))


def close_groups(connection: Connection, number: int, state: str, *, opened_after: datetime) -> None:
    """Close the open groups of an iModel; those created at `opened_after` or earlier have timed out."""
    rows = (changeset_groups.c.imodel_number == number) & (changeset_groups.c.state == IN_PROGRESS)
    rows &= changeset_groups.c.created_at > opened_after
    connection.execute(update(changeset_groups).where(rows).values(state=state))


def groups_of(connection: Connection, number: int, window: Window) -> Page[GroupRecord]:
    """Return a page of the changeset groups, oldest first."""
    by = [SortedBy("created_at", changeset_groups.c.created_at), SortedBy("id", changeset_groups.c.id)]
    return fetch_page(connection, select(changeset_groups).filter_by(imodel_number=number), by, window, GroupRecord)


# Extended data.


def add_extended_data(connection: Connection, data: ExtendedDataRecord) -> None:
    """Store the extended data of a changeset."""
    connection.execute(insert(extended_data).values(**asdict(data)))


def find_extended_data(connection: Connection, number: int, index: int) -> ExtendedDataRecord | None:
    """Return the extended data of a changeset, or None."""
    statement = select(extended_data).filter_by(imodel_number=number, changeset_index=index)
    return fetch_one(connection, statement, ExtendedDataRecord)


def extended_data_of(connection: Connection, number: int, window: Window) -> Page[ExtendedDataRecord]:
    """Return a page of the extended data, sorted by changeset index."""
    by = [SortedBy("changeset_index", extended_data.c.changeset_index)]
    return fetch_page(connection, select(extended_data).filter_by(imodel_number=number), by, window, ExtendedDataRecord)
