"""How fast the hub is: pushes, lock updates, pages of a long list, and a file up and down.

The hub runs in a process of its own, as with `imodels hub serve`: data on disk, durable commits. One client calls it on
one connection. Times of one machine mean little, so each figure is compared with one that the machine gives without a
hub: requests to a bare Starlette endpoint in another process, and `shutil.copyfile` of the same file. Rounds are
interleaved; the median counts.
"""

import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "hub"))

from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel  # noqa: E402 - found by the path above
from itwin_imodels_hub.server import Server  # noqa: E402

ROUNDS = 5
SECONDS = 60
"""After which no further round begins."""
BARE_REQUESTS = 500
PUSHES = 30
LOCKS = 100_000
LOCK_UPDATES = 50
PAGES = 10
PAGE = 1000
FILE_BYTES = 128 << 20
PIECE = 1 << 20
MEGABYTE = 1_000_000

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
            while len(rounds) < ROUNDS and time.perf_counter() - begin < SECONDS:
                rounds.append({name: bench.run(measure) for name, measure in bench.measures().items()})
    report({name: statistics.median(each[name] for each in rounds) for name in rounds[0]}, len(rounds))


def report(figures: dict[str, float], rounds: int) -> None:
    """Print the table."""
    bare, copy = figures["bare"], figures["copy"]
    print(f"{'':36}per second   compared; medians of {rounds} rounds")
    print(f"{'requests to a bare endpoint':36}{bare:10.0f}")
    for name, label in (
        ("pushes", "pushes of 2 KB, 3 requests each"),
        ("locks", f"lock updates, {LOCKS:,} held"),
        ("pages", f"pages of {PAGE} minimal changesets"),
    ):
        print(f"{label:36}{figures[name]:10.1f}   each the time of {bare / figures[name]:.1f} bare requests")
    print(f"{f'copying {FILE_BYTES >> 20} MiB, MB':36}{copy:10.0f}")
    for name, label in (("up", "uploading them, MB"), ("down", "downloading them, MB")):
        print(f"{label:36}{figures[name]:10.0f}   {copy / figures[name]:.1f} times the time of copying")


class Caller:
    """A client on one connection."""

    def __init__(self, url: str, token: str = "") -> None:
        """Call what is at an address."""
        self._connection = HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call an operation and give its answer."""
        content = None if body is None else json.dumps(body)
        answer: dict[str, Any] = json.loads(self._answer(method, path, content, self._headers).read())
        return answer

    def put(self, link: str, content: Iterable[bytes], size: int) -> None:
        """Upload a file."""
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Length": str(size)}
        self._answer("PUT", link, content, headers).read()

    def get(self, link: str) -> int:
        """Download a file to nowhere and give its size."""
        answer = self._answer("GET", link, None, {})
        buffer = bytearray(PIECE)
        return sum(iter(lambda: answer.readinto(buffer), 0))

    def _answer(self, method: str, path: str, content: Content, headers: dict[str, str]) -> HTTPResponse:
        parts = urlsplit(path)
        self._connection.request(method, f"{parts.path}?{parts.query}", content, headers)
        answer = self._connection.getresponse()
        if answer.status >= 300:  # noqa: PLR2004 - the first status that is no success
            raise RuntimeError(f"{method} {parts.path}: {answer.status} {answer.read().decode()}")
        return answer


class Bench:
    """The measures; each gives what is done per second."""

    def __init__(self, folder: Path, hub: Caller, bare: Caller, ids: dict[str, str]) -> None:
        """Measure a hub against a bare endpoint, having acquired many locks."""
        self._file, self._copied = folder / "large", folder / "copy"
        self._hub, self._bare, self._itwin = hub, bare, ids["itwin"]
        self._imodel, self._history = f"/imodels/{ids['imodel']}", f"/imodels/{ids['history']}"
        self._briefcase = hub.json("POST", f"{self._imodel}/briefcases", {})["briefcase"]["briefcaseId"]
        self._parent = ""
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
        """Give the measures in the order of a round."""
        return {
            "bare": lambda: rate(BARE_REQUESTS, lambda: self._bare.json("GET", "/")),
            "pushes": lambda: rate(PUSHES, self._push),
            "locks": lambda: rate(LOCK_UPDATES, self._update_locks),
            "pages": lambda: rate(PAGES, self._read_page),
            "copy": lambda: megabytes(lambda: shutil.copyfile(self._file, self._copied)),
            "up": self._upload,
            "down": self._download,
        }

    def _push(self) -> None:
        self._done += 1
        content = f"changeset {self._done}".encode().ljust(2048)
        changeset_id = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        body = {"id": changeset_id, "parentId": self._parent, "briefcaseId": self._briefcase, "fileSize": len(content)}
        answer = self._hub.json("POST", f"{self._imodel}/changesets", body)
        self._hub.put(answer["changeset"]["_links"]["upload"]["href"], [content], len(content))
        body = {"state": "fileUploaded", "briefcaseId": self._briefcase}
        self._hub.json("PATCH", f"{self._imodel}/changesets/{changeset_id}", body)
        self._parent = changeset_id

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


def rate(times: int, action: Callable[[], object]) -> float:
    """How often an action can be done per second."""
    begin = time.perf_counter()
    for _ in range(times):
        action()
    return times / (time.perf_counter() - begin)


def megabytes(transfer: Callable[[], object]) -> float:
    """Megabytes per second of one transfer of the large file."""
    return FILE_BYTES / MEGABYTE * rate(1, transfer)


def pieces(path: Path) -> Iterator[bytes]:
    """Read a file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


@contextmanager
def server(role: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run a server in another process for as long as the block lasts, and give what it says of itself."""
    command = [sys.executable, __file__, role, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes to the server")
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def serve_hub(folder: Path) -> None:
    """Serve a hub with an empty iModel and one with a long history, until the standard input ends."""
    changesets = []
    for number in range(PAGE):
        file = folder / f"{number:040x}"
        file.write_bytes(b"changes")
        changesets.append(SeedChangeset(id=file.name, file=file))
    with LocalHub(folder / "hub") as hub:
        imodel = hub.control.create_imodel(SeedIModel(name="Empty"))
        seed = SeedIModel(name="Long history", baseline=folder / "large", changesets=changesets)
        history = hub.control.create_imodel(seed)
        about = {"url": hub.url, "token": hub.token(), "itwin": hub.itwin_id, "imodel": imodel, "history": history}
        print(json.dumps(about), flush=True)
        sys.stdin.read()


def serve_bare(_: Path) -> None:
    """Serve an endpoint that does nothing, the way the hub is served, until the standard input ends."""

    async def endpoint(_: Request) -> Response:
        return JSONResponse({"answer": 42})

    running = Server(Starlette(routes=[Route("/", endpoint)]))
    running.start()
    print(json.dumps({"url": running.url}), flush=True)
    sys.stdin.read()
    running.stop()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"hub": serve_hub, "bare": serve_bare}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
