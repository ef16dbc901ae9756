"""Compare lists and start times with the vendor's TypeScript client and bare httpx, in benchmarks/RESULTS.md.

Each run is a separate process. Rounds are interleaved, and the figure is the ratio of medians. Lists come from a
service in this process, which responds from memory. The vendor's packages come from npm, as listed in the lock file in
tests/hub/node. With the extra `plot`, the growth of time and memory is plotted in benchmarks/growth.svg.

python benchmarks/results.py             everything, takes some minutes
python benchmarks/results.py --rounds 1  a quick look
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("generated", "facade", "hub")]
sys.path[:0] = [str(ROOT), *SOURCES]

from benchmarks.facade import DELAY, IMODEL, service  # noqa: E402 - found by the path above
from tests.hub.npm import SOURCE, node_packages  # noqa: E402 - as above

ROUNDS = 5
LENGTH = 20_000
GROWTH = (1_000, 10_000, 100_000)
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
PICTURE = ROOT / "benchmarks" / "growth.svg"
OUR_LIST = """
import json, re, sys, time
from itwin_imodels import IModelsClient

_, base_url, token, imodel_id, _ = sys.argv[1:]
with IModelsClient(token, base_url=base_url) as client:
    client.imodels.get(imodel_id)  # so that all that is loaded late is loaded
    cpu, begin = time.process_time(), time.perf_counter()
    result = len(client.changesets.list(imodel_id, detail="minimal").all())
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
peak = int(re.findall(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[0]) * 1024
print(json.dumps({"result": result, "seconds": seconds, "cpu": cpu, "peak": peak}))
"""
"""The job that benchmarks/peer.cjs does with the vendor's client."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(SOURCES)}


class Cost(NamedTuple):
    """The cost of one run: seconds, seconds of processor time, and peak memory in bytes."""

    seconds: float
    cpu: float
    peak: float


Measure = Callable[[], Cost]


class Case(NamedTuple):
    """Several ways to do the same; the others are compared with the first one."""

    title: str
    ways: Mapping[str, list[Cost]]


def main() -> None:
    """Run the measurements, print and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("needs Node and npm")
    cases = [*lists(options.rounds), *starts(options.rounds)]
    growth = {length: measured(f"list {length:,}", list_ways(length), 1) for length in GROWTH}
    text = "\n".join([*heading(options.rounds), *table([*cases, *growth.values()]), *drawn(growth)])
    options.output.write_text(f"{text}\n", encoding="utf-8")
    print(text)


def lists(rounds: int) -> Iterator[Case]:
    """Measure a long list, from a service that responds immediately and from one that responds with a delay."""
    yield measured(f"list {LENGTH:,}", list_ways(LENGTH), rounds)
    title = f"list {LENGTH:,}, each answer {DELAY * 1000:.0f} ms late"
    yield measured(title, list_ways(LENGTH, DELAY), rounds)


def list_ways(length: int, delay: float = 0.0) -> dict[str, Measure]:
    """Return the time that both clients need to list a timeline."""

    def listed(command: list[str], **variables: str) -> Cost:
        with service(length, delay) as url, tempfile.TemporaryDirectory() as folder:
            done = run([*command, "list", url, "token", IMODEL, folder], **variables)
        told: dict[str, Any] = json.loads(done.splitlines()[-1])
        if told.get("result") != length:
            raise SystemExit(f"{command}: {told}")
        return Cost(told["seconds"], told["cpu"], told["peak"])

    vendor = ["node", str(ROOT / "benchmarks" / "peer.cjs")]
    ours = [sys.executable, "-c", OUR_LIST]
    return {
        "vendor": lambda: listed(vendor, NODE_PATH=str(node_packages(SOURCE))),
        "ours": lambda: listed(ours),
    }


def starts(rounds: int) -> Iterator[Case]:
    """Measure the import, the first call of a process, and the start of the command line."""
    load = "from itwin_imodels import IModelsClient"
    yield measured("import", {"httpx": script("import httpx"), "ours": script(load)}, rounds)
    with service(3) as url:
        bare = f"import httpx; httpx.get('{url}/{IMODEL}/changesets?$top=1').json()"
        call = f"{load}; IModelsClient('token', base_url='{url}').changesets.list('{IMODEL}', limit=1).all()"
        yield measured("first call of a process", {"httpx": script(bare), "ours": script(call)}, rounds)
        command = "from itwin_imodels.cli import main; main()"
        variables = {"IMODELS_BASE_URL": url, "IMODELS_TOKEN": "token"}
        ways = {
            "python -c pass": script("pass"),
            "imodels --version": script(command, "--version"),
            "imodels changeset list": script(command, "changeset", "list", IMODEL, **variables),
        }
        yield measured("command line", ways, rounds)


def script(code: str, *arguments: str, **variables: str) -> Measure:
    """Return a measure of a whole Python process."""

    def cost() -> Cost:
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        run([sys.executable, "-c", code, *arguments], **variables)
        seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(seconds, cpu, 0.0)

    return cost


def run(command: list[str], **variables: str) -> str:
    """Run a process and return what it prints."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**ENVIRONMENT, **variables})
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-600:]}")
    return done.stdout


def measured(title: str, ways: Mapping[str, Measure], rounds: int) -> Case:
    """Run a case, after a warm-up round for compilation and installation."""
    print(title, file=sys.stderr, flush=True)
    for each in ways.values():
        each()
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, each in ways.items():
            found[name].append(each())
    return Case(title, found)


def heading(rounds: int) -> list[str]:
    """Return a description of the machine and the versions."""
    packages = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    name = "@itwin/imodels-client-authoring"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    used = [
        f"Python {platform.python_version()}",
        f"Node {run(['node', '--version']).strip()}",
        f"{name} {packages[name]}",
    ]
    used += [f"{each} {importlib.metadata.version(each)}" for each in ("httpx", "attrs", "typer", "rich")]
    return [
        "# Results",
        "",
        "Written by `python benchmarks/results.py`; do not edit. Times depend on the machine; compare the ratios.",
        "",
        f"- Date: {datetime.now(UTC):%Y-%m-%d}, medians of {rounds} interleaved rounds",
        f"- Machine: {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB",
        f"- Versions: {', '.join(used)}",
        "",
    ]


def table(cases: list[Case]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| case | way | time | ratio | processor time | ratio | most memory |"
    yield "|---|---|---|---|---|---|---|"
    for case in cases:
        base = median(next(iter(case.ways.values())))
        for name, costs in case.ways.items():
            cost = median(costs)
            memory = f"{cost.peak / 1e6:.0f} MB" if cost.peak else ""
            time_cells = f"{cost.seconds:.2f} s | {cost.seconds / base.seconds:.2f}"
            cpu_cells = f"{cost.cpu:.2f} s | {cost.cpu / base.cpu:.2f}"
            yield f"| {case.title} | {name} | {time_cells} | {cpu_cells} | {memory} |"


def median(costs: list[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def drawn(growth: Mapping[int, Case]) -> list[str]:
    """Plot the growth of time and memory, and return the lines that show the picture."""
    if importlib.util.find_spec("matplotlib") is None:
        print("no picture: it needs the extra 'plot'", file=sys.stderr)
        return []
    from matplotlib.figure import Figure  # noqa: PLC0415 - the extra may be missing

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    times, memory = figure.subplots(1, 2)
    for name in next(iter(growth.values())).ways:
        costs = [median(case.ways[name]) for case in growth.values()]
        times.loglog(list(growth), [cost.seconds for cost in costs], marker="o", label=name)
        memory.semilogx(list(growth), [cost.peak / 1e6 for cost in costs], marker="o", label=name)
    for axes, label in ((times, "seconds"), (memory, "most memory, MB")):
        axes.set(xlabel="changesets listed", ylabel=label)
        axes.legend()
    figure.savefig(PICTURE)
    return ["", f"![Growth of time and memory with the number of changesets listed]({PICTURE.name})"]


if __name__ == "__main__":
    main()
