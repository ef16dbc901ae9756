"""One hub, one Dask cluster of two worker processes, and one undisturbed copy for all tests of fleets."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from itwin_imodels.fleet import FleetReport, mirror_fleet
from itwin_imodels_hub import HubSettings, LocalHub
from tests.fleet.clusters import DaskProcesses
from tests.fleet.fleets import Chain, plant

IMODELS, CHANGESETS = 4, 30


@pytest.fixture(scope="session")
def whole_hub() -> Iterator[LocalHub]:
    """A hub."""
    with LocalHub(
        settings=HubSettings(job_delay=timedelta(0), durable=False, checkpoint_forms="v1", index_step=2)
    ) as hub:
        yield hub


@pytest.fixture
def hub(whole_hub: LocalHub) -> Iterator[LocalHub]:
    """Return the hub without faults, with an empty log."""
    whole_hub.control.log.clear()
    yield whole_hub
    whole_hub.control.faults.clear()


@pytest.fixture(scope="session")
def environment(whole_hub: LocalHub) -> dict[str, str]:
    """The variables of a worker, which has credentials."""
    return {"IMODELS_BASE_URL": whole_hub.base_url, "IMODELS_TOKEN": whole_hub.token()}


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The changesets of all iModels."""
    return Chain(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="session")
def imodel_ids(whole_hub: LocalHub, chain: Chain) -> list[str]:
    """The iModels of the hub's iTwin."""
    return plant(whole_hub, chain, imodels=IMODELS, changesets=CHANGESETS)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[DaskProcesses]:
    """A scheduler without credentials, and two workers with those of the environment."""
    processes = DaskProcesses(tmp_path_factory.mktemp("dask"), environment)
    try:
        processes.start(2)
        yield processes
    finally:
        processes.stop()


@pytest.fixture(scope="session")
def first_run(
    whole_hub: LocalHub, cluster: DaskProcesses, imodel_ids: list[str], tmp_path_factory: pytest.TempPathFactory
) -> FleetReport:
    """An undisturbed first run."""
    assert imodel_ids
    target = tmp_path_factory.mktemp("fleet") / "copy"
    return mirror_fleet(itwin_ids=[whole_hub.itwin_id], target=str(target), scheduler=cluster.address)


@pytest.fixture(scope="session")
def copy(first_run: FleetReport) -> Path:
    """The target of the first run, which tests only read."""
    return Path(first_run.target.removeprefix("file://"))
