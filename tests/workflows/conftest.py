"""One hub for all workflows, an iModel for each test, and both clients."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient
from itwin_imodels._core import waiting
from itwin_imodels_hub import HubSettings, LocalHub
from itwin_imodels_hub.identity import DEMO_USERS
from tests.behaviour.helpers.control import tls
from tests.workflows.helpers.bench import IN_BLOCKS, QUICK, Bench, new_imodel
from tests.workflows.helpers.driving import client_class

OpenClient = Callable[..., IModelsClient]


@pytest.fixture(scope="session")
def whole_hub() -> Iterator[LocalHub]:
    """A hub that verifies changeset files, releases 500 locks at a time, and creates no block-based checkpoints."""
    settings = HubSettings(
        job_delay=timedelta(0),
        verify_changesets=True,
        lock_chunk=500,
        briefcases_per_minute=1000,
        durable=False,
        checkpoint_forms="v1",
    )
    with LocalHub(settings=settings, users=DEMO_USERS) as hub:
        yield hub


@pytest.fixture
def hub(whole_hub: LocalHub) -> Iterator[LocalHub]:
    """Return the hub without faults, with an empty log and the correct time."""
    whole_hub.control.faults.clear()
    whole_hub.control.log.clear()
    whole_hub.control.clock.resume()
    whole_hub.control.set_time(datetime.now(UTC))
    yield whole_hub
    whole_hub.control.faults.clear()


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    return str(request.param)


@pytest.fixture
def open_client(hub: LocalHub, colour: str, portal: BlockingPortal) -> Iterator[OpenClient]:
    """A function that makes clients of a user of the hub, closed at the end of the test."""
    opened: list[IModelsClient] = []

    def open_one(user: str = "ada", **options: Any) -> IModelsClient:
        transport = (httpx.HTTPTransport if colour == "sync" else httpx.AsyncHTTPTransport)(verify=tls())
        usual = {"base_url": hub.base_url, "retry": QUICK, "transfer": IN_BLOCKS, "transport": transport}
        options = {**usual, **options}
        opened.append(client_class(colour, portal)(hub.token(user), **options))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def client(open_client: OpenClient) -> IModelsClient:
    """A client of the hub's first user."""
    return open_client()


@pytest.fixture
def other(open_client: OpenClient) -> IModelsClient:
    """A client of the hub's second user."""
    return open_client("grace")


@pytest.fixture
def imodel_id(hub: LocalHub) -> str:
    """A new iModel."""
    return new_imodel(hub)


@pytest.fixture
def bench(hub: LocalHub, client: IModelsClient, imodel_id: str, open_client: OpenClient, tmp_path: Path) -> Bench:
    """Return the iModel with a briefcase of the client, with an empty log."""
    briefcase_id = client.briefcases.acquire(imodel_id, device_name="desk").briefcase_id
    hub.control.log.clear()
    return Bench(
        hub=hub,
        client=client,
        imodel_id=imodel_id,
        briefcase_id=briefcase_id,
        folder=tmp_path,
        open_client=open_client,
    )


@pytest.fixture
def instantly() -> Iterator[None]:
    """End all waits of the clients at once."""
    with waiting.instantly():
        yield
