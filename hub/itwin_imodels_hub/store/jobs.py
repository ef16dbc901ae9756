"""Work of the service that takes time."""

from collections.abc import Collection

from attrs import asdict
from sqlalchemy import Connection, delete, exists, insert, or_, select

from itwin_imodels_hub.store.database import fetch_one
from itwin_imodels_hub.store.records import JobRecord, NewJob
from itwin_imodels_hub.store.schema import jobs

PURGE = "purge"
"""The kind of job that removes the files of a deleted iModel, which is its source."""


def add_job(connection: Connection, job: NewJob) -> None:
    """Store a job; one that belongs to an iModel goes with it."""
    connection.execute(insert(jobs).values(**asdict(job)))


def next_job(connection: Connection, *, busy: Collection[int] = ()) -> JobRecord | None:
    """Find the job that is due first.

    Args:
        connection: A transaction.
        busy: Numbers of iModels whose jobs are left out. A job that removes the files of a deleted iModel is left out,
            too, as long as another one needs them.
    """
    other = jobs.alias()
    needed = exists().where(other.c.source_id == jobs.c.source_id, other.c.kind != PURGE)
    statement = select(jobs).where(or_(jobs.c.kind != PURGE, ~needed))
    if busy:
        statement = statement.where(or_(jobs.c.imodel_number.is_(None), jobs.c.imodel_number.not_in(busy)))
    return fetch_one(connection, statement.order_by(jobs.c.due_at, jobs.c.number).limit(1), JobRecord)


def take_job(connection: Connection, number: int) -> bool:
    """Remove a job; false when it is gone already."""
    return connection.execute(delete(jobs).where(jobs.c.number == number)).rowcount > 0
