"""Much background work that is due at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.store.jobs import PURGE, add_job, first_jobs
from itwin_imodels_hub.store.records import NewJob


@contextmanager
def listings(hub: Hub) -> Iterator[list[str]]:
    """Collect the statements that list jobs."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "ORDER BY jobs.due_at" in statement:
            statements.append(statement)

    event.listen(hub.store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(hub.store.engine, "before_cursor_execute", note)


def test_much_at_once_is_not_listed_for_each(hub: Hub) -> None:
    """All of it is done, and pending work is looked up in portions."""
    due = hub.clock.now() - timedelta(hours=1)
    with listings(hub) as statements:
        with hub.jobs.paused(), hub.store.writing() as connection:
            for number in range(450):
                payload: dict[str, object] = {"prefix": f"imodel-{number}/"}
                add_job(connection, NewJob(kind=PURGE, due_at=due, payload=payload, source_id=f"source {number}"))
        hub.jobs.notice()
        hub.jobs.finish_due()
    assert 4 < len(statements) <= 10
    with hub.store.reading() as connection:
        assert first_jobs(connection, limit=1) == []
