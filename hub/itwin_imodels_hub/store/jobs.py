"""Work of the service that takes time."""

from collections.abc import Collection

from attrs import asdict
from sqlalchemy import Connection, delete, exists, insert, or_, select

from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import JobRecord, NewJob
from itwin_imodels_hub.store.schema import jobs

PURGE = "purge"
"""The kind of job that removes the files of a deleted iModel, which is its source."""


def add_job(connection: Connection, job: NewJob) -> None:
    """Store a job; one that belongs to an iModel goes with it."""
    connection.execute(insert(jobs).values(**asdict(job)))


def first_jobs(
    connection: Connection, *, limit: int, busy: Collection[int] = (), kinds: Collection[str] | None = None
) -> list[JobRecord]:
    """List the jobs that are due first, be it now or later.

    Args:
        connection: A transaction.
        limit: How many at most.
        busy: Numbers of iModels whose jobs are left out. A job that removes the files of a deleted iModel is left out,
            too, as long as another one needs them.
        kinds: Which jobs of iModels are wanted; all by default. What belongs to none is always wanted.
    """
    other, no_imodel = jobs.alias(), jobs.c.imodel_number.is_(None)
    needed = exists().where(other.c.source_id == jobs.c.source_id, other.c.kind != PURGE)
    statement = select(jobs).where(or_(jobs.c.kind != PURGE, ~needed))
    if busy:
        statement = statement.where(or_(no_imodel, jobs.c.imodel_number.not_in(busy)))
    if kinds is not None:
        statement = statement.where(or_(no_imodel, jobs.c.kind.in_(kinds)))
    return list(fetch_all(connection, statement.order_by(jobs.c.due_at, jobs.c.number).limit(limit), JobRecord))


def job_by_number(connection: Connection, number: int) -> JobRecord | None:
    """Find a job that is not done yet."""
    return fetch_one(connection, select(jobs).where(jobs.c.number == number), JobRecord)


def take_job(connection: Connection, number: int) -> bool:
    """Remove a job; false when it is gone already."""
    return connection.execute(delete(jobs).where(jobs.c.number == number)).rowcount > 0
