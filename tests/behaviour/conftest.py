"""The places where scenarios run, and their clients."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient
from tests.behaviour.helpers.control import HubControl, tls
from tests.behaviour.helpers.driving import client_class
from tests.behaviour.helpers.making import Timeline, new_imodel, new_timeline
from tests.behaviour.helpers.places import RUNS, Place, opened

OpenClient = Callable[..., IModelsClient]


@pytest.fixture(scope="session", params=RUNS, ids="-".join)
def place_and_colour(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each place in turn, with a color."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture(scope="session")
def place(place_and_colour: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The place, open."""
    name, _ = place_and_colour
    with opened(name, tmp_path_factory.mktemp(name)) as place:
        yield place


@pytest.fixture(scope="session")
def colour(place_and_colour: tuple[str, str]) -> str:
    """The color."""
    return place_and_colour[1]


@pytest.fixture(scope="session")
def client_type(colour: str, portal: BlockingPortal) -> type[IModelsClient]:
    """The class of the client, with its constructors."""
    found: type[IModelsClient] = client_class(colour, portal)
    return found


@pytest.fixture(scope="session")
def client(place: Place, client_type: type[IModelsClient]) -> Iterator[IModelsClient]:
    """A client of the user of the scenarios."""
    with client_type(place.auth, base_url=place.base_url, record_drift=place.record_drift) as client:
        yield client


@pytest.fixture
def open_client(place: Place, colour: str, client_type: type[IModelsClient]) -> Iterator[OpenClient]:
    """A function that makes further clients, closed at the end of the test."""
    opened: list[IModelsClient] = []
    transport = httpx.HTTPTransport if colour == "sync" else httpx.AsyncHTTPTransport

    def open_one(auth: Any = None, **options: Any) -> IModelsClient:
        options = {
            "base_url": place.base_url,
            "transport": transport(verify=tls()),
            "record_drift": place.record_drift,
            **options,
        }
        opened.append(client_type(auth, **options))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def other(place: Place, open_client: OpenClient) -> IModelsClient:
    """A client of a second user, who may do what the first may."""
    if place.other is None:
        pytest.skip(f"{place.name}: no second user")
    return open_client(place.other)


@pytest.fixture
def control(place: Place) -> Iterator[HubControl]:
    """Control of the hub."""
    if place.control is None:
        pytest.skip(f"{place.name}: a test cannot control it")
    place.control.forget_requests()
    yield place.control
    place.control.restore()


@pytest.fixture(scope="session")
def viewer_token(place: Place) -> str:
    """Return the token of a user who may read everything and change nothing."""
    if place.control is None:
        pytest.skip(f"{place.name}: users cannot be created")
    return place.control.add_user("vera", "imodels_webview")


@pytest.fixture
def viewer(viewer_token: str, open_client: OpenClient) -> IModelsClient:
    """Return a client of a user who may read everything and change nothing."""
    return open_client(viewer_token)


@pytest.fixture(scope="session")
def administrator_token(place: Place) -> str:
    """The token of an Organization Administrator."""
    if place.control is None:
        pytest.skip(f"{place.name}: users cannot be created")
    return place.control.add_user("olga", organization_administrator=True)


@pytest.fixture
def administrator(administrator_token: str, open_client: OpenClient) -> IModelsClient:
    """A client of an Organization Administrator, who has all permissions regardless of the configuration."""
    return open_client(administrator_token)


@pytest.fixture
def itwin_id(place: Place) -> str:
    """The iTwin to work in. Other scenarios work in it too."""
    return place.itwin_id


@pytest.fixture
def imodel_id(client: IModelsClient, itwin_id: str) -> Iterator[str]:
    """A new iModel that is ready."""
    with new_imodel(client, itwin_id) as imodel_id:
        yield imodel_id


@pytest.fixture
def briefcase_id(client: IModelsClient, imodel_id: str) -> int:
    """A briefcase of the iModel."""
    return client.briefcases.acquire(imodel_id).briefcase_id


@pytest.fixture(scope="session")
def timeline(place: Place) -> Iterator[Timeline]:
    """An iModel with seven changesets, which scenarios only read."""
    with (
        IModelsClient(place.auth, base_url=place.base_url, record_drift=place.record_drift) as client,
        new_timeline(client, place.itwin_id) as timeline,
    ):
        yield timeline
