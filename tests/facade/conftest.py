"""Both clients on a hub in this process, which does not make them wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient
from itwin_imodels.testing import no_waiting
from tests.behaviour.conftest import client, client_type, control, itwin_id, open_client
from tests.behaviour.helpers.driving import COLOURS
from tests.behaviour.helpers.making import new_imodel
from tests.behaviour.helpers.places import Place, opened

__all__ = ["client", "client_type", "control", "itwin_id", "open_client"]


@pytest.fixture(scope="session", params=COLOURS)
def colour(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """A hub in this process."""
    with opened("in_process", Path()) as place:
        yield place


@pytest.fixture(scope="session")
def imodel_id(place: Place) -> Iterator[str]:
    """An iModel, which the tests do not change."""
    with IModelsClient(place.auth, base_url=place.base_url) as client, new_imodel(client, place.itwin_id) as imodel_id:
        yield imodel_id


@pytest.fixture
def at_once() -> Iterator[None]:
    """Skip all waits."""
    with no_waiting():
        yield
