"""Queries for background jobs of the service."""

from collections.abc import Collection

from attrs import asdict
from sqlalchemy import Connection, delete, exists, insert, or_, select

from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import JobRecord, NewJob
from itwin_imodels_hub.store.schema import jobs

PURGE = "purge"
"""Kind of the jobs that delete the blobs of a deleted iModel; its id is the `source_id`."""


def add_job(connection: Connection, job: NewJob) -> None:
    """Store a job; it is deleted with its iModel."""
    connection.execute(insert(jobs).values(**asdict(job)))


def first_jobs(
    connection: Connection, *, limit: int, busy: Collection[int] = (), kinds: Collection[str] | None = None
) -> list[JobRecord]:
    """Return the jobs with the earliest due times, which may be in the future.

    A job that deletes the blobs of a deleted iModel is skipped while another job needs them.

    Args:
        connection: A transaction.
        limit: Maximum number of jobs.
        busy: Numbers of iModels whose jobs are skipped.
        kinds: Kinds of iModel jobs to include; None means all. Jobs without an iModel are always included.
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
    """Return an unfinished job, or None."""
    return fetch_one(connection, select(jobs).where(jobs.c.number == number), JobRecord)


def take_job(connection: Connection, number: int) -> bool:
    """Delete a job; return False if it no longer exists."""
    return connection.execute(delete(jobs).where(jobs.c.number == number)).rowcount > 0
