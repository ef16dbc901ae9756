"""Waiting, synchronous and asynchronous, and a switch for tests that skips all waits."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from itwin_imodels._core.cancelling import sleep_until_cancelled

T = TypeVar("T")

AsyncLook = Callable[[], Awaitable[T]]
Look = Callable[[], T]
"""A function that requests the state of an entity."""

SHORTEST_POLL: Final = 0.05
"""Seconds between two polls inside `instantly`, so that a local hub can finish its work before all polls are made."""

_instant = 0


def sleep(seconds: float, least: float = 0.0) -> None:
    """Sleep; inside `instantly`, at most `least` seconds. Raises `Cancelled` if the calls of a block are cancelled."""
    length = wait_length(seconds, least)
    if not sleep_until_cancelled(length):
        time.sleep(length)


async def async_sleep(seconds: float, least: float = 0.0) -> None:
    """Sleep without blocking the event loop; inside `instantly`, at most `least` seconds."""
    import asyncio  # noqa: PLC0415 - not needed by the synchronous client

    await asyncio.sleep(wait_length(seconds, least))


@contextmanager
def instantly() -> Iterator[None]:
    """Skip all waits of this process for the duration of a block, or shorten them to `least`."""
    global _instant  # noqa: PLW0603 - a process-wide switch, for tests
    _instant += 1
    try:
        yield
    finally:
        _instant -= 1


def wait_length(seconds: float, least: float) -> float:
    """Return how many seconds to sleep instead of the given ones: at most `least` inside `instantly`."""
    return max(0.0, min(seconds, least) if _instant else seconds)
