"""Measure the cost of the facade: long lists of changesets, sequential and parallel, and its import.

Absolute times depend on the machine, so each figure is a ratio, measured in one run. A list is compared with
`json.loads` of the same pages, next to the classes of the generated client and httpx alone; eight parallel requests
with sequential ones, on a service that responds with a delay; the import and the first call of a process with those of
httpx. Rounds are interleaved; the figure is the median. All results are kept in memory until the end, as in `.all()`.
"""

import importlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[1]
PATHS = [str(ROOT / name) for name in ("generated", "facade")]
sys.path[:0] = PATHS

from itwin_imodels import IModelsClient  # noqa: E402 - found by the path above

ROUNDS = 5
PAGE = 1000
LENGTHS = (20_000, 40_000)
DELAY = 0.05
"""Delay of the slow service, in seconds."""
DELAYED = 20
"""Number of pages of the list of the slow service."""
IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
IMODEL_ENTITY: dict[str, object] = {
    "id": IMODEL,
    "displayName": "Bridge",
    "name": "Bridge",
    "description": None,
    "state": "initialized",
    "createdDateTime": "2020-10-21T06:35:30.7000000Z",
    "iTwinId": "b8ef8ecb-d8c8-4ba2-9fb4-5ffc4fdc8d6b",
    "isSecured": False,
    "creatorId": None,
    "_links": {},
}


def main() -> None:
    """Measure and print the table."""
    for length in LENGTHS:
        report_list(length)
    report_concurrency()
    report_imports()
    report_first_call()


def report_list(length: int) -> None:
    """Print the cost of reading a list in several ways."""
    with service(length) as url, IModelsClient("token", base_url=url) as client, httpx.Client() as plain:
        texts = pages(plain, url)
        parse = importlib.import_module("itwin_imodels_api.models").ChangesetsRepresentation.from_dict
        measures: dict[str, Callable[[], object]] = {
            "json.loads": lambda: [json.loads(text) for text in texts],
            "httpx alone": lambda: pages(plain, url),
            "facade's reading alone": lambda: read(texts),
            "facade, whole list": lambda: client.changesets.list(IMODEL).all(),
            "facade, minimal": lambda: client.changesets.list(IMODEL, detail="minimal").all(),
            "json.loads and generated classes": lambda: [parse(json.loads(text)) for text in texts],
        }
        times = medians(*measures.values())
    print(f"{length:,} changesets in full form, {len(texts)} pages:")
    for name, each in zip(measures, times, strict=True):
        print(f"  {name:34}{each / times[0]:6.2f} x json.loads")


def report_concurrency() -> None:
    """Print the speedup of a list with parallel requests."""
    with service(DELAYED * PAGE, DELAY) as url, IModelsClient("token", base_url=url) as client:
        one, eight = medians(
            lambda: client.changesets.list(IMODEL).all(), lambda: client.changesets.list(IMODEL, concurrency=8).all()
        )
    print(f"{DELAYED} pages, each after {DELAY * 1000:.0f} ms: concurrency 8 is {one / eight:.2f} x as fast as 1")


def report_imports() -> None:
    """Print the time of imports."""
    statements = ["import httpx", "import itwin_imodels", "from itwin_imodels import IModelsClient"]
    calls = [*statements, f"{statements[-1]}; import itwin_imodels_api.models"]
    times = medians_of(*(partial(import_seconds, statement) for statement in calls))
    for statement, each in zip(calls[1:], times[1:], strict=True):
        print(f"{statement:72}{each / times[0]:6.2f} x import httpx")


def report_first_call() -> None:
    """Print the time of the first call of a new process including imports, relative to httpx alone."""
    with service(1) as url:
        bare = f"import httpx; httpx.get('{url}/{IMODEL}/changesets?$top=1').json()"
        ours = (
            f"from itwin_imodels import IModelsClient; client = IModelsClient('token', base_url='{url}'); "
            f"client.changesets.list('{IMODEL}', limit=1).all()"
        )
        httpx_alone, facade = medians_of(partial(import_seconds, bare), partial(import_seconds, ours))
    print(f"first call of a process: {facade / httpx_alone:.2f} x that of httpx alone ({httpx_alone * 1000:.0f} ms)")


def read(texts: list[bytes]) -> object:
    """Create models from pages, without requests."""
    wire = importlib.import_module("itwin_imodels._operations.changesets")
    answer = importlib.import_module("itwin_imodels._operations.call").ServiceResponse
    call = wire.list_changesets(IMODEL, after_index=None, last_index=None, order_by=None, detail="full", top=PAGE)
    return [call.result(answer(status=200, headers={}, content=text)) for text in texts]


def pages(client: httpx.Client, url: str) -> list[bytes]:
    """Request all pages with httpx alone."""
    found: list[bytes] = []
    link: str | None = f"{url}/{IMODEL}/changesets?$top={PAGE}&afterIndex=0"
    while link:
        answer = client.get(link, headers={"Prefer": "return=representation"})
        found.append(answer.content)
        link = answer.headers.get("x-next")
    return found


def import_seconds(statement: str) -> float:
    """Return the seconds that a statement takes in a new interpreter, without the start of the interpreter."""
    code = f"import sys, time; sys.path[:0] = {PATHS!r}; begin = time.perf_counter(); {statement}"
    command = [sys.executable, "-c", f"{code}; print(time.perf_counter() - begin)"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def medians(*actions: Callable[[], object]) -> list[float]:
    """Return the median time of each action over interleaved rounds."""
    return medians_of(*(partial(seconds, action) for action in actions))


def medians_of(*measures: Callable[[], float]) -> list[float]:
    """Return the median of each measure over interleaved rounds."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def seconds(action: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def items(form: str) -> dict[str, object]:
    """Return the definition's example of a changeset in a form."""
    definition = json.loads((ROOT / "tests/contract/data/hand-kept.openapi.json").read_text(encoding="utf-8"))
    answer = definition["paths"]["/{id}/changesets"]["get"]["responses"]["200"]
    example = answer["content"]["application/json"]["examples"][form]["value"]
    found: dict[str, object] = example["changesets"][0]
    return found


@contextmanager
def service(length: int, delay: float = 0.0) -> Iterator[str]:
    """Serve a list of changesets from memory, and yield the base URL of the API."""
    made: dict[tuple[str, int, int, int], bytes] = {}
    forms = {"return=representation": items("representation"), "return=minimal": items("minimal")}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Respond with a page."""
            parts = urlsplit(self.path)
            if not parts.path.endswith("/changesets"):
                self._send(json.dumps({"iModel": IMODEL_ENTITY}).encode())
                return
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            last = min(length, int(query.get("lastIndex", length)))
            start, top = int(query.get("afterIndex", 0)), int(query.get("$top", PAGE))
            indexes = range(start + 1, min(start + top, last) + 1)
            if "desc" in query.get("$orderBy", ""):
                indexes = range(last, max(last - top, 0), -1)
            form = self.headers.get("Prefer", "return=minimal")
            base = f"http://{self.headers['Host']}/imodels"
            follows = (
                f"{base}/{IMODEL}/changesets?$top={top}&afterIndex={start + top}"
                if indexes[-1:] and ("desc" not in query.get("$orderBy", "") and indexes[-1] < last)
                else None
            )
            key = (form, start, last, len(indexes))
            if key not in made:
                links = {"next": {"href": follows}} if follows else {"next": None}
                entries = [{**forms[form], "id": f"{index:040x}", "index": index} for index in indexes]
                made[key] = json.dumps({"changesets": entries, "_links": links}).encode()
            time.sleep(delay)
            self._send(made[key], **({"x-next": follows} if follows else {}))

        def _send(self, content: bytes, **headers: str) -> None:
            self.send_response(200)
            for name, value in {"Content-Type": "application/json", "Content-Length": len(content), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/imodels"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
