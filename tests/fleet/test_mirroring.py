"""Mirroring the iModels of an iTwin with two worker processes over real HTTP."""

import importlib.util
import json
import threading
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from distributed import Client, Variable

from itwin_imodels import IModelsClient
from itwin_imodels.fleet import FleetProgress, FleetReport, Outcome, fleet_status, mirror_fleet, verify_fleet
from itwin_imodels.fleet.planning import WINDOW_FILES
from itwin_imodels.fleet.scheduler import dashboard_of
from itwin_imodels_hub import Fault, LocalHub, SeedITwin
from tests.fleet.clusters import DaskProcesses
from tests.fleet.conftest import CHANGESETS, IMODELS
from tests.fleet.fleets import Chain, digests, plant


def downloads(hub: LocalHub) -> int:
    """Count the files that the hub's storage has sent."""
    return sum(each.path.startswith("/storage") for each in hub.control.log.requests)


def test_a_first_run_is_complete(first_run: FleetReport, copy: Path, cluster: DaskProcesses, chain: Chain) -> None:
    """Each file has the name of its id, the facts list it, and all files are verified."""
    assert first_run.counts == {Outcome.COMPLETE: IMODELS}
    ids = [each.id for each in chain.first(CHANGESETS)]
    for row in first_run.rows:
        assert (row.changesets, row.new_changesets, row.downloaded_files) == (CHANGESETS,) * 3
        folder = copy / "timelines" / row.imodel_id / "changesets"
        assert {each.name for each in folder.iterdir()} == {f"{each}.cs" for each in ids}
        table = pq.read_table(
            copy / "changesets" / f"imodel_id={row.imodel_id}" / "00000000.parquet", partitioning=None
        )
        assert table["id"].to_pylist() == ids
        assert table["changeset_index"].to_pylist() == list(range(1, CHANGESETS + 1))
        versions = pq.read_table(copy / "named_versions" / f"imodel_id={row.imodel_id}", partitioning=None)
        assert versions["name"].to_pylist() == ["Issued"]
        imodel = pq.read_table(copy / "imodels" / f"imodel_id={row.imodel_id}", partitioning=None)
        assert imodel["name"].to_pylist() == [row.name]
    report = verify_fleet(str(copy), scheduler=cluster.address)
    assert report.is_complete
    assert [each.checked_files for each in report.rows] == [CHANGESETS] * IMODELS


def test_a_second_run_downloads_nothing(
    hub: LocalHub, cluster: DaskProcesses, first_run: FleetReport, copy: Path, imodel_ids: list[str]
) -> None:
    """It asks each iModel for new changesets, in the order of age, and rewrites nothing."""
    before = digests(copy)
    oldest_first = [each.imodel_id for each in fleet_status(str(copy)).rows]
    shown: list[FleetProgress] = []
    report = mirror_fleet(
        itwin_ids=[hub.itwin_id], target=first_run.target, scheduler=cluster.address, progress=shown.append
    )
    assert report.counts == {Outcome.COMPLETE: IMODELS}
    assert downloads(hub) == 0
    assert digests(copy) == before
    assert sum(each.new_changesets for each in report.rows) == 0
    assert set(oldest_first) == set(imodel_ids)
    assert [each.done for each in shown] == list(range(IMODELS + 1))
    calls = [each.path for each in hub.control.log.requests]
    assert len(calls) == 1 + 2 * IMODELS  # the list of iModels; of each iModel, changesets and Named Versions


def test_runs_at_once_lose_nothing(
    hub: LocalHub, cluster: DaskProcesses, copy: Path, tmp_path: Path, imodel_ids: list[str]
) -> None:
    """Two drivers write the same target; the result equals that of one."""
    target = tmp_path / "shared"
    reports: list[FleetReport] = []

    def run() -> None:
        reports.append(mirror_fleet(itwin_ids=[hub.itwin_id], target=str(target), scheduler=cluster.address))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert [report.counts for report in reports] == [{Outcome.COMPLETE: len(imodel_ids)}] * 2
    assert digests(target) == digests(copy)


def test_what_fails_ends_in_its_row(hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path) -> None:
    """A rejected iModel, a damaged file, a deleted iModel: the run completes the others, and a later run these."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Failures", creator="ada"))
    refused, deleted, whole = plant(hub, chain, imodels=3, changesets=5, itwin_id=itwin_id)
    target = str(tmp_path / "copy")
    hub.control.faults.add(Fault(path=f"{refused}/changesets", action="answer", status=403, body="{}", times=1000))
    report = mirror_fleet(itwin_ids=[itwin_id], target=target, scheduler=cluster.address)
    assert [each.imodel_id for each in report.failures] == [refused]
    assert refused in report.failures[0].error
    hub.control.faults.clear()
    with IModelsClient(hub.token(), base_url=hub.base_url) as client:
        client.imodels.delete(deleted)
    (tmp_path / "copy" / "timelines" / whole / "changesets" / f"{chain.first(5)[4].id}.cs").write_bytes(b"damaged")
    report = mirror_fleet(itwin_ids=[itwin_id], target=target, scheduler=cluster.address)
    assert {each.imodel_id: each.outcome for each in report.rows}[deleted] is Outcome.GONE
    assert report.is_complete
    report = verify_fleet(target, scheduler=cluster.address)
    (failure,) = report.failures
    assert (failure.imodel_id, "changeset 5 " in failure.error) == (whole, True)


def test_what_a_list_omits_is_not_gone(hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path) -> None:
    """While iModels are deleted, later pages omit others, and another run may add some after the list was read."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Omissions", creator="ada"))
    omitted, damaged, deleted = plant(hub, chain, imodels=3, changesets=2, itwin_id=itwin_id)
    mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address)
    with IModelsClient(hub.token(), base_url=hub.base_url) as client:
        client.imodels.delete(deleted)
    (tmp_path / "manifests" / f"{damaged}.json").write_bytes(b"{")
    empty = json.dumps({"iModels": [], "_links": {"next": None}})
    hub.control.faults.add(Fault(path="^/imodels/?$", action="answer", body=empty, status=200))
    report = mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address)
    outcomes = {each.imodel_id: each.outcome for each in report.rows}
    assert outcomes == {omitted: Outcome.COMPLETE, deleted: Outcome.GONE, damaged: Outcome.FAILED}
    assert "is not a valid manifest" in report.failures[0].error
    assert {each.imodel_id for each in fleet_status(str(tmp_path)).failures} == {damaged}


def test_gaps_between_indexes(hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path) -> None:
    """The hub skips every second index. The number of changesets is not the index of the newest one."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Gaps", creator="ada"))
    (imodel_id,) = plant(hub, chain, imodels=1, changesets=1, itwin_id=itwin_id)
    ids = [each.id for each in chain.first(4)]
    with IModelsClient(hub.token(), base_url=hub.base_url) as client:
        briefcase = client.briefcases.acquire(imodel_id)
        for count in (3, 4):
            for parent_id in ids[0 if count == 3 else 2 : count - 1]:
                client.push_changeset(imodel_id, chain.file, briefcase_id=briefcase.briefcase_id, parent_id=parent_id)
            report = mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address)
            (row,) = report.rows
            assert (row.changesets, row.new_changesets) == (count, 3 if count == 3 else 1)
        assert [each.index for each in client.changesets.list(imodel_id)] == [1, 2, 4, 6]
    report = verify_fleet(str(tmp_path), scheduler=cluster.address)
    assert [(each.outcome, each.checked_files) for each in report.rows] == [(Outcome.COMPLETE, 4)]


def test_an_abandoned_push_hides_nothing(hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path) -> None:
    """A changeset that never received its file is ignored: others were pushed after it."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Abandoned", creator="ada"))
    (imodel_id,) = plant(hub, chain, imodels=1, changesets=1, itwin_id=itwin_id)
    with IModelsClient(hub.token(), base_url=hub.base_url) as client:
        briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
        for parent_id in [each.id for each in chain.first(2)]:
            mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address)
            client.push_changeset(imodel_id, chain.file, briefcase_id=briefcase_id, parent_id=parent_id)
    headers = {
        "Authorization": f"Bearer {hub.token()}",
        "Accept": "application/vnd.bentley.itwin-platform.v2+json",
        "Prefer": "return=representation",
    }
    body = httpx.get(f"{hub.base_url}/{imodel_id}/changesets", headers=headers).json()
    *_, newest = body["changesets"]
    assert newest["index"] == 4  # the hub skips every second index
    abandoned = {**newest, "id": "e" * 40, "index": 3, "displayName": "3", "state": "waitingForFile"}
    listed = json.dumps({**body, "changesets": [abandoned, newest]})
    hub.control.faults.add(Fault(path=f"{imodel_id}/changesets$", action="answer", body=listed, status=200))
    (row,) = mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address).rows
    assert (row.outcome, row.changesets, row.new_changesets, row.error) == (Outcome.COMPLETE, 3, 1, "")


def test_a_damaged_file_is_repaired_and_a_replaced_timeline_refused(
    hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path
) -> None:
    """Without its manifest, an iModel gets only the missing files; another timeline is rejected."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Repairs", creator="ada"))
    (imodel_id,) = plant(hub, chain, imodels=1, changesets=5, itwin_id=itwin_id)
    copy = tmp_path / "copy"
    mirror_fleet(itwin_ids=[itwin_id], target=str(copy), scheduler=cluster.address)
    before = digests(copy)
    manifest = copy / "manifests" / f"{imodel_id}.json"
    manifest.unlink()
    (copy / "timelines" / imodel_id / "changesets" / f"{chain.first(5)[1].id}.cs").unlink()
    (row,) = mirror_fleet(itwin_ids=[itwin_id], target=str(copy), scheduler=cluster.address).rows
    assert (row.new_changesets, row.downloaded_files) == (5, 1)
    assert digests(copy) == before
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "tip_index": 3, "tip_id": "f" * 40}))
    replaced = digests(copy)
    (row,) = mirror_fleet(itwin_ids=[itwin_id], target=str(copy), scheduler=cluster.address).rows
    assert row.outcome is Outcome.FAILED
    assert "the parent of changeset 4 is" in row.error
    assert digests(copy) == replaced


def test_an_itwin_that_cannot_be_listed_ends_in_its_row(
    hub: LocalHub, cluster: DaskProcesses, tmp_path: Path, imodel_ids: list[str]
) -> None:
    """The iModels of the others are mirrored."""
    unknown = "11111111-2222-4333-8444-555555555555"
    report = mirror_fleet(itwin_ids=[unknown, hub.itwin_id], target=str(tmp_path), scheduler=cluster.address)
    (failure,) = report.failures
    assert (failure.itwin_id, failure.imodel_id) == (unknown, "")
    assert report.counts[Outcome.COMPLETE] == len(imodel_ids)


def test_a_dry_run_writes_nothing(hub: LocalHub, cluster: DaskProcesses, tmp_path: Path, imodel_ids: list[str]) -> None:
    """It reports what would be downloaded."""
    target = tmp_path / "nothing"
    report = mirror_fleet(itwin_ids=[hub.itwin_id], target=str(target), scheduler=cluster.address, dry_run=True)
    assert report.counts == {Outcome.PLANNED: len(imodel_ids)}
    assert [each.new_changesets for each in report.rows] == [CHANGESETS] * len(imodel_ids)
    assert not target.exists()
    assert downloads(hub) == 0


def test_a_run_waits_as_long_as_the_service_asks(
    hub: LocalHub, cluster: DaskProcesses, copy: Path, tmp_path: Path, imodel_ids: list[str]
) -> None:
    """All workers pause after a response with status 429, and the run completes."""
    hub.control.faults.add(Fault.rate_limited(retry_after=1, path=f"{imodel_ids[0]}/changesets"))
    report = mirror_fleet(itwin_ids=[hub.itwin_id], target=str(tmp_path), scheduler=cluster.address)
    assert report.counts == {Outcome.COMPLETE: len(imodel_ids)}
    assert digests(tmp_path) == digests(copy)
    assert [each.status for each in hub.control.log.requests].count(429) == 1
    with Client(cluster.address) as client:
        assert Variable("itwin-imodels-pause-until", client=client).get() > 0


def test_progress_includes_imodels_that_are_not_done(
    hub: LocalHub, cluster: DaskProcesses, chain: Chain, tmp_path: Path
) -> None:
    """A worker reports each window of a long timeline."""
    itwin_id = hub.control.create_itwin(SeedITwin(name="Long", creator="ada"))
    plant(hub, chain, imodels=1, changesets=WINDOW_FILES + 1, itwin_id=itwin_id)
    shown: list[FleetProgress] = []
    report = mirror_fleet(itwin_ids=[itwin_id], target=str(tmp_path), scheduler=cluster.address, progress=shown.append)
    assert report.is_complete
    assert [(each.done, each.changesets) for each in shown] == [
        (0, 0),
        (0, WINDOW_FILES),
        (0, WINDOW_FILES + 1),
        (1, WINDOW_FILES + 1),
    ]
    assert shown[-1].downloaded_bytes == report.rows[0].downloaded_bytes
    assert {each.dashboard for each in shown} == {""}  # the scheduler was started without one


def test_the_dashboard_is_named_if_there_is_one() -> None:
    """It requires bokeh; without it, the address would show only what to install."""
    has_bokeh = importlib.util.find_spec("bokeh") is not None
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as client:
        assert dashboard_of(client).startswith("http://") is has_bokeh


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_report_is_a_file(first_run: FleetReport, tmp_path: Path, suffix: str) -> None:
    """JSON or Parquet, with the same rows."""
    file = tmp_path / f"report{suffix}"
    first_run.save(file)
    rows = json.loads(file.read_text())["rows"] if suffix == ".json" else pq.read_table(file).to_pylist()
    assert [row["imodel_id"] for row in rows] == [row.imodel_id for row in first_run.rows]
    with pytest.raises(ValueError, match=r"\.json or \.parquet"):
        first_run.save(tmp_path / "report.txt")
