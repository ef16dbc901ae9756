"""Measure the cost of pulling and mirroring 2,000 changesets of 20 KB, against curl and plain downloads.

A server in a separate process responds from memory, with lists in the form of the service, so that it hides less of
the clients' cost than the hub. It shares the cores of the machine. Files are written to memory if the system has a
folder for that. Absolute times depend on the machine, so each figure is divided by that of plain parallel downloads of
the same links, without lists and verification. Rounds are interleaved; the figure is the median.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "facade"), str(ROOT / "generated")]

from imodel_files.changesets import compute_changeset_id, write_changeset  # noqa: E402 - found by the path above
from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions  # noqa: E402 - as above
from itwin_imodels._transfer import DownloadItem, Transfers  # noqa: E402 - as above
from itwin_imodels.models import StorageLink  # noqa: E402 - as above

ROUNDS = 7
CHANGESETS = 2_000
FILE_BYTES = 20_000
PARALLEL = 16
OPTIONS = TransferOptions(parallelism=PARALLEL)
IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
SESSION = b"T\x02\x01\x00t\x00\x12\x00\x01" + bytes(7) + b"\x01\x04"

Measure = Callable[[Path], object]


def main() -> None:
    """Measure and print the table."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name, server(Path(name)) as told:
        report(measured(Path(name), told))


def report(figures: dict[str, list[float]]) -> None:
    """Print the table."""
    medians = {label: statistics.median(times) for label, times in figures.items()}
    bare = medians["bare downloads"]
    print(f"{CHANGESETS:,} files of {FILE_BYTES // 1000} KB, {PARALLEL} at a time; medians of {ROUNDS} rounds")
    for label, seconds in medians.items():
        print(f"{label:44}{seconds:7.3f} s{seconds / bare:7.2f} x bare downloads")


def measured(folder: Path, told: dict[str, Any]) -> dict[str, list[float]]:
    """Run all measurements, round by round."""
    figures: dict[str, list[float]] = {}
    for number in range(-1, ROUNDS):
        for label, measure, target in measures(told):
            place = folder / "out" / target
            begin = time.perf_counter()
            measure(place)
            if number >= 0:
                figures.setdefault(label, []).append(time.perf_counter() - begin)
            if len(list(place.glob("*.cs"))) != CHANGESETS:
                raise RuntimeError(f"{label}: not all files are there")
        shutil.rmtree(folder / "out")
    return figures


def measures(told: dict[str, Any]) -> Iterator[tuple[str, Measure, str]]:
    """Return the measures of a round: label, action and folder; some continue in the folder of another one."""
    if shutil.which("curl"):
        yield "curl", lambda place: by_curl(told, place), "curl"
    with IModelsClient("token", base_url=told["base_url"], transfer=OPTIONS) as client:
        yield "bare downloads", lambda place: bare(told, place), "bare"
        for verify in ("size", "id"):
            pull = f"pull-{verify}"
            yield f"pull, verified by {verify}", partial(client.pull_changesets, IMODEL, verify=verify), pull
        yield "the same again, all there", partial(client.pull_changesets, IMODEL), pull
        yield "pull by the asynchronous client, by id", lambda place: pull_async(told, place), "pull-async"
        yield "mirror", lambda place: mirror(client, place), "mirror"
        yield "the same again, nothing new", lambda place: mirror(client, place), "mirror"


def by_curl(told: dict[str, Any], place: Path) -> None:
    """Download everything with curl."""
    place.mkdir(parents=True)
    lines = [f'url = "{link}"\noutput = "{place / name}.cs"\n' for name, link in told["links"].items()]
    command = ["curl", "-sS", "--parallel", "--parallel-max", str(PARALLEL), "--config", "-"]
    subprocess.run(command, input="".join(lines), text=True, check=True, capture_output=True)


def bare(told: dict[str, Any], place: Path) -> None:
    """Download everything with the transfer engine alone."""
    place.mkdir(parents=True)
    links = {name: StorageLink(href=link, storage_type="azure") for name, link in told["links"].items()}
    with Transfers(OPTIONS) as transfers:
        transfers.download_many(DownloadItem(target=place / f"{name}.cs", link=link) for name, link in links.items())


def pull_async(told: dict[str, Any], place: Path) -> None:
    """Pull with the asynchronous client."""

    async def pull() -> None:
        async with AsyncIModelsClient("token", base_url=told["base_url"], transfer=OPTIONS) as client:
            await client.pull_changesets(IMODEL, place)

    asyncio.run(pull())


def mirror(client: IModelsClient, place: Path) -> None:
    """Mirror the timeline."""
    client.mirror_timeline(IMODEL, place)


@contextmanager
def server(folder: Path) -> Iterator[dict[str, Any]]:
    """Run the server in another process for the duration of the block, and yield its description of itself."""
    command = [sys.executable, __file__, "serve", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes to the server")
        yield json.loads(process.stdout.readline())
        process.stdin.close()


class Timeline:
    """Changesets with the same content, whose ids differ because of their parents."""

    def __init__(self, folder: Path) -> None:
        """Create the timeline."""
        path = folder / "content.cs"
        body = os.urandom(FILE_BYTES - 100)
        length = bytes([0x80 | len(body) >> 14, 0x80 | len(body) >> 7 & 0x7F, len(body) & 0x7F])
        self.ids = [write_changeset(path, SESSION + length + body, parent_id="")]
        while len(self.ids) < CHANGESETS:
            self.ids.append(compute_changeset_id(path, self.ids[-1]))
        self.content = path.read_bytes()
        definition = json.loads((ROOT / "tests/contract/data/hand-kept.openapi.json").read_text(encoding="utf-8"))
        answer = definition["paths"]["/{id}/changesets"]["get"]["responses"]["200"]
        value = answer["content"]["application/json"]["examples"]["representation"]["value"]
        self._example = value["changesets"][0]

    def page(self, origin: str, query: dict[str, list[str]]) -> bytes:
        """Respond to a request for changesets."""
        top, skip = int(query.get("$top", ["100"])[0]), int(query.get("$skip", ["0"])[0])
        after = int(query.get("afterIndex", ["0"])[0])
        last = min(int(query.get("lastIndex", [str(CHANGESETS)])[0]), CHANGESETS)
        indexes = list(range(after + 1, last + 1))
        if "desc" in query.get("$orderBy", [""])[0]:
            indexes.reverse()
        shown = indexes[skip : skip + top]
        more = {name: values[0] for name, values in query.items()} | {"$skip": str(skip + top)}
        path = "&".join(f"{name}={value}" for name, value in more.items())
        link = {"href": f"{origin}/imodels/{IMODEL}/changesets?{path}".replace(" ", "%20")}
        links = {"self": link, "prev": None, "next": link if skip + top < len(indexes) else None}
        return json.dumps({"changesets": [self._full(origin, index) for index in shown], "_links": links}).encode()

    def _full(self, origin: str, index: int) -> dict[str, Any]:
        link = {"href": f"{origin}/storage/{self.ids[index - 1]}.cs?sig=secret", "storageType": "azure"}
        parent_id = self.ids[index - 2] if index > 1 else ""
        facts = {"id": self.ids[index - 1], "parentId": parent_id, "index": index, "fileSize": len(self.content)}
        return {**self._example, **facts, "_links": {**self._example["_links"], "download": link}}


class Protocol(asyncio.Protocol):
    """The required part of HTTP: GET without a body, on persistent connections."""

    def __init__(self, timeline: Timeline) -> None:
        """Serve a timeline."""
        self._timeline = timeline
        self._received = b""
        head = f'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: {len(timeline.content)}\r\n\r\n'
        self._file = head.encode() + timeline.content

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start without data."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to all complete requests."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self._answer(head.decode()))  # type: ignore[attr-defined] # it is a stream protocol

    def _answer(self, head: str) -> bytes:
        target = head.split(" ", 2)[1]
        if target.startswith("/storage/"):
            return self._file
        host = next(line for line in head.splitlines() if line.lower().startswith("host:"))
        origin = f"http://{host.partition(':')[2].strip()}"
        body = self._timeline.page(origin, parse_qs(urlsplit(target).query))
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )


async def serve(folder: Path) -> None:
    """Serve until standard input is closed."""
    timeline, loop = Timeline(folder), asyncio.get_running_loop()
    running = await loop.create_server(lambda: Protocol(timeline), "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    links = {each: f"{origin}/storage/{each}.cs?sig=secret" for each in timeline.ids}
    print(json.dumps({"base_url": f"{origin}/imodels", "links": links}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(Path(sys.argv[2])))
    else:
        main()
