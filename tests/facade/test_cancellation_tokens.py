"""Calls of the synchronous client, cancelled from another thread."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from itwin_imodels import CancellationToken, IModelsClient
from itwin_imodels.errors import Cancelled
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import changeset_files

GUARD = 60.0


@pytest.fixture
def client(place: Place) -> Iterator[IModelsClient]:
    """A synchronous client."""
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        yield client


@pytest.fixture
def control(place: Place) -> Iterator[HubControl]:
    """Power over the hub."""
    assert place.control is not None
    yield place.control
    place.control.restore()


@contextmanager
def cancelled_when(wanted: Callable[[], bool]) -> Iterator[None]:
    """Run a block whose calls are cancelled when something has happened; it must end long before the calls would."""
    token = CancellationToken()
    ended = threading.Event()

    def watch() -> None:
        while not wanted() and not ended.wait(0.05):
            pass
        token.cancel()

    thread = threading.Thread(target=watch)
    thread.start()
    begun = time.monotonic()
    try:
        with token:
            yield
    finally:
        ended.set()
        thread.join()
    assert time.monotonic() - begun < GUARD


def arrived(control: HubControl, path: str, method: str = "GET") -> Callable[[], bool]:
    """Return a function that checks whether a request has arrived at the hub."""
    control.forget_requests()
    return lambda: any(each["method"] == method and path in each["path"] for each in control.requests)


def passed(seconds: float) -> Callable[[], bool]:
    """Return a function that checks whether some time has passed, because the hub does not log delayed requests."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


@contextmanager
def silent() -> Iterator[tuple[str, threading.Event]]:
    """Run a server that reads one request and never responds; yield its base URL, and an event for the request."""
    received = threading.Event()

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                received.set()
                while connection.recv(65536):  # until the client cuts it
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/imodels", received
        thread.join()


def test_a_request_under_way(place: Place) -> None:
    """Its connection is cut; what the service may have done is noted."""
    with (
        silent() as (base_url, received),
        IModelsClient("x", base_url=base_url) as client,
        pytest.raises(Cancelled),
        cancelled_when(received.is_set),
    ):
        client.imodels.list(place.itwin_id).all()
    with (
        silent() as (base_url, received),
        IModelsClient("x", base_url=base_url) as client,
        pytest.raises(Cancelled) as caught,
        cancelled_when(received.is_set),
    ):
        client.imodels.create(place.itwin_id, "Cancelled")
    assert "may have carried out imodels.create" in caught.value.__notes__[0]


def test_a_wait_before_a_retry(client: IModelsClient, control: HubControl, place: Place) -> None:
    """Ends at once."""
    control.answer(503, headers={"Retry-After": "50"}, times=9)
    patient = client.with_options(timeout=500)
    with pytest.raises(Cancelled), cancelled_when(arrived(control, "/imodels")):
        patient.imodels.list(place.itwin_id).all()


def test_a_wait_for_others(client: IModelsClient, control: HubControl, place: Place) -> None:
    """A wait for locks is cancelled."""
    imodel = client.create_imodel(place.itwin_id, new_name("Waiting"))
    first, second = (client.briefcases.acquire(imodel.id).briefcase_id for _ in range(2))
    client.acquire_locks(imodel.id, first, exclusive=["0x1f"])
    with pytest.raises(Cancelled), cancelled_when(arrived(control, "/locks", "PATCH")):
        client.acquire_locks(imodel.id, second, exclusive=["0x1f"], timeout=600)


def test_a_transfer(client: IModelsClient, control: HubControl, place: Place, tmp_path: Path) -> None:
    """Ends at once; the same call resumes."""
    imodel = client.create_imodel(place.itwin_id, new_name("Pulling"))
    files = changeset_files(tmp_path, 3)
    briefcase = client.briefcases.acquire(imodel.id).briefcase_id
    client.push_changesets(imodel.id, files, briefcase_id=briefcase, parent_id=None)
    control.fault(path="^/storage", method="GET", delay=20, times=99)
    with pytest.raises(Cancelled, match="repeat the call"), cancelled_when(passed(1)):
        client.pull_changesets(imodel.id, tmp_path / "pulled")
    control.restore()
    assert len(client.pull_changesets(imodel.id, tmp_path / "pulled")) == 3


def test_a_cancelled_token(client: IModelsClient, place: Place) -> None:
    """It permits no further call or block; calls outside continue."""
    token, other = CancellationToken(), CancellationToken()
    assert not token.is_cancelled
    with token:
        with other:
            other.cancel()
            with pytest.raises(Cancelled):
                client.imodels.list(place.itwin_id).all()
        client.imodels.list(place.itwin_id).all()
        with CancellationToken():
            token.cancel()
            with pytest.raises(Cancelled):
                client.imodels.list(place.itwin_id).all()
    assert token.is_cancelled
    with pytest.raises(Cancelled), token:
        pass
    client.imodels.list(place.itwin_id).all()
