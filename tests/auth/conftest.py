"""A hub and a certified server, each run once for all tests, and a watch for secrets."""

import socket
from collections.abc import Iterator

import pytest

from itwin_imodels_hub import LocalHub
from itwin_imodels_hub.identity import DEMO_USERS
from tests.auth.helpers.provider import Provider
from tests.auth.helpers.provider import provider as running_provider
from tests.auth.helpers.secrecy import Watch, all_logs
from tests.auth.helpers.time import Clock
from tests.browser import browser as chromium

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def running_hub() -> Iterator[LocalHub]:
    """Run a hub for all tests."""
    with LocalHub(users=DEMO_USERS) as hub:
        yield hub


@pytest.fixture
def hub(running_hub: LocalHub) -> LocalHub:
    """Return the hub without faults and without a history."""
    running_hub.control.faults.clear()
    running_hub.control.log.clear()
    return running_hub


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """Run the certified server for all tests."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    """Watch for secrets in failures and logs."""
    with all_logs(caplog) as watch:
        yield watch


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def unused_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
