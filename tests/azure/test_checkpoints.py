"""Checkpoints that the hub generates with files in Azure, with one process and with several."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient
from itwin_imodels_hub import HubSettings
from tests.azure.conftest import SETTINGS, OpenHub
from tests.parts import require_part
from tests.postgres import Cluster, common_folder, shared_cluster
from tests.workflows.helpers.timelines import Work, worked

BLOCK = 32 << 10
SIZE = 500_000


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """A database with its changesets."""
    return worked(tmp_path_factory.mktemp("work"), size=SIZE)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield a PostgreSQL."""
    require_part("postgresql")
    with shared_cluster(common_folder(tmp_path_factory)) as cluster:
        yield cluster


def settings() -> HubSettings:
    """Small blocks, so that there are several."""
    return SETTINGS.with_(checkpoint_forms="both", checkpoint_block_size=BLOCK)


def test_both_forms(open_hub: OpenHub, work: Work, tmp_path: Path) -> None:
    """Both contain the same database, and an older one is updated with the blocks that differ."""
    hub = open_hub(settings=settings())
    with IModelsClient(hub.token(), base_url=hub.base_url) as client:
        assert_checkpoints(client, hub.itwin_id, work, tmp_path)


@pytest.mark.thorough
def test_several_processes(open_hub: OpenHub, cluster: Cluster, work: Work, tmp_path: Path) -> None:
    """Two processes with one database and one account form one hub."""
    with cluster.database() as database:
        hub = open_hub(tmp_path / "hub", settings=settings(), database=database, workers=2)
        with IModelsClient(hub.token(), base_url=hub.base_url) as client:
            assert_checkpoints(client, hub.itwin_id, work, tmp_path)
        hub.stop()


def assert_checkpoints(client: IModelsClient, itwin_id: str, work: Work, folder: Path) -> None:
    """Author a timeline and fetch its Named Versions in every way."""
    imodel_id = client.create_imodel_from_baseline(itwin_id, "Made", work.databases[0]).id
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    client.push_changesets(imodel_id, work.files, briefcase_id=briefcase_id, parent_id=None)
    blocks, whole = folder / "blocks.bim", folder / "whole.bim"
    for index in (2, 5):
        version = client.named_versions.create(imodel_id, f"At {index}", changeset_id=work.files[index - 1].stem)
        client.wait_for_checkpoint(imodel_id, named_version=version, timeout=60)
        client.download_checkpoint(imodel_id, whole, changeset=index, kind="v1", preceding=False)
        if index == 2:
            client.download_checkpoint(imodel_id, blocks, changeset=index, kind="v2", keep_block_list=True, check=True)
        else:
            updated = client.update_checkpoint(imodel_id, blocks, check=True)
            assert updated.reused_blocks > updated.downloaded_blocks > 0
        assert blocks.read_bytes() == whole.read_bytes()
