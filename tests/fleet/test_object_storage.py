"""Fleets in object storage, as its emulators speak it, with a worker in this process."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from distributed import Client

from itwin_imodels.errors import ConfigurationError, FleetError
from itwin_imodels.fleet import FleetReport, Outcome, fleet_status, mirror_fleet, verify_fleet
from itwin_imodels.fleet.manifest_file import ManifestFile, replace_file
from itwin_imodels.fleet.opening import open_target
from itwin_imodels.fleet.target import ChangedMeanwhileError
from itwin_imodels_hub import LocalHub
from tests.fleet import storages
from tests.fleet.conftest import CHANGESETS
from tests.fleet.fleets import digests
from tests.fleet.storages import Emulated

IMODEL = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="module", params=[storages.azure, storages.s3, storages.gcs], ids=["azure", "s3", "gcs"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """An emulator of each kind."""
    with request.param(tmp_path_factory.mktemp("storage")) as emulated:
        yield emulated


@pytest.fixture(scope="module")
def worker(environment: dict[str, str]) -> Iterator[Client]:
    """A worker in this process, which has the credentials of the storage."""
    with pytest.MonkeyPatch.context() as patcher:
        for name, value in environment.items():
            patcher.setenv(name, value)
        with Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0") as client:
            yield client


@pytest.mark.thorough(keep=1)
def test_a_fleet_is_what_it_is_in_a_folder(
    hub: LocalHub, storage: Emulated, worker: Client, copy: Path, imodel_ids: list[str]
) -> None:
    """A second run downloads nothing."""
    url = storage.url("imodels")
    for new in (CHANGESETS, 0):
        report = mirror_fleet(itwin_ids=[hub.itwin_id], target=url, scheduler=worker)
        assert [each.error for each in report.rows] == [""] * len(imodel_ids)
        assert [each.downloaded_files for each in report.rows] == [new] * len(imodel_ids)
    assert storage.contents("imodels") == {name: (copy / name).read_bytes() for name in digests(copy)}
    assert verify_fleet(url, sample=0.2, scheduler=worker).is_complete
    assert {each.changesets for each in fleet_status(url).rows} == {CHANGESETS}


def test_runs_at_once_lose_nothing(
    hub: LocalHub, storage: Emulated, worker: Client, copy: Path, imodel_ids: list[str]
) -> None:
    """Two drivers write the same target, which is then that of one."""
    reports: list[FleetReport] = []

    def run() -> None:
        reports.append(mirror_fleet(itwin_ids=[hub.itwin_id], target=storage.url("shared"), scheduler=worker))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(240)
    assert [report.counts for report in reports] == [{Outcome.COMPLETE: len(imodel_ids)}] * 2
    assert storage.contents("shared") == {name: (copy / name).read_bytes() for name in digests(copy)}


def test_conditional_writes_refuse_what_is_old(storage: Emulated) -> None:
    """A file that exists, one that another run has replaced, and one that is gone."""
    target = open_target(storage.url("conditions"))
    version = target.replace("note.json", b"1", None)
    for old in (None, target.stale_version):
        with pytest.raises(ChangedMeanwhileError):
            target.replace("note.json", b"2", old)
    newer = target.replace("note.json", b"2", version)
    with pytest.raises(ChangedMeanwhileError):
        target.replace("note.json", b"3", version)
    found = target.read("note.json")
    assert found is not None
    assert (found.data, found.version) == (b"2", newer)
    with pytest.raises(ChangedMeanwhileError):
        target.replace("missing.json", b"1", newer)
    assert target.read("missing.json") is None
    assert [each.name for each in target.files("")] == ["note.json"]
    assert list(target.files("nothing")) == []


def test_manifests_and_facts_of_two_runs_are_merged(storage: Emulated) -> None:
    """Each run has read what was there before the other one wrote."""
    target = open_target(storage.url("merged"))
    first, second = (ManifestFile(target, IMODEL) for _ in range(2))
    assert first.commit(attrs.evolve(first.manifest, changesets=9, tip_index=9, tip_id="nine"))
    assert not second.commit(attrs.evolve(second.manifest, changesets=7, tip_index=7, tip_id="seven", changes_until=5))
    assert (second.manifest.changesets, second.manifest.changes_until) == (9, 5)
    assert not first.commit(attrs.evolve(first.manifest, changesets=12, tip_index=12, tip_id="twelve"))
    found = ManifestFile(target, IMODEL).manifest
    assert (found.changesets, found.tip_id, found.changes_until) == (12, "twelve", 5)

    def with_both(present: bytes | None) -> bytes:
        if present is None:
            target.replace("facts", b"another run's, ", None)
        return (present or b"") + b"ours"

    replace_file(target, "facts", with_both)
    assert storage.contents("merged")["facts"] == b"another run's, ours"


def test_a_bucket_that_is_missing(storage: Emulated) -> None:
    """One line, which names the target."""
    url = storage.url("").replace(storages.BUCKET, "missing") + "fleet"
    with pytest.raises(FleetError, match=f"target {url} cannot be written") as caught:
        mirror_fleet(itwin_ids=[IMODEL], target=url)
    assert "\n" not in str(caught.value)


def test_a_storage_that_ignores_conditions(tmp_path: Path) -> None:
    """It is found before anything but the file with the version of the format is written."""
    with storages.s3(tmp_path, ignores_conditions=True) as emulated:
        with pytest.raises(FleetError, match="does not support conditional writes"):
            mirror_fleet(itwin_ids=[IMODEL], target=emulated.url("fleet"))
        assert set(emulated.contents("fleet")) == {"fleet.json"}


@pytest.mark.parametrize(
    ("package", "module", "url", "extra"),
    [
        ("adlfs", "azure", "abfs://archive/fleet", "fleet-azure"),
        ("s3fs", "s3", "s3://archive/fleet", "fleet-s3"),
        ("gcsfs.core", "gcs", "gs://archive/fleet", "fleet-gcs"),
    ],
)
def test_without_its_extra_the_message_names_it(
    package: str, module: str, url: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package of the storage is missing."""
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"itwin_imodels.fleet.{module}", raising=False)
    with pytest.raises(ConfigurationError, match=f"requires the extra '{extra}'"):
        open_target(url)
