"""Settings for all tests."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings

from tests.depth import THOROUGH

# On a busy machine, the duration of an example means nothing.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Every client of httpx and every process loads the authorities that it trusts. The hundred public ones take 50 ms, and
# no test talks to a public server; those that install packages use `public_authorities`.
_PUBLIC_AUTHORITIES = os.environ.get("SSL_CERT_FILE")
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("authority.pem"))


_IN_EITHER_COLOUR = tuple(Path(__file__).parent / name for name in ("azure", "facade", "workflows"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that only `make test-thorough` runs, unless a file is named.

    These are further examples of what a faster test covers (tests marked `thorough`; with `keep`, all but the first
    cases of a test), and scenarios on the second of the two clients: the synchronous code is generated from the
    asynchronous, and `tests/behaviour` runs on both.
    """
    if THOROUGH or any(".py" in each for each in config.args):
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    cases: Counter[str] = Counter()
    for item in items:
        function = item.nodeid.partition("[")[0]
        marker = item.get_closest_marker("thorough")
        is_further = marker is not None and cases[function] >= marker.kwargs.get("keep", 0)
        if is_further or _is_of_the_other_colour(item):
            left_out.append(item)
        else:
            kept.append(item)
            cases[function] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _is_of_the_other_colour(item: pytest.Item) -> bool:
    if not any(item.path.is_relative_to(folder) for folder in _IN_EITHER_COLOUR):
        return False
    colour = getattr(getattr(item, "callspec", None), "params", {}).get("colour")
    if colour not in {"sync", "async"}:
        return False
    scenario = item.nodeid.replace("async", "sync")
    return bool(colour != ("sync", "async")[crc32(scenario.encode()) % 2])


@pytest.fixture(scope="module")
def public_authorities() -> Iterator[None]:
    """Trust the same public servers as outside the tests, also in child processes."""
    with pytest.MonkeyPatch.context() as patch:
        if _PUBLIC_AUTHORITIES is None:
            patch.delenv("SSL_CERT_FILE")
        else:
            patch.setenv("SSL_CERT_FILE", _PUBLIC_AUTHORITIES)
        yield


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Run an event loop in a separate thread."""
    with start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Print the names of failed tests last, one per line, because often only the end of a long log is kept."""
    yield
    for outcome in ("failed", "error"):
        for report in terminalreporter.getreports(outcome):
            terminalreporter.write_line(f"{outcome}: {report.nodeid}")
