"""Measure the cost of pulling and mirroring 2,000 changesets of 20 KB, against curl and plain downloads.

A server in a separate process responds from memory, with lists in the form of the service, so that it hides less of
the clients' cost than the hub. It shares the cores of the machine. Files are written to memory if the system has a
folder for that. Absolute times depend on the machine, so each figure is divided by that of plain parallel downloads of
the same links, without lists and verification. Rounds are interleaved; the figure is the median.
"""

import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "facade"), str(ROOT / "generated")]

from benchmarks.serving.timelines import Timeline, make_timeline, serving  # noqa: E402 - found by the path above
from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions  # noqa: E402 - as above
from itwin_imodels._transfer import DownloadItem, Transfers  # noqa: E402 - as above
from itwin_imodels.models import StorageLink  # noqa: E402 - as above

ROUNDS = 5
CHANGESETS = 2_000
FILE_BYTES = 20_000
PARALLEL = 16
OPTIONS = TransferOptions(parallelism=PARALLEL)

Measure = Callable[[Path], object]


@frozen
class Source:
    """The URL of the service, and the timeline that it serves."""

    base_url: str
    timeline: Timeline

    @property
    def links(self) -> dict[str, str]:
        """The link to each file, by changeset id."""
        files = self.base_url.removesuffix("imodels") + f"files/{self.timeline.imodel_id}"
        return {each: f"{files}/{each}.cs?sig=secret" for each in self.timeline.ids}


def main() -> None:
    """Measure and print the table."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        timeline = make_timeline(Path(name), 1, CHANGESETS, FILE_BYTES)
        with serving(Path(name), [timeline]) as base_url:
            report(measured(Path(name), Source(base_url, timeline)))


def report(figures: dict[str, list[float]]) -> None:
    """Print the table."""
    medians = {label: statistics.median(times) for label, times in figures.items()}
    bare = medians["bare downloads"]
    print(f"{CHANGESETS:,} files of {FILE_BYTES // 1000} KB, {PARALLEL} at a time; medians of {ROUNDS} rounds")
    for label, seconds in medians.items():
        print(f"{label:44}{seconds:7.3f} s{seconds / bare:7.2f} x bare downloads")


def measured(folder: Path, source: Source) -> dict[str, list[float]]:
    """Run all measurements, round by round."""
    figures: dict[str, list[float]] = {}
    for number in range(-1, ROUNDS):
        for label, measure, target in measures(source):
            place = folder / "out" / target
            begin = time.perf_counter()
            measure(place)
            if number >= 0:
                figures.setdefault(label, []).append(time.perf_counter() - begin)
            if len(list(place.glob("*.cs"))) != CHANGESETS:
                raise RuntimeError(f"{label}: files are missing")
        shutil.rmtree(folder / "out")
    return figures


def measures(source: Source) -> Iterator[tuple[str, Measure, str]]:
    """Return the measures of a round: label, action and folder; some continue in the folder of another one."""
    imodel_id = source.timeline.imodel_id
    if shutil.which("curl"):
        yield "curl", lambda place: by_curl(source, place), "curl"
    with IModelsClient("token", base_url=source.base_url, transfer=OPTIONS) as client:
        yield "bare downloads", lambda place: bare(source, place), "bare"
        for verify in ("size", "id"):
            pull = f"pull-{verify}"
            yield f"pull, verified by {verify}", partial(client.pull_changesets, imodel_id, verify=verify), pull
        yield "pull again, all files present", partial(client.pull_changesets, imodel_id), pull
        yield "pull by the asynchronous client, by id", lambda place: pull_async(source, place), "pull-async"
        yield "mirror", lambda place: mirror(client, imodel_id, place), "mirror"
        yield "mirror again, nothing new", lambda place: mirror(client, imodel_id, place), "mirror"


def by_curl(source: Source, place: Path) -> None:
    """Download everything with curl."""
    place.mkdir(parents=True)
    lines = [f'url = "{link}"\noutput = "{place / name}.cs"\n' for name, link in source.links.items()]
    command = ["curl", "-sS", "--parallel", "--parallel-max", str(PARALLEL), "--config", "-"]
    subprocess.run(command, input="".join(lines), text=True, check=True, capture_output=True)


def bare(source: Source, place: Path) -> None:
    """Download everything with the transfer engine alone."""
    place.mkdir(parents=True)
    links = {name: StorageLink(href=link, storage_type="azure") for name, link in source.links.items()}
    with Transfers(OPTIONS) as transfers:
        transfers.download_many(DownloadItem(target=place / f"{name}.cs", link=link) for name, link in links.items())


def pull_async(source: Source, place: Path) -> None:
    """Pull with the asynchronous client."""

    async def pull() -> None:
        async with AsyncIModelsClient("token", base_url=source.base_url, transfer=OPTIONS) as client:
            await client.pull_changesets(source.timeline.imodel_id, place)

    asyncio.run(pull())


def mirror(client: IModelsClient, imodel_id: str, place: Path) -> None:
    """Mirror the timeline."""
    client.mirror_timeline(imodel_id, place)


if __name__ == "__main__":
    main()
