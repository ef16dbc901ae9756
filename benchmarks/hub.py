"""Measure the speed of the hub: pushes, lock updates, pages of a long list, uploads and downloads of a file.

The hub runs in a separate process, like `imodels hub serve`, with data on disk and durable commits. One client calls it
on one connection. Absolute times depend on the machine, so each figure is compared with one that the machine reaches
without a hub: requests to a bare Starlette endpoint in another process, and `shutil.copyfile` of the same file. Rounds
are interleaved; the figure is the median.

The second table measures several parallel clients: on SQLite, and on PostgreSQL with 1, 2 and 4 processes. Each client
pushes to its own iModel, changes the locks of its own briefcase in a shared iModel, and reads pages of one long list.
The PostgreSQL server is started by the benchmark on the same machine, with durable commits.
"""

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "facade"), str(ROOT / "hub")]

from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel  # noqa: E402 - found by the path above
from itwin_imodels_hub.serving.http_server import Server  # noqa: E402
from tests.parts import find_command  # noqa: E402
from tests.postgres import shared_cluster  # noqa: E402

ROUNDS = 5
SECONDS = 30
"""Seconds after which no further round starts."""
BARE_REQUESTS = 500
PUSHES = 30
LOCKS = 100_000
LOCK_UPDATES = 50
PAGES = 10
PAGE = 1000
FILE_BYTES = 128 << 20
PIECE = 1 << 20
MEGABYTE = 1_000_000
CLIENTS = 8
CLIENTS_SECONDS = 2.0
"""Duration of each measure of several clients, in seconds."""
WORKERS = (1, 2, 4)

Content = str | Iterable[bytes] | None


def main() -> None:
    """Measure and print the table."""
    begin = time.perf_counter()
    rounds: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "large").write_bytes(hashlib.sha256(b"large").digest() * (FILE_BYTES // 32))
        with server("hub", folder) as hub, server("bare", folder) as bare:
            bench = Bench(folder, Caller(hub["url"], hub["token"]), Caller(bare["url"]), hub)
            while not rounds or (len(rounds) < ROUNDS and time.perf_counter() - begin < SECONDS):
                rounds.append({name: bench.run(measure) for name, measure in bench.measures().items()})
    report_one({name: statistics.median(each[name] for each in rounds) for name in rounds[0]}, len(rounds))
    report_several(dict(measure_several()))


def report_one(figures: dict[str, float], rounds: int) -> None:
    """Print the table."""
    bare, copy = figures["bare"], figures["copy"]
    print(f"{'':36}per second   compared; medians of {rounds} rounds")
    print(f"{'requests to a bare endpoint':36}{bare:10.0f}")
    for name, label in (
        ("pushes", "pushes of 2 KB, 3 requests each"),
        ("locks", f"lock updates, {LOCKS:,} held"),
        ("pages", f"pages of {PAGE} minimal changesets"),
    ):
        print(f"{label:36}{figures[name]:10.1f}   each as long as {bare / figures[name]:.1f} bare requests")
    print(f"{f'copying {FILE_BYTES >> 20} MiB, MB':36}{copy:10.0f}")
    for name, label in (("up", "uploading the same, MB"), ("down", "downloading the same, MB")):
        print(f"{label:36}{figures[name]:10.0f}   {copy / figures[name]:.1f} times as long as copying")


def report_several(figures: dict[str, dict[str, float]]) -> None:
    """Print the table for several clients."""
    print(f"\n{CLIENTS} clients at once, {os.cpu_count()} processors; per second")
    print(f"{'':36}{'pushes':>10}{'lock updates':>14}{'pages':>8}")
    for label, rates in figures.items():
        print(f"{label:36}{rates['pushes']:10.1f}{rates['locks']:14.1f}{rates['pages']:8.1f}")
    if len(figures) == 1:
        print("PostgreSQL is not installed here")


def measure_several() -> Iterator[tuple[str, dict[str, float]]]:
    """Measure several clients on each database with each number of processes."""
    with tempfile.TemporaryDirectory() as folder, server("hub", Path(folder)) as about:
        yield "SQLite, 1 process", measure_clients(about)
    if find_command("initdb") is None:
        return
    with tempfile.TemporaryDirectory() as common, shared_cluster(Path(common), durable=True) as cluster:
        for workers in WORKERS:
            with tempfile.TemporaryDirectory() as folder, cluster.database() as database:
                with server("hub", Path(folder), database, str(workers)) as about:
                    figures = measure_clients(about)
                yield f"PostgreSQL, {workers} process{'es' if workers > 1 else ''}", figures


def measure_clients(about: dict[str, str]) -> dict[str, float]:
    """Run each measure with several parallel clients, and return their total rate per second."""
    clients = [Client(number, about) for number in range(CLIENTS)]
    measures = {"pushes": Client.push, "locks": Client.update_locks, "pages": Client.read_page}
    figures = {}
    for name, measure in measures.items():
        for client in clients:
            client.close()
        figures[name] = together([partial(measure, client) for client in clients])
    return figures


def together(actions: list[Callable[[], object]]) -> float:
    """Return the total rate per second of actions that threads repeat in parallel."""
    done = [0] * len(actions)
    begin = time.perf_counter()

    def work(place: int) -> None:
        while time.perf_counter() - begin < CLIENTS_SECONDS:
            actions[place]()
            done[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - begin)


class Caller:
    """A client with one connection."""

    def __init__(self, url: str, token: str = "") -> None:
        """Prepare requests to the server at a URL."""
        self._connection = HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call an operation, and return its response."""
        content = None if body is None else json.dumps(body)
        answer: dict[str, Any] = json.loads(self._answer(method, path, content, self._headers).read())
        return answer

    def put(self, link: str, content: Iterable[bytes], size: int) -> None:
        """Upload a file."""
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Length": str(size)}
        self._answer("PUT", link, content, headers).read()

    def get(self, link: str) -> int:
        """Download a file, discard it, and return its size."""
        answer = self._answer("GET", link, None, {})
        buffer = bytearray(PIECE)
        return sum(iter(lambda: answer.readinto(buffer), 0))

    def _answer(self, method: str, path: str, content: Content, headers: dict[str, str]) -> HTTPResponse:
        parts = urlsplit(path)
        self._connection.request(method, f"{parts.path}?{parts.query}", content, headers)
        answer = self._connection.getresponse()
        if answer.status >= 300:  # noqa: PLR2004 - the first status that is not a success
            raise RuntimeError(f"{method} {parts.path}: {answer.status} {answer.read().decode()}")
        return answer


class Bench:
    """The measurements; each returns a rate per second."""

    def __init__(self, folder: Path, hub: Caller, bare: Caller, ids: dict[str, str]) -> None:
        """Measure a hub against a bare endpoint, after acquiring many locks."""
        self._file, self._copied = folder / "large", folder / "copy"
        self._hub, self._bare, self._itwin = hub, bare, ids["itwin"]
        self._imodel, self._history = f"/imodels/{ids['imodel']}", f"/imodels/{ids['history']}"
        self._briefcase = hub.json("POST", f"{self._imodel}/briefcases", {})["briefcase"]["briefcaseId"]
        self._pusher = Pusher(hub, ids["imodel"], "alone")
        self._done = 0
        self._held = True
        for start in range(0, LOCKS, PAGE):
            self._lock("exclusive", [hex(start + number) for number in range(1, PAGE + 1)])
        hub.close()

    def run(self, measure: Callable[[], float]) -> float:
        """Measure on new connections, since servers close those that have been idle."""
        try:
            return measure()
        finally:
            self._hub.close()
            self._bare.close()

    def measures(self) -> dict[str, Callable[[], float]]:
        """Return the measures in the order of a round."""
        return {
            "bare": lambda: rate(BARE_REQUESTS, lambda: self._bare.json("GET", "/")),
            "pushes": lambda: rate(PUSHES, self._pusher.push),
            "locks": lambda: rate(LOCK_UPDATES, self._update_locks),
            "pages": lambda: rate(PAGES, self._read_page),
            "copy": lambda: megabytes(lambda: shutil.copyfile(self._file, self._copied)),
            "up": self._upload,
            "down": self._download,
        }

    def _update_locks(self) -> None:
        """Release a lock, or acquire it again."""
        self._lock("none" if self._held else "exclusive", ["0x1"])
        self._held = not self._held

    def _lock(self, level: str, object_ids: list[str]) -> None:
        objects = [{"lockLevel": level, "objectIds": object_ids}]
        self._hub.json("PATCH", f"{self._imodel}/locks", {"briefcaseId": self._briefcase, "lockedObjects": objects})

    def _read_page(self) -> None:
        page = self._hub.json("GET", f"{self._history}/changesets?$top={PAGE}")
        if len(page["changesets"]) != PAGE:
            raise RuntimeError("the page is not full")

    def _upload(self) -> float:
        self._done += 1
        body = {"iTwinId": self._itwin, "name": str(self._done), "baselineFile": {"size": FILE_BYTES}}
        created = self._hub.json("POST", "/imodels/", body)["iModel"]
        link = created["_links"]["upload"]["href"]
        return megabytes(lambda: self._hub.put(link, pieces(self._file), FILE_BYTES))

    def _download(self) -> float:
        link = self._hub.json("GET", f"{self._history}/baselinefile")["baselineFile"]["_links"]["download"]["href"]
        return megabytes(lambda: self._hub.get(link))


class Client:
    """One of several clients. It pushes to its own iModel, and locks and reads in shared ones."""

    def __init__(self, number: int, about: dict[str, str]) -> None:
        """Acquire a briefcase and locks."""
        self._hub = Caller(about["url"], about["token"])
        body = {"iTwinId": about["itwin"], "name": f"Of client {number}"}
        self._own = Pusher(self._hub, self._hub.json("POST", "/imodels/", body)["iModel"]["id"], f"client {number}")
        self._shared, self._history = f"/imodels/{about['imodel']}", f"/imodels/{about['history']}"
        self._briefcase = self._hub.json("POST", f"{self._shared}/briefcases", {})["briefcase"]["briefcaseId"]
        self._object, self._held = hex(number + 1), False

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._hub.close()

    def push(self) -> None:
        """Push a changeset."""
        self._own.push()

    def update_locks(self) -> None:
        """Acquire a lock, or release it again."""
        objects = [{"lockLevel": "none" if self._held else "exclusive", "objectIds": [self._object]}]
        self._hub.json("PATCH", f"{self._shared}/locks", {"briefcaseId": self._briefcase, "lockedObjects": objects})
        self._held = not self._held

    def read_page(self) -> None:
        """Read a page."""
        self._hub.json("GET", f"{self._history}/changesets?$top={PAGE}")


class Pusher:
    """Pushes consecutive changesets of 2 KB to an iModel."""

    def __init__(self, hub: Caller, imodel: str, name: str) -> None:
        """Acquire a briefcase; `name` makes the changesets differ from those of other clients."""
        self._hub, self._imodel, self._name = hub, f"/imodels/{imodel}", name
        self._briefcase = hub.json("POST", f"{self._imodel}/briefcases", {})["briefcase"]["briefcaseId"]
        self._parent, self._done = "", 0

    def push(self) -> None:
        """Push a changeset."""
        self._done += 1
        content = f"{self._name}: changeset {self._done}".encode().ljust(2048)
        changeset_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        body = {"id": changeset_id, "parentId": self._parent, "briefcaseId": self._briefcase, "fileSize": len(content)}
        answer = self._hub.json("POST", f"{self._imodel}/changesets", body)
        self._hub.put(answer["changeset"]["_links"]["upload"]["href"], [content], len(content))
        body = {"state": "fileUploaded", "briefcaseId": self._briefcase}
        self._hub.json("PATCH", f"{self._imodel}/changesets/{changeset_id}", body)
        self._parent = changeset_id


def rate(times: int, action: Callable[[], object]) -> float:
    """Return how often an action can be repeated per second."""
    begin = time.perf_counter()
    for _ in range(times):
        action()
    return times / (time.perf_counter() - begin)


def megabytes(transfer: Callable[[], object]) -> float:
    """Return the rate of one transfer of the large file in megabytes per second."""
    return FILE_BYTES / MEGABYTE * rate(1, transfer)


def pieces(path: Path) -> Iterator[bytes]:
    """Read a file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def server(role: str, folder: Path, *more: str) -> Iterator[dict[str, str]]:
    """Run a server in another process for the duration of the block, and yield the description that it prints."""
    command = [sys.executable, __file__, role, str(folder), *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes to the server")
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def serve_hub(folder: Path, database: str | None = None, workers: str = "1") -> None:
    """Serve a hub with an empty iModel and one with a long history, until standard input is closed."""
    baseline = folder / "large"
    changesets = []
    for number in range(PAGE):
        file = folder / f"{number:040x}"
        file.write_bytes(b"changes")
        changesets.append(SeedChangeset(id=file.name, file=file))
    with LocalHub(folder / "hub", database=database, workers=int(workers)) as hub:
        imodel = hub.control.create_imodel(SeedIModel(name="Empty"))
        seed = SeedIModel(name="Long history", baseline=baseline if baseline.exists() else None, changesets=changesets)
        history = hub.control.create_imodel(seed)
        about = {"url": hub.url, "token": hub.token(), "itwin": hub.itwin_id, "imodel": imodel, "history": history}
        print(json.dumps(about), flush=True)
        sys.stdin.read()


def serve_bare(_: Path) -> None:
    """Serve an endpoint that does nothing, in the same way as the hub, until standard input is closed."""

    async def endpoint(_: Request) -> Response:
        return JSONResponse({"answer": 42})

    running = Server(Starlette(routes=[Route("/", endpoint)]))
    running.start()
    print(json.dumps({"url": running.url}), flush=True)
    sys.stdin.read()
    running.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"hub": serve_hub, "bare": serve_bare}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
    else:
        main()
