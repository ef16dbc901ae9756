"""Compare the vendor's TypeScript client with this one on the same hub: speed, and behaviour under faults.

Requires Linux and Node; the vendor's packages come from npm, as listed in the lock file in tests/hub/node. Each run is
a separate process and measures its job without the time for loading code and for a first request; the hub runs in this
process. It is slower than curl with a file server, so it hides part of the clients' cost. Rounds are interleaved, and
the figure is the ratio of medians. This client verifies every file by its id; `by size` omits that.

python benchmarks/peer.py            both tables
python benchmarks/peer.py --faults   only the second one
python benchmarks/peer.py --speed    only the first one
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("generated", "facade", "hub")]
sys.path[:0] = [str(ROOT), *SOURCES]

from itwin_imodels_hub import Fault, LocalHub, SeedChangeset, SeedIModel  # noqa: E402 - found by the path above
from tests.hub.npm import SOURCE, node_packages  # noqa: E402 - as above
from tests.workflows.helpers.files import chain_of, changeset_file  # noqa: E402 - as above

ROUNDS = 5
SECONDS = 420
"""Seconds after which no further round starts."""
SMALL, SMALL_FILES = 20_000, 2000
LARGE, LARGE_FILES = 50_000_000, 4
ONE = 20_000_000

Told = dict[str, Any]
Run = Callable[[str, LocalHub, str, Path], Told]


def main() -> None:
    """Run the measurements and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--job", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--faults", action="store_true", help="only the behaviour under faults")
    parser.add_argument("--speed", action="store_true", help="only the speed")
    options = parser.parse_args()
    if options.job:
        print(json.dumps(ours_here(*options.job)))
        return
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("needs Node and npm")
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        versions = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
        print(f"@itwin/imodels-client-authoring {versions['@itwin/imodels-client-authoring']} against this package")
        if not options.faults:
            speed(Path(name))
        if not options.speed:
            faults(Path(name))


def vendor(job: str, hub: LocalHub, imodel_id: str, folder: Path) -> Told:
    """Do a job with the vendor's client."""
    command = ["node", str(ROOT / "benchmarks" / "peer.cjs"), job, hub.base_url, hub.token(), imodel_id, str(folder)]
    return outcome(command, {"NODE_PATH": str(node_packages(SOURCE))})


def ours(job: str, hub: LocalHub, imodel_id: str, folder: Path) -> Told:
    """Do a job with this client."""
    command = [sys.executable, __file__, "--job", job, hub.base_url, hub.token(), imodel_id, str(folder)]
    return outcome(command, {"PYTHONPATH": os.pathsep.join(SOURCES)})


def outcome(command: Sequence[str], settings: dict[str, str]) -> Told:
    """Run a process, and return the line that it prints."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **settings})
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ours_here(job: str, base_url: str, token: str, imodel_id: str, folder: str) -> Told:
    """Do a job in this process, and measure it."""
    from itwin_imodels import IModelsClient, IModelsError  # noqa: PLC0415 - only needed here

    def push(client: IModelsClient) -> int | None:
        task = json.loads(Path(folder, "push.json").read_text(encoding="utf-8"))
        briefcase = client.briefcases.acquire(imodel_id)
        pushed = client.push_changeset(
            imodel_id, task["filePath"], briefcase_id=briefcase.briefcase_id, parent_id=task["parentId"]
        )
        return pushed.index

    jobs: dict[str, Callable[[IModelsClient], int | None]] = {
        "list": lambda client: len(client.changesets.list(imodel_id, detail="minimal").all()),
        "pull": lambda client: len(client.pull_changesets(imodel_id, folder)),
        "pull-by-size": lambda client: len(client.pull_changesets(imodel_id, folder, verify="size")),
        "push": push,
    }
    told: Told = {}
    with IModelsClient(token, base_url=base_url) as client:
        client.imodels.get(imodel_id)  # loads all code that is loaded lazily
        before, begin = time.process_time(), time.perf_counter()
        try:
            told["result"] = jobs[job](client)
        except IModelsError as error:
            told["error"] = type(error).__name__
        told["seconds"] = time.perf_counter() - begin
        told["cpu"] = time.process_time() - before
    (peak,) = re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    told["peak"] = int(peak) * 1024
    return told


def speed(folder: Path) -> None:
    """Measure the speed of both clients."""
    few, many = folder / "few", folder / "many"
    with LocalHub(folder / "hub") as hub:
        lists = {
            "many": seeded(hub, chain_of(made(many), SMALL_FILES, size=SMALL)),
            "few": seeded(hub, chain_of(made(few), LARGE_FILES, size=LARGE)),
        }
        pushed = changeset_file(made(folder / "push"), size=2 * LARGE)
        task = {"id": pushed.stem, "parentId": "", "filePath": str(pushed)}
        (folder / "push" / "push.json").write_text(json.dumps(task), encoding="utf-8")
        runs: dict[str, Run] = {"vendor": vendor, "ours": ours}
        cases: dict[str, Callable[[Run], Told]] = {
            f"list {SMALL_FILES} changesets": lambda run: run("list", hub, lists["many"], folder),
            f"pull {SMALL_FILES} of 20 KB": lambda run: pulled(run, "pull", hub, lists["many"], folder),
            f"pull {LARGE_FILES} of 50 MB": lambda run: pulled(run, "pull", hub, lists["few"], folder),
            "push one of 100 MB": lambda run: run("push", hub, seeded(hub, []), folder / "push"),
        }
        extra: dict[str, Run] = {"by size": lambda job, *rest: ours("pull-by-size" if job == "pull" else job, *rest)}
        print_speed(
            {case: measured({**runs, **(extra if "pull" in case else {})}, each) for case, each in cases.items()}
        )


def pulled(run: Run, job: str, hub: LocalHub, imodel_id: str, folder: Path) -> Told:
    """Pull into an empty folder."""
    with tempfile.TemporaryDirectory(dir=folder) as target:
        return run(job, hub, imodel_id, Path(target))


def measured(runs: dict[str, Run], case: Callable[[Run], Told]) -> dict[str, list[Told]]:
    """Run the rounds of a case."""
    found: dict[str, list[Told]] = {name: [] for name in runs}
    begin = time.perf_counter()
    for _ in range(ROUNDS):
        if time.perf_counter() - begin > SECONDS / 4:
            break
        for name, run in runs.items():
            told = case(run)
            if "error" in told:
                raise SystemExit(f"{name}: {told['error']}")
            found[name].append(told)
    return found


def print_speed(figures: dict[str, dict[str, list[Told]]]) -> None:
    """Print seconds, processor time and peak memory of each client, and their ratios to the vendor's."""
    for case, methods in figures.items():
        base = statistics.median(told["seconds"] for told in methods["vendor"])
        print(f"{case} ({len(methods['vendor'])} rounds)")
        for name, all_told in methods.items():
            seconds, cpu, peak = (
                statistics.median(told[key] for told in all_told) for key in ("seconds", "cpu", "peak")
            )
            print(
                f"  {name:10} {seconds:6.2f} s  {seconds / base:5.2f} of the vendor's  cpu {cpu:5.2f} s"
                f"  peak {peak / 1e6:4.0f} MB"
            )


def faults(folder: Path) -> None:
    """Inject faults, and print the outcome of each client."""
    for case in (cut_once, cut_often, wrong_bytes, rate_limited, answer_lost, link_expired):
        print((case.__doc__ or "").splitlines()[0])
        for name, run in (("vendor", vendor), ("ours", ours)):
            with tempfile.TemporaryDirectory(dir=folder) as target, LocalHub() as hub:
                print(f"  {name:10} {case(run, hub, Path(target))}")


def cut_once(run: Run, hub: LocalHub, folder: Path) -> str:
    """A download of 20 MB is cut after 15 MB, once."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=15_000_000))
    told = run("pull", hub, imodel_id, folder / "pulled")
    return f"{ended(told)}; {sent(hub) / 1e6:.0f} MB sent"


def cut_often(run: Run, hub: LocalHub, folder: Path) -> str:
    """The download of 20 MB is cut 20 times, each time after 64 KB."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=1 << 16, times=20))
    told = run("pull", hub, imodel_id, folder / "pulled")
    left = sorted(path.suffix for path in (folder / "pulled").glob("*") if path.is_file())
    return f"{ended(told)}; left in the folder: {', '.join(left) or 'nothing'}"


def wrong_bytes(run: Run, hub: LocalHub, folder: Path) -> str:
    """The storage sends wrong bytes of the right length."""
    (file,) = chain_of(made(folder / "made"), 1, size=SMALL)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return ended(run("pull", hub, seeded(hub, [file]), folder / "pulled"))


def rate_limited(run: Run, hub: LocalHub, folder: Path) -> str:
    """The API responds once with 429 and Retry-After: 1."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=SMALL))
    hub.control.faults.add(Fault.rate_limited(retry_after=1, path="/changesets$"))
    return ended(run("list", hub, imodel_id, folder))


def answer_lost(run: Run, hub: LocalHub, folder: Path) -> str:
    """The connection breaks after the API has created a changeset, before the response."""
    imodel_id = seeded(hub, [])
    file = changeset_file(made(folder / "made"), size=SMALL)
    task = {"id": file.stem, "parentId": "", "filePath": str(file)}
    (folder / "push.json").write_text(json.dumps(task), encoding="utf-8")
    hub.control.faults.add(Fault(path="/changesets$", method="POST", action="drop_after"))
    return ended(run("push", hub, imodel_id, folder))


def link_expired(run: Run, hub: LocalHub, folder: Path) -> str:
    """The storage rejects each of three links as expired."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 3, size=SMALL))
    hub.control.faults.add(Fault.link_expired(times=3))
    told = run("pull", hub, imodel_id, folder / "pulled")
    return f"{ended(told)}; {len(list(requests(hub)))} requests for changesets"


def ended(told: Told) -> str:
    """Return the outcome of a job."""
    return (
        f"error {told['error']} after {told['seconds']:.1f} s" if "error" in told else f"done, {told['seconds']:.1f} s"
    )


def sent(hub: LocalHub) -> int:
    """Return the number of bytes that the storage has sent."""
    return sum(each.sent for each in hub.control.log.requests if each.path.startswith("/storage/"))


def requests(hub: LocalHub) -> Iterator[str]:
    """Return the paths of the requests for changesets."""
    return (each.path for each in hub.control.log.requests if "/changesets" in each.path)


def seeded(hub: LocalHub, files: list[Path]) -> str:
    """Create an iModel with a timeline."""
    number = time.monotonic_ns()
    history = [SeedChangeset(id=file.stem, file=file) for file in files]
    return hub.control.create_imodel(SeedIModel(name=f"Peer {number}", owner="ada", changesets=history))


def made(folder: Path) -> Path:
    """Create a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
