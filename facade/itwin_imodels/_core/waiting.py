"""Waiting, synchronous and asynchronous, and a switch for tests that skips all waits."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from itwin_imodels._core.cancelling import sleep_until_cancelled

T = TypeVar("T")

AsyncLook = Callable[[], Awaitable[T]]
Look = Callable[[], T]
"""A function that requests the state of an entity."""

_instant = 0


def sleep(seconds: float) -> None:
    """Sleep, or return at once inside `instantly`. Raises `Cancelled` when the calls of a block are cancelled."""
    if not sleep_until_cancelled(_length(seconds)):
        time.sleep(_length(seconds))


async def async_sleep(seconds: float) -> None:
    """Sleep without blocking the event loop, or return at once inside `instantly`."""
    import asyncio  # noqa: PLC0415 - not needed by the synchronous client

    await asyncio.sleep(_length(seconds))


@contextmanager
def instantly() -> Iterator[None]:
    """Skip all waits of this process for the duration of a block."""
    global _instant  # noqa: PLW0603 - a process-wide switch, for tests
    _instant += 1
    try:
        yield
    finally:
        _instant -= 1


def _length(seconds: float) -> float:
    return 0.0 if _instant else max(0.0, seconds)
