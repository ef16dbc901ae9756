"""Queries for Named Versions and checkpoints."""

from collections.abc import Mapping, Sequence

from attrs import asdict
from sqlalchemy import Connection, delete, exists, insert, select, update

from itwin_imodels_hub.rules.ordering import Order
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.pages import Page, SortedBy, fetch_page, filtered
from itwin_imodels_hub.store.records import CheckpointRecord, NamedVersionRecord
from itwin_imodels_hub.store.schema import checkpoints, named_versions

VISIBLE = "visible"
HIDDEN = "hidden"

SUCCESSFUL = "successful"
SCHEDULED = "scheduled"
FAILED = "failed"

BASELINE_DB_NAME = "BASELINE.bim"


def add_version(connection: Connection, version: NamedVersionRecord) -> None:
    """Store a Named Version."""
    connection.execute(insert(named_versions).values(**asdict(version)))


def change_version(connection: Connection, version_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a Named Version."""
    connection.execute(update(named_versions).where(named_versions.c.id == version_id).values(**values))


def find_version(connection: Connection, number: int, version_id: str) -> NamedVersionRecord | None:
    """Return a Named Version, or None."""
    statement = select(named_versions).filter_by(imodel_number=number, id=version_id)
    return fetch_one(connection, statement, NamedVersionRecord)


def version_name_taken(connection: Connection, number: int, name: str, *, other_than: str = "") -> bool:
    """Check whether another Named Version of an iModel has the given name."""
    row = (named_versions.c.imodel_number == number) & (named_versions.c.name == name)
    return bool(connection.scalar(select(exists().where(row, named_versions.c.id != other_than))))


def version_on(connection: Connection, number: int, index: int) -> str | None:
    """Return the id of the Named Version on a changeset, or None."""
    return connection.scalar(select(named_versions.c.id).filter_by(imodel_number=number, changeset_index=index))


def versions_on(connection: Connection, number: int, first: int, last: int) -> dict[int, str]:
    """Return the ids of the Named Versions on a range of changesets, by index."""
    statement = select(named_versions.c.changeset_index, named_versions.c.id).where(
        named_versions.c.imodel_number == number, named_versions.c.changeset_index.between(first, last)
    )
    return {row.changeset_index: row.id for row in connection.execute(statement)}


def versions_of(
    connection: Connection, number: int, values: Mapping[str, object], order: list[Order], window: Window
) -> Page[NamedVersionRecord]:
    """Return a page of Named Versions with the given values (see `filtered`), oldest first unless `order` is given."""
    statement = filtered(select(named_versions), named_versions, {"imodel_number": number, **values})
    created = SortedBy("created_at", named_versions.c.created_at)
    columns = {
        "changesetIndex": ("changeset_index", named_versions.c.changeset_index),
        "createdDateTime": ("created_at", named_versions.c.created_at),
    }
    by = [SortedBy(*columns[item.name], item.descending) for item in order] or [created]
    return fetch_page(connection, statement, [*by, SortedBy("id", named_versions.c.id)], window, NamedVersionRecord)


# Checkpoints.


def put_checkpoint(connection: Connection, checkpoint: CheckpointRecord) -> None:
    """Store a checkpoint; it replaces the one of the same changeset.

    To add a checkpoint that was created elsewhere, store its file or directory in blob storage first, then a record
    with the state `successful`.
    """
    connection.execute(
        delete(checkpoints).filter_by(
            imodel_number=checkpoint.imodel_number, changeset_index=checkpoint.changeset_index
        )
    )
    connection.execute(insert(checkpoints).values(**asdict(checkpoint)))


def baseline_checkpoint(
    number: int, size: int, *, blob: str | None = None, directory: str | None = None
) -> CheckpointRecord:
    """Return the record of the baseline checkpoint, which every initialized iModel has."""
    return CheckpointRecord(
        imodel_number=number,
        changeset_index=0,
        changeset_id=None,
        state=SUCCESSFUL,
        size=size,
        blob=blob,
        directory=directory,
        db_name=BASELINE_DB_NAME,
    )


def checkpoints_of(connection: Connection, number: int) -> Sequence[CheckpointRecord]:
    """Return the checkpoints of an iModel in any state, sorted by changeset index."""
    statement = select(checkpoints).filter_by(imodel_number=number).order_by(checkpoints.c.changeset_index)
    return fetch_all(connection, statement, CheckpointRecord)


def find_checkpoint(connection: Connection, number: int, index: int) -> CheckpointRecord | None:
    """Return the checkpoint, in any state, of exactly this changeset, or None."""
    statement = select(checkpoints).filter_by(imodel_number=number, changeset_index=index)
    return fetch_one(connection, statement, CheckpointRecord)


def newest_checkpoint(connection: Connection, number: int, *, up_to: int | None = None) -> CheckpointRecord | None:
    """Return the newest successful checkpoint, optionally up to a changeset, or None."""
    statement = select(checkpoints).filter_by(imodel_number=number, state=SUCCESSFUL)
    if up_to is not None:
        statement = statement.where(checkpoints.c.changeset_index <= up_to)
    return fetch_one(connection, statement.order_by(checkpoints.c.changeset_index.desc()).limit(1), CheckpointRecord)


def successful_indexes(connection: Connection, number: int, first: int, last: int) -> list[int]:
    """Return the indexes of successful checkpoints in a range, preceded by the last one before the range."""
    statement = select(checkpoints.c.changeset_index).where(
        checkpoints.c.imodel_number == number,
        checkpoints.c.state == SUCCESSFUL,
        checkpoints.c.changeset_index.between(first, last),
    )
    before = newest_checkpoint(connection, number, up_to=first - 1)
    inside = connection.scalars(statement.order_by(checkpoints.c.changeset_index))
    return [*([] if before is None else [before.changeset_index]), *inside]
