"""A hub that keeps its files in Microsoft's emulator, and the fixtures of the workflows' scenarios on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels_hub import AzureStorage, HubSettings, LocalHub
from tests.azurite import Azurite, running_azurite
from tests.workflows.conftest import (  # noqa: F401 - fixtures
    bench,
    client,
    colour,
    hub,
    imodel_id,
    instantly,
    open_client,
    other,
)

OpenHub = Callable[..., LocalHub]

SETTINGS = HubSettings(
    job_delay=timedelta(0), verify_changesets=True, briefcases_per_minute=1000, durable=False, checkpoint_forms="v1"
)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """The emulator."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite


@pytest.fixture(scope="session")
def whole_hub(azurite: Azurite) -> Iterator[LocalHub]:
    """A hub that verifies changeset files and stores its files in the emulator."""
    storage = AzureStorage(connection_string=azurite.connection_string)
    with LocalHub(settings=SETTINGS, storage=storage) as found:
        yield found


@pytest.fixture
def open_hub(azurite: Azurite, request: pytest.FixtureRequest) -> Iterator[OpenHub]:
    """Return a function that starts hubs, each with separate containers unless a prefix is given."""
    with ExitStack() as stack:
        own = f"t{abs(hash(request.node.nodeid)) % 10**9}"

        def open_one(data_dir: Path | None = None, *, containers: str = own, **options: Any) -> LocalHub:
            storage = AzureStorage(containers=containers, connection_string=azurite.connection_string)
            return stack.enter_context(LocalHub(data_dir, **{"settings": SETTINGS, "storage": storage, **options}))

        yield open_one
