"""A fleet in Azure Blob Storage, as Microsoft's emulator speaks it, with a worker in this process."""

from pathlib import Path

import pytest
from distributed import Client

from itwin_imodels.fleet import Outcome, fleet_status, mirror_fleet, verify_fleet
from itwin_imodels.fleet.target import ChangedMeanwhileError, open_target
from itwin_imodels_hub import LocalHub
from tests.azurite import running_azurite
from tests.fleet.conftest import CHANGESETS
from tests.fleet.fleets import digests


def test_a_fleet_in_azure(  # noqa: PLR0913, PLR0917 - fixtures
    hub: LocalHub,
    environment: dict[str, str],
    copy: Path,
    imodel_ids: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has the same content as a folder; a second run downloads nothing; conditional writes reject outdated ones."""
    with running_azurite(tmp_path) as azurite:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurite.connection_string)
        with azurite.client() as client:
            client.create_container("archive").close()
        url = "abfs://archive/imodels"
        with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0") as scheduler:
            for new in (CHANGESETS, 0):
                report = mirror_fleet(itwin_ids=[hub.itwin_id], target=url, scheduler=scheduler)
                assert report.counts == {Outcome.COMPLETE: len(imodel_ids)}
                assert [each.downloaded_files for each in report.rows] == [new] * len(imodel_ids)
            assert verify_fleet(url, sample=0.2, scheduler=scheduler).is_complete
        assert {name.removeprefix("imodels/") for name in azurite.blobs()["archive"]} == set(digests(copy))
        assert {each.changesets for each in fleet_status(url).rows} == {CHANGESETS}
        target = open_target(url)
        version = target.replace("note.json", b"1", None)
        for old in (None, '"0x1"'):
            with pytest.raises(ChangedMeanwhileError):
                target.replace("note.json", b"2", old)
        assert target.read("note.json") is not None
        assert target.replace("note.json", b"2", version) != version
