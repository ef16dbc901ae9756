"""Runs whose workers and drivers are killed."""

import subprocess
import sys
from pathlib import Path

from itwin_imodels.fleet import mirror_fleet
from itwin_imodels_hub import LocalHub
from tests.fleet.clusters import DaskProcesses, until
from tests.fleet.conftest import CHANGESETS, IMODELS
from tests.fleet.fleets import digests

_DRIVER = Path(__file__).with_name("driver.py")


def test_killed_workers_and_drivers_change_nothing(
    hub: LocalHub, cluster: DaskProcesses, copy: Path, tmp_path: Path
) -> None:
    """The next run completes the work of killed ones; the copy equals that of an undisturbed run byte for byte."""
    target = tmp_path / "copy"

    def files() -> int:
        return sum(1 for _ in target.glob("timelines/*/changesets/*.cs"))

    for part in (1, 2):
        command = [sys.executable, str(_DRIVER), cluster.address, hub.itwin_id, str(target)]
        with subprocess.Popen(command) as driver:
            wanted = part * CHANGESETS * IMODELS // 4
            until(lambda wanted=wanted, driver=driver: files() >= wanted or driver.poll() is not None)
            if part == 1:
                cluster.kill_worker()
            driver.kill()
    report = mirror_fleet(itwin_ids=[hub.itwin_id], target=str(target), scheduler=cluster.address)
    assert report.is_complete
    assert digests(target) == digests(copy)
    fetched = [each.path for each in hub.control.log.requests if each.path.startswith("/storage")]
    assert CHANGESETS * IMODELS <= len(fetched) <= 2 * CHANGESETS * IMODELS  # again only what was in flight
