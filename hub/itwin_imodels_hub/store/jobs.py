"""Work of the service that takes time."""

from datetime import datetime

from attrs import asdict
from sqlalchemy import Connection, delete, func, insert, select

from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import JobRecord, NewJob
from itwin_imodels_hub.store.schema import jobs


def add_job(connection: Connection, job: NewJob) -> None:
    """Store a job; one that belongs to an iModel goes with it."""
    connection.execute(insert(jobs).values(**asdict(job)))


def next_job(connection: Connection) -> JobRecord | None:
    """Find the job that is due first."""
    return fetch_one(connection, select(jobs).order_by(jobs.c.due_at, jobs.c.number).limit(1), JobRecord)


def jobs_due(connection: Connection, moment: datetime) -> list[JobRecord]:
    """List the jobs that are due by a moment, in the order in which they are due."""
    statement = select(jobs).where(jobs.c.due_at <= moment).order_by(jobs.c.due_at, jobs.c.number)
    return list(fetch_all(connection, statement, JobRecord))


def job_by_number(connection: Connection, number: int) -> JobRecord | None:
    """Find a job that is not done yet."""
    return fetch_one(connection, select(jobs).where(jobs.c.number == number), JobRecord)


def take_job(connection: Connection, number: int) -> bool:
    """Remove a job; false when it is gone already."""
    return connection.execute(delete(jobs).where(jobs.c.number == number)).rowcount > 0


def last_due_from(connection: Connection, source_id: str) -> datetime | None:
    """Give the latest time at which a job still needs the files of an iModel."""
    latest: datetime | None = connection.scalar(select(func.max(jobs.c.due_at)).where(jobs.c.source_id == source_id))
    return latest
