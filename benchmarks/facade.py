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
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PATHS = [str(ROOT / name) for name in ("generated", "facade")]
sys.path[:0] = [str(ROOT), *PATHS]

from benchmarks.serving.timelines import make_long_list, serving  # noqa: E402 - found by the path above
from itwin_imodels import IModelsClient  # noqa: E402 - as above

ROUNDS = 5
PAGE = 1000
LENGTHS = (5_000, 10_000)
DELAY = 0.05
"""Delay of the slow service, in seconds."""
DELAYED = 20
"""Number of pages of the list of the slow service."""
IMODEL = make_long_list(1, 0).imodel_id


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
        texts = pages(plain, url, length)
        parse = importlib.import_module("itwin_imodels_api.models").ChangesetsRepresentation.from_dict
        measures: dict[str, Callable[[], object]] = {
            "json.loads": lambda: [json.loads(text) for text in texts],
            "httpx alone": lambda: pages(plain, url, length),
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


def pages(client: httpx.Client, url: str, length: int) -> list[bytes]:
    """Request all pages with httpx alone."""
    address = f"{url}/{IMODEL}/changesets?$top={PAGE}&afterIndex="
    headers = {"Prefer": "return=representation"}
    return [client.get(f"{address}{after}", headers=headers).content for after in range(0, length, PAGE)]


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


@contextmanager
def service(length: int, delay: float = 0.0) -> Iterator[str]:
    """Serve a list of changesets from another process; yield the URL of the API."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name), [make_long_list(1, length)], delay=delay) as url:
        yield url


if __name__ == "__main__":
    main()
