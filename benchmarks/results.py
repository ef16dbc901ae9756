"""Compare lists, pulls, pushes and start times with the vendor's TypeScript client, and write benchmarks/RESULTS.md.

Each run is a separate process. Rounds are interleaved, and the figure is the ratio of medians. Lists and uploads go to
a service in another process, which responds from memory; files come from nginx. The vendor's packages come from npm, as
listed in the lock file in tests/hub/node. With the extra `plot`, the growth of time and memory is plotted in
benchmarks/growth.svg. Run it on a machine that is otherwise idle.

python benchmarks/results.py             everything, takes about five minutes
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
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("generated", "facade", "hub")]
sys.path[:0] = [str(ROOT), *SOURCES]

from benchmarks.serving.clients import Outcome, by_us, by_vendor, run  # noqa: E402 - found by the path above
from benchmarks.serving.timelines import (  # noqa: E402 - as above
    LIMITED,
    Timeline,
    make_long_list,
    make_timeline,
    nginx,
    serving,
    write_content,
)
from tests.hub.npm import SOURCE  # noqa: E402 - as above

ROUNDS = 3
LENGTH = 20_000
DELAY = 0.05
SMALL, LARGE, SINGLE = (2_000, 20_000), (20, 50 << 20), (1, 200_000_000)
"""Number of the files to pull, and the size of each in bytes."""
PUSHED = (100_000_000, 500_000_000)
LISTED = (1_000, 10_000, 100_000)
PULLED = (100, 1_000, 10_000)
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
PICTURE = ROOT / "benchmarks" / "growth.svg"


class Cost(NamedTuple):
    """The cost of one run: seconds, seconds of processor time, and maximum bytes of memory."""

    seconds: float
    cpu: float
    peak: float


Measure = Callable[[], Cost]
Client = Callable[..., Outcome]
SLOW = f"{LIMITED // 1_000_000} MB/s per connection"


class Case(NamedTuple):
    """Several ways to do the same thing; the others are compared with the first one."""

    title: str
    ways: Mapping[str, list[Cost]]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if missing := [name for name in ("node", "npm", "nginx") if shutil.which(name) is None]:
        raise SystemExit(f"requires {' and '.join(missing)}")
    memory = Path("/dev/shm")  # noqa: S108 - a separate folder is created in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        cases = [each for part in (lists, pulls, pushes, starts) for each in part(folder, options.rounds)]
        listed = {length: measured(f"list {length:,}", list_ways(folder, length), 1) for length in LISTED}
        pulled = dict(growing_pulls(folder))
    text = [*heading(options.rounds), *table([*cases, *listed.values(), *pulled.values()])]
    text += drawn({"changesets listed": listed, "changesets pulled": pulled})
    options.output.write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))


def lists(folder: Path, rounds: int) -> Iterator[Case]:
    """Measure a long list, from a service that responds at once and from one that responds with a delay."""
    yield measured(f"list {LENGTH:,}", list_ways(folder, LENGTH), rounds)
    title = f"list {LENGTH:,}, each response {DELAY * 1000:.0f} ms late"
    yield measured(title, list_ways(folder, LENGTH, DELAY), rounds)


def list_ways(folder: Path, length: int, delay: float = 0.0) -> dict[str, Measure]:
    """Return measures of listing a timeline with both clients."""
    timeline = make_long_list(9, length)

    def listed(client: Client) -> Cost:
        with serving(folder, [timeline], delay=delay) as url, tempfile.TemporaryDirectory(dir=folder) as target:
            return cost_of(client, "list", url, timeline.imodel_id, target, length)

    return {"vendor": lambda: listed(by_vendor), "ours": lambda: listed(by_us)}


def pulls(folder: Path, rounds: int) -> Iterator[Case]:
    """Measure pulls of many small files, of large ones, and of one over slow connections."""
    small, large, single = (
        make_timeline(folder, number, *form) for number, form in enumerate((SMALL, LARGE, SINGLE), 1)
    )
    title = "pull {:,} of {:,} bytes"
    with nginx(folder) as files, serving(folder, [small, large], files=files) as url:
        yield measured(title.format(*SMALL), pull_ways(folder, url, small), rounds)
        yield measured(title.format(*LARGE), pull_ways(folder, url, large), rounds)
    with serving(folder, [small], delay=DELAY) as url:
        late = f"{title.format(*SMALL)}, each response {DELAY * 1000:.0f} ms late"
        yield measured(late, pull_ways(folder, url, small), rounds)
    with nginx(folder, limit=LIMITED) as files, serving(folder, [single], files=files) as url:
        yield measured(f"{title.format(*SINGLE)}, {SLOW}", pull_ways(folder, url, single), rounds)


def growing_pulls(folder: Path) -> Iterator[tuple[int, Case]]:
    """Measure pulls of more and more small files."""
    timelines = {length: make_timeline(folder, length, length, SMALL[1]) for length in PULLED}
    with nginx(folder) as files, serving(folder, list(timelines.values()), files=files) as url:
        for length, timeline in timelines.items():
            yield length, measured(f"pull {length:,} of {SMALL[1]:,} bytes", pull_ways(folder, url, timeline), 1)


def pull_ways(folder: Path, url: str, timeline: Timeline) -> dict[str, Measure]:
    """Return measures of pulling a timeline with both clients."""

    def pulled(client: Client, job: str) -> Cost:
        with tempfile.TemporaryDirectory(dir=folder) as target:
            return cost_of(client, job, url, timeline.imodel_id, target, len(timeline.ids))

    return {
        "vendor": lambda: pulled(by_vendor, "pull"),
        "ours": lambda: pulled(by_us, "pull"),
        "ours, by size": lambda: pulled(by_us, "pull-by-size"),
    }


def pushes(folder: Path, rounds: int) -> Iterator[Case]:
    """Measure pushes of large files, and of one over slow connections."""
    empty = make_timeline(folder, 7, 1, 1_000)
    with serving(folder, [empty]) as url:
        for size in PUSHED:
            yield measured(f"push {size:,} bytes", push_ways(folder, url, empty, size), rounds)
    with serving(folder, [empty], upload_rate=LIMITED) as url:
        yield measured(f"push {SINGLE[1]:,} bytes, {SLOW}", push_ways(folder, url, empty, SINGLE[1]), rounds)


def push_ways(folder: Path, url: str, timeline: Timeline, size: int) -> dict[str, Measure]:
    """Return measures of pushing a file with both clients, and of computing its id alone."""
    place = Path(tempfile.mkdtemp(dir=folder))
    changeset_id = write_content(place / "made.cs", size)
    file = (place / "made.cs").rename(place / f"{changeset_id}.cs")
    task = {"id": changeset_id, "parentId": "", "filePath": str(file)}
    (place / "push.json").write_text(json.dumps(task), encoding="utf-8")

    def pushed(client: Client, job: str) -> Cost:
        return cost_of(client, job, url, timeline.imodel_id, str(place), 1)

    return {
        "vendor": lambda: pushed(by_vendor, "push"),
        "ours": lambda: pushed(by_us, "push"),
        "the id alone": lambda: pushed(by_us, "id"),
    }


def cost_of(client: Client, *task: object) -> Cost:
    """Run a job in a separate process, check its result, and return what it cost."""
    job, url, imodel_id, folder, result = task
    outcome = client(job, url, "token", imodel_id, folder)
    if outcome.get("result") != result:
        raise SystemExit(f"{client.__name__} {job}: {outcome}")
    return Cost(outcome["seconds"], outcome["cpu"], outcome["peak"])


def starts(folder: Path, rounds: int) -> Iterator[Case]:
    """Measure the import, the first call of a process, and the start of the command line."""
    load = "from itwin_imodels import IModelsClient"
    yield measured("import", {"httpx": script("import httpx"), "ours": script(load)}, rounds)
    timeline = make_long_list(8, 3)
    with serving(folder, [timeline]) as url:
        bare = f"import httpx; httpx.get('{url}/{timeline.imodel_id}/changesets?$top=1').json()"
        listed = f"changesets.list('{timeline.imodel_id}', limit=1).all()"
        call = f"{load}; IModelsClient('token', base_url='{url}').{listed}"
        yield measured("first call of a process", {"httpx": script(bare), "ours": script(call)}, rounds)
        command = "from itwin_imodels.cli import main; main()"
        variables = {"IMODELS_BASE_URL": url, "IMODELS_TOKEN": "token"}
        ways = {
            "python -c pass": script("pass"),
            "imodels --version": script(command, "--version"),
            "imodels changeset list": script(command, "changeset", "list", timeline.imodel_id, **variables),
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


def measured(title: str, ways: Mapping[str, Measure], rounds: int) -> Case:
    """Run a case. The median of three rounds excludes the first one, in which modules are compiled."""
    print(title, file=sys.stderr, flush=True)
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, each in ways.items():
            found[name].append(each())
    return Case(title, found)


def heading(rounds: int) -> list[str]:
    """Return the heading with the date, the machine and the versions."""
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
        "Written by `python benchmarks/results.py`; do not edit. Seconds are from one machine; ratios say more.",
        "",
        f"- Date: {datetime.now(UTC):%Y-%m-%d}, medians of {rounds} interleaved rounds",
        f"- Machine: {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB",
        f"- Versions: {', '.join(used)}",
        "",
    ]


def table(cases: list[Case]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| case | way | time | ratio | processor time | ratio | maximum memory |"
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


def drawn(growth: Mapping[str, Mapping[int, Case]]) -> list[str]:
    """Draw how time and memory grow, and return the lines that show the picture."""
    if importlib.util.find_spec("matplotlib") is None:
        print("no picture: plotting requires the extra 'plot'", file=sys.stderr)
        return []
    from matplotlib.figure import Figure  # noqa: PLC0415 - the extra may be missing

    figure = Figure(figsize=(9, 3.5 * len(growth)), layout="constrained")
    for (subject, cases), (times, memory) in zip(growth.items(), figure.subplots(len(growth), 2), strict=True):
        for name in next(iter(cases.values())).ways:
            costs = [median(case.ways[name]) for case in cases.values()]
            times.loglog(list(cases), [cost.seconds for cost in costs], marker="o", label=name)
            memory.semilogx(list(cases), [cost.peak / 1e6 for cost in costs], marker="o", label=name)
        for axes, label in ((times, "seconds"), (memory, "maximum memory, MB")):
            axes.set(xlabel=subject, ylabel=label)
            axes.legend()
    figure.savefig(PICTURE)
    return ["", f"![Growth of time and memory with the number of changesets listed and pulled]({PICTURE.name})"]


if __name__ == "__main__":
    main()
