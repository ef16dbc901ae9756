"""Measure the cost of mirroring a fleet by iModels, changesets and workers, and compare it with separate mirrors.

A seeded hub, a Dask scheduler and the workers run as processes. Absolute times depend on the machine, which the hub
shares, so the processor time of the workers is measured too. Then a worker is killed every few seconds and the driver
twice, and the copy is compared with an undisturbed one. The exit status reports whether the copies are equal and the
overhead is at most 1.3.

python benchmarks/fleet.py [--imodels 16] [--changesets 60] [--long 1500] [--plot fleet.svg]
python benchmarks/fleet.py --memory    measures only the memory of a worker, as timelines get longer
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import attrs

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), *(str(ROOT / name) for name in ("generated", "facade", "hub"))]
os.environ["PYTHONPATH"] = os.pathsep.join(str(ROOT / name) for name in ("generated", "facade", "hub"))

from itwin_imodels import IModelsClient  # noqa: E402 - found by the paths above
from itwin_imodels.fleet import FleetProgress, FleetReport, mirror_fleet, verify_fleet  # noqa: E402
from itwin_imodels_hub import HubSettings, LocalHub, SeedITwin  # noqa: E402
from tests.fleet.clusters import DaskProcesses  # noqa: E402
from tests.fleet.fleets import Chain, digests, plant  # noqa: E402

OVERHEAD_BOUND = 1.3
KILL_EVERY = 5.0
MEMORY_SIZES = ((50, 60), (1, 2_000), (1, 10_000), (1, 40_000))
"""Numbers of iModels, and of changesets of each."""

Seen: TypeAlias = list[tuple[int, float]]
"""Pairs of the number of changesets added so far and the memory of the worker in MB."""
DRIVER = ROOT / "tests" / "fleet" / "driver.py"


@attrs.frozen
class Measured:
    """The measurements of one run."""

    imodels: int
    changesets: int
    workers: int
    seconds: float
    processor: float
    memory: float
    report: FleetReport

    @property
    def files(self) -> int:
        """Number of downloaded files."""
        return sum(row.downloaded_files for row in self.report.rows)


def main() -> None:
    """Run all measurements and print the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--imodels", type=int, default=16)
    parser.add_argument("--changesets", type=int, default=60)
    parser.add_argument("--long", type=int, default=1_500)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--memory", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, hub(Path(name)) as running:
        if chosen.memory:
            measure_memory(Path(name), running)
            return
        held = measure_all(Path(name), running, chosen)
    sys.exit(not held)


class RunningHub:
    """The hub, and the environment variables of a worker."""

    def __init__(self, found: LocalHub, folder: Path) -> None:
        """Use a running hub."""
        self.hub = found
        self.chain = Chain(folder)
        self.environment = {"IMODELS_BASE_URL": found.base_url, "IMODELS_TOKEN": found.token()}

    def itwin(self, imodels: int, changesets: int) -> tuple[str, list[str]]:
        """Create an iTwin with iModels."""
        itwin_id = self.hub.control.create_itwin(SeedITwin(name=f"Fleet {uuid4().hex}", creator="ada"))
        return itwin_id, plant(self.hub, self.chain, imodels=imodels, changesets=changesets, itwin_id=itwin_id)


@contextmanager
def hub(folder: Path) -> Iterator[RunningHub]:
    """Run a hub for the duration of the block."""
    with LocalHub(settings=HubSettings(durable=False, job_delay=timedelta(0))) as found:
        yield RunningHub(found, folder)


@contextmanager
def cluster(folder: Path, running: RunningHub, workers: int) -> Iterator[DaskProcesses]:
    """Run a scheduler and workers for the duration of the block."""
    place = Path(tempfile.mkdtemp(dir=folder))
    processes = DaskProcesses(place, running.environment)
    try:
        processes.start(workers)
        warm, _ = running.itwin(workers, 1)
        mirror_fleet(itwin_ids=[warm], target=str(place / "warm"), scheduler=processes.address)
        yield processes
    finally:
        processes.stop()


def measure_all(folder: Path, running: RunningHub, chosen: argparse.Namespace) -> bool:
    """Measure the runs, the overhead, the long timeline and the interruptions, and print a table."""
    runs = []
    for workers in (1, 2):
        with cluster(folder, running, workers) as processes:
            sizes = [max(1, chosen.imodels // part) for part in (4, 2, 1)]
            runs += [run(folder, running, processes, each, chosen.changesets) for each in sizes]
            if workers == 2:  # noqa: PLR2004 - the last
                runs.append(run(folder, running, processes, max(1, chosen.imodels // 4), chosen.changesets * 4))
                runs.append(run(folder, running, processes, 1, chosen.long))
                print_table(runs)
                ratio = overhead(folder, running, processes, chosen)
                equal = interrupted(folder, running, processes, chosen)
    print(f"10 iModels against mirror_timeline in a loop: {ratio:.2f} x, bound {OVERHEAD_BOUND}")
    print(f"after kills, the copy is {'identical to' if equal else 'NOT identical to'} that of an undisturbed run")
    if chosen.plot:
        plot(runs, chosen.plot)
    return equal and ratio <= OVERHEAD_BOUND


def run(folder: Path, running: RunningHub, processes: DaskProcesses, imodels: int, changesets: int) -> Measured:
    """Mirror, mirror again without downloads, and verify."""
    itwin_id, _ = running.itwin(imodels, changesets)
    target = Path(tempfile.mkdtemp(dir=folder))
    begin, before = time.perf_counter(), processor(processes)
    report = mirror_fleet(itwin_ids=[itwin_id], target=str(target), scheduler=processes.address)
    seconds, used = time.perf_counter() - begin, processor(processes) - before
    again = mirror_fleet(itwin_ids=[itwin_id], target=str(target), scheduler=processes.address)
    verified = verify_fleet(str(target), scheduler=processes.address, sample=0.1)
    if not (report.is_complete and again.is_complete and verified.is_complete):
        raise RuntimeError(f"failed: {[*report.failures, *again.failures, *verified.failures][:3]}")
    if sum(row.downloaded_files for row in again.rows):
        raise RuntimeError("the second run downloaded files")
    shutil.rmtree(target)
    return Measured(imodels, changesets, len(processes.workers), seconds, used, memory(processes), report)


def overhead(folder: Path, running: RunningHub, processes: DaskProcesses, chosen: argparse.Namespace) -> float:
    """Return the time of a small fleet relative to separate mirrors in a loop: the median of three rounds."""
    ratios = []
    for _ in range(3):
        itwin_id, ids = running.itwin(10, chosen.changesets)
        place = Path(tempfile.mkdtemp(dir=folder))
        begin = time.perf_counter()
        with IModelsClient(running.environment["IMODELS_TOKEN"], base_url=running.hub.base_url) as client:
            for each in ids:
                client.mirror_timeline(each, place / each)
        loop = time.perf_counter() - begin
        begin = time.perf_counter()
        mirror_fleet(itwin_ids=[itwin_id], target=str(place / "fleet"), scheduler=processes.address)
        ratios.append((time.perf_counter() - begin) / loop)
    return sorted(ratios)[1]


def interrupted(folder: Path, running: RunningHub, processes: DaskProcesses, chosen: argparse.Namespace) -> bool:
    """Kill a worker every few seconds and the driver twice, and compare the copies."""
    itwin_id, _ = running.itwin(max(1, chosen.imodels // 4), chosen.changesets)
    calm, disturbed = (Path(tempfile.mkdtemp(dir=folder)) for _ in range(2))
    begin = time.perf_counter()
    mirror_fleet(itwin_ids=[itwin_id], target=str(calm), scheduler=processes.address)
    undisturbed = time.perf_counter() - begin
    ended = threading.Event()
    pause = KILL_EVERY

    def kill() -> None:
        while not ended.wait(pause):
            processes.kill_worker()

    thread = threading.Thread(target=kill)
    thread.start()
    for _ in range(2):
        with subprocess.Popen([sys.executable, str(DRIVER), processes.address, itwin_id, str(disturbed)]) as driver:
            time.sleep(undisturbed / 3)
            driver.kill()
    while not mirror_fleet(itwin_ids=[itwin_id], target=str(disturbed), scheduler=processes.address).is_complete:
        pause *= 2
        print(f"killed more often than tasks are assigned; retrying with a kill every {pause:.0f} s", flush=True)
    ended.set()
    thread.join()
    return digests(calm) == digests(disturbed)


def measure_memory(folder: Path, running: RunningHub) -> None:
    """Print how the memory of one worker grows within a run, for timelines of several lengths."""
    print(
        "| iModels | changesets each | MB first | after 1/4 | 1/2 | 3/4 | at the end | second run | verified | max. |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for imodels, changesets in MEMORY_SIZES:
        itwin_id, _ = running.itwin(imodels, changesets)
        target = Path(tempfile.mkdtemp(dir=folder))
        with cluster(folder, running, 1) as processes:
            seen: Seen = [(0, memory(processes))]

            def look(now: FleetProgress, seen: Seen = seen, processes: DaskProcesses = processes) -> None:
                seen.append((now.changesets, memory(processes)))

            mirror_fleet(itwin_ids=[itwin_id], target=str(target), scheduler=processes.address, progress=look)
            total = imodels * changesets
            parts = [next(mb for done, mb in seen if done >= total * part / 4) for part in (1, 2, 3)]
            found = [seen[0][1], *parts, memory(processes)]
            mirror_fleet(itwin_ids=[itwin_id], target=str(target), scheduler=processes.address)
            found.append(memory(processes))
            verify_fleet(str(target), scheduler=processes.address)
            found += [memory(processes), peak(processes)]
        print(f"| {imodels} | {changesets} | {' | '.join(f'{each:.0f}' for each in found)} |", flush=True)
        shutil.rmtree(target)


def processor(processes: DaskProcesses) -> float:
    """Return the processor time of the workers in seconds."""
    ticks = 0
    for each in processes.workers:
        fields = Path(f"/proc/{each.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(processes: DaskProcesses) -> float:
    """Return the memory of the largest worker in MB."""
    pages = [int(Path(f"/proc/{each.pid}/statm").read_text().split()[1]) for each in processes.workers]
    return max(pages) * resource.getpagesize() / 1e6


def peak(processes: DaskProcesses) -> float:
    """Return the maximum memory that a worker has used so far in MB."""
    texts = [Path(f"/proc/{each.pid}/status").read_text() for each in processes.workers]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in texts) * 1024 / 1e6


def print_table(runs: list[Measured]) -> None:
    """Print a line for each run."""
    print("| iModels | changesets each | workers | files | seconds | files/s | ms/file of processor | MB, largest |")
    print("|---|---|---|---|---|---|---|---|")
    for each in runs:
        print(
            f"| {each.imodels} | {each.changesets} | {each.workers} | {each.files} | {each.seconds:.1f} "
            f"| {each.files / each.seconds:.0f} | {1000 * each.processor / max(1, each.files):.1f} "
            f"| {each.memory:.0f} |"
        )
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0]}), flush=True)


def plot(runs: list[Measured], path: Path) -> None:
    """Plot processor time and time against the number of files, with a line for each number of workers."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only for the plot

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for workers in (1, 2):
        some = sorted((each for each in runs if each.workers == workers), key=lambda each: each.files)
        files = [each.files for each in some]
        left.plot(files, [each.seconds for each in some], "o-", label=f"{workers} workers")
        right.plot(files, [each.processor for each in some], "o-", label=f"{workers} workers")
    for axes, title in ((left, "seconds"), (right, "seconds of processor time, workers")):
        axes.set_xlabel("files")
        axes.set_ylabel(title)
        axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main()
