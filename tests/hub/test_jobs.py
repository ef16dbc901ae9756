"""Much background work that is due at once."""

from datetime import timedelta

from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.store.jobs import PURGE, add_job, first_jobs
from itwin_imodels_hub.store.records import NewJob
from tests.hub.helpers.statements import statements


def test_much_at_once_is_not_listed_for_each(hub: Hub) -> None:
    """All of it is done, and pending work is looked up in portions."""
    due = hub.clock.now() - timedelta(hours=1)
    with statements(hub, "ORDER BY jobs.due_at") as listings:
        with hub.jobs.paused(), hub.store.writing() as connection:
            for number in range(450):
                payload: dict[str, object] = {"prefix": f"imodel-{number}/"}
                add_job(connection, NewJob(kind=PURGE, due_at=due, payload=payload, source_id=f"source {number}"))
        hub.jobs.notice()
        hub.jobs.finish_due()
    assert 4 < len(listings) <= 10
    with hub.store.reading() as connection:
        assert first_jobs(connection, limit=1) == []
