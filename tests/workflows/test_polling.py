"""Waiting for the service: at growing intervals, until the deadline and not beyond."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels._aio import polling as awaited
from itwin_imodels._core import waiting
from itwin_imodels._sync import polling as blocking
from itwin_imodels.errors import WaitTimeout

Wait = Callable[..., Any]


@pytest.fixture
def wait(colour: str, portal: BlockingPortal) -> Wait:
    """Return the function of a client with a sequence of responses; the last one repeats."""

    def wait(*states: str, timeout: float) -> tuple[str, int]:
        told = list(states)
        looks = 0

        def look() -> str:
            nonlocal looks
            looks += 1
            return told.pop(0) if len(told) > 1 else told[0]

        async def looked() -> str:
            return look()

        def is_done(state: str) -> bool:
            return state == "done"

        async def waited() -> str:
            return await awaited.wait_until(looked, is_done, timeout=timeout, what="the bread")

        found = (
            portal.call(waited)
            if colour == "async"
            else blocking.wait_until(look, is_done, timeout=timeout, what="the bread")
        )
        return found, looks

    return wait


def test_it_looks_until_it_is_done(wait: Wait) -> None:
    """There are waits between the requests."""
    assert wait("dough", "in the oven", "done", timeout=30) == ("done", 3)


def test_it_looks_once_without_time(wait: Wait) -> None:
    """That may be enough."""
    assert wait("done", timeout=0) == ("done", 1)
    with pytest.raises(WaitTimeout, match="the bread did not complete within 0 s; the last state was 'dough'"):
        wait("dough", "done", timeout=0)


def test_it_waits_to_the_deadline_and_not_beyond(wait: Wait) -> None:
    """However long the next wait would have been."""
    begin = time.monotonic()
    with pytest.raises(WaitTimeout, match=r"within 1\.5 s"):
        wait("dough", timeout=1.5)
    assert 1.5 <= time.monotonic() - begin < 20


def test_waits_that_are_cut_short_count(wait: Wait) -> None:
    """Tests of deadlines therefore end."""
    begin = time.monotonic()
    with waiting.instantly(), pytest.raises(WaitTimeout, match="within 600 s"):
        wait("dough", timeout=600)
    assert time.monotonic() - begin < 60


def test_waits_that_are_cut_short_leave_time_for_the_work(colour: str, portal: BlockingPortal) -> None:
    """A local hub works in the same process while it is polled."""
    done_at = time.monotonic() + 1.5

    def is_done(_: None) -> bool:
        return time.monotonic() >= done_at

    async def looked() -> None:
        return None

    with waiting.instantly():
        if colour == "async":
            portal.call(partial(awaited.wait_until, looked, is_done, timeout=600, what="the bread"))
        else:
            blocking.wait_until(lambda: None, is_done, timeout=600, what="the bread")


@pytest.mark.parametrize("timeout", [-1, float("nan"), True])
def test_the_time_is_checked(wait: Wait, timeout: float) -> None:
    """Before the first look."""
    with pytest.raises(ValueError, match="number of seconds, 0 or greater"):
        wait("done", timeout=timeout)
