"""Tasks, results and logs contain no secrets."""

import pickle
from pathlib import Path
from typing import Any

from distributed import Client

from itwin_imodels.fleet import FleetProgress, mirror_fleet
from itwin_imodels_hub import LocalHub
from tests.fleet.clusters import DaskProcesses


def state_of(dask_scheduler: Any) -> list[bytes]:
    """Return everything that the scheduler knows about its tasks, as bytes."""
    tasks = [pickle.dumps((str(each), each.run_spec, str(each.metadata))) for each in dask_scheduler.tasks.values()]
    return [*tasks, repr(dask_scheduler.identity()).encode()]


def test_secrets_stay_in_the_workers(
    hub: LocalHub, cluster: DaskProcesses, environment: dict[str, str], imodel_ids: list[str], tmp_path: Path
) -> None:
    """Neither the token nor a signature of a storage link is anywhere else, during a run and after it."""
    found: list[bytes] = []
    with Client(cluster.address) as client:

        def look(_: FleetProgress) -> None:
            found.extend(client.run_on_scheduler(state_of))

        report = mirror_fleet(itwin_ids=[hub.itwin_id], target=str(tmp_path), scheduler=client, progress=look)
        logs = repr((client.get_scheduler_logs(), client.get_worker_logs(), client.get_events()))
    assert len(report.rows) == len(imodel_ids)
    assert any(b"mirror_imodel" in each for each in found)
    written = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    places = [
        *found,
        *written,
        logs.encode(),
        cluster.logs().encode(),
        report.to_json().encode(),
        repr(report).encode(),
    ]
    for secret in (environment["IMODELS_TOKEN"].encode(), b"sig="):
        assert not [each[:200] for each in places if secret in each]
