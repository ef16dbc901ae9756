"""Settings for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings

# On a machine that does other things too, time says nothing about an example.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


_IN_EITHER_COLOUR = tuple(Path(__file__).parent / name for name in ("azure", "workflows"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a scenario of a workflow on one of the two clients, half of the scenarios on each.

    The synchronous code is generated from the asynchronous, and `tests/behaviour`, `tests/facade` and `tests/faults`
    run on both clients. To run all scenarios on both, set `IMODELS_TEST_COLOURS=both` or name a file.
    """
    if os.environ.get("IMODELS_TEST_COLOURS") == "both" or any(".py" in each for each in config.args):
        return
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (left_out if _is_of_the_other_colour(item) else kept).append(item)
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


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Run an event loop in a separate thread."""
    with start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """End with the names of what failed, a line each: of a long log, the last lines are often all that is kept."""
    yield
    for outcome in ("failed", "error"):
        for report in terminalreporter.getreports(outcome):
            terminalreporter.write_line(f"{outcome}: {report.nodeid}")
