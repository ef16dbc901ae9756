"""Work of the service that takes time."""

from collections.abc import Collection
from datetime import datetime

from attrs import asdict
from sqlalchemy import Connection, Select, delete, exists, insert, or_, select

from itwin_imodels_hub.store.database import fetch_all, fetch_one
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
    return fetch_one(connection, _in_order(busy).limit(1), JobRecord)


def jobs_due(connection: Connection, moment: datetime, *, busy: Collection[int] = ()) -> list[JobRecord]:
    """List the jobs that are due by a moment, in the order in which they are due; see `next_job`."""
    return list(fetch_all(connection, _in_order(busy).where(jobs.c.due_at <= moment), JobRecord))


def job_by_number(connection: Connection, number: int) -> JobRecord | None:
    """Find a job that is not done yet."""
    return fetch_one(connection, select(jobs).where(jobs.c.number == number), JobRecord)


def take_job(connection: Connection, number: int) -> bool:
    """Remove a job; false when it is gone already."""
    return connection.execute(delete(jobs).where(jobs.c.number == number)).rowcount > 0


def _in_order(busy: Collection[int]) -> Select[tuple[object, ...]]:
    other = jobs.alias()
    needed = exists().where(other.c.source_id == jobs.c.source_id, other.c.kind != PURGE)
    statement = select(jobs).where(or_(jobs.c.kind != PURGE, ~needed))
    if busy:
        statement = statement.where(or_(jobs.c.imodel_number.is_(None), jobs.c.imodel_number.not_in(busy)))
    return statement.order_by(jobs.c.due_at, jobs.c.number)
