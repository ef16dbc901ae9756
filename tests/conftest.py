"""What holds for all tests."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings

# On a machine that does other things too, time says nothing about an example.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own."""
    with start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """End with the names of what failed, a line each: of a long log, the last lines are often all that is kept."""
    yield
    for outcome in ("failed", "error"):
        for report in terminalreporter.getreports(outcome):
            terminalreporter.write_line(f"{outcome}: {report.nodeid}")
