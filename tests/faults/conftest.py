"""A hub behind a proxy on which things go wrong."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from itwin_imodels_hub import HubSettings, LocalHub
from tests.faults.helpers.proxy import Proxy, served


@pytest.fixture(scope="session")
def hub() -> Iterator[LocalHub]:
    """A hub that looks into changeset files."""
    settings = HubSettings(
        job_delay=timedelta(0),
        verify_changesets=True,
        lock_chunk=2,
        briefcases_per_minute=1000,
        durable=False,
    )
    with LocalHub(settings=settings) as hub:
        yield hub


@pytest.fixture(scope="session")
def proxy(hub: LocalHub) -> Iterator[Proxy]:
    """The proxy in front of it."""
    with served(hub.base_url) as proxy:
        yield proxy
