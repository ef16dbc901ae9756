"""A hub behind a proxy that injects failures."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from itwin_imodels import IModelsClient
from itwin_imodels_hub import HubSettings, LocalHub
from tests.faults.helpers.certificates import AUTHORITY, server_contexts
from tests.faults.helpers.proxy import Proxy, SecureProxy, served
from tests.faults.helpers.workflows import READING
from tests.faults.helpers.world import World, made
from tests.workflows.helpers.files import chain_of

MakeWorld = Callable[[str], World]


@pytest.fixture(scope="session")
def hub() -> Iterator[LocalHub]:
    """Run a hub that verifies changeset files."""
    settings = HubSettings(
        job_delay=timedelta(0),
        verify_changesets=True,
        lock_chunk=2,
        briefcases_per_minute=1000,
        durable=False,
        trusted_proxies=["127.0.0.1"],
    )
    with LocalHub(settings=settings) as hub:
        yield hub


@pytest.fixture(scope="session")
def netloc(hub: LocalHub) -> str:
    """Return host and port of the hub."""
    return hub.base_url.split("/")[2]


@pytest.fixture(scope="session")
def proxy(netloc: str) -> Iterator[Proxy]:
    """Run a proxy in front of the hub."""
    with served(proxy := Proxy(netloc)):
        yield proxy


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a folder for certificates."""
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="session")
def secure_proxy(netloc: str, certificates: Path) -> Iterator[Proxy]:
    """Run another proxy, with TLS."""
    with served(proxy := SecureProxy(netloc, server_contexts(certificates))):
        yield proxy


@pytest.fixture(scope="session")
def authority(secure_proxy: Proxy, certificates: Path) -> Path:  # noqa: ARG001 - it writes the file
    """Return the certificate of the authority that signs the valid one."""
    return certificates / AUTHORITY


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Create the files of a timeline of five changesets."""
    return chain_of(tmp_path_factory.mktemp("files"), 5)


@pytest.fixture(scope="session")
def users(hub: LocalHub) -> Iterator[list[IModelsClient]]:
    """Return clients of two users whose requests never fail."""
    with ExitStack() as stack:
        opened = (IModelsClient(hub.token(name), base_url=hub.base_url) for name in ("ada", "grace"))
        yield [stack.enter_context(each) for each in opened]


@pytest.fixture(scope="session")
def make_world(
    hub: LocalHub, users: list[IModelsClient], files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> MakeWorld:
    """Return a function that creates a world for a workflow; workflows that only read share one."""
    shared: list[World] = []

    def make(workflow: str) -> World:
        folder = tmp_path_factory.mktemp("world")
        if workflow not in READING:
            return made(hub, *users, files, folder)
        if not shared:
            shared.append(made(hub, *users, files, folder))
        return evolve(shared[0], folder=folder)

    return make
