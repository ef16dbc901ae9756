"""Waiting, in both colours, and the switch that makes tests not wait."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

AsyncLook = Callable[[], Awaitable[T]]
Look = Callable[[], T]
"""Asks for the state of something."""

_instant = 0


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(_length(seconds))


async def async_sleep(seconds: float) -> None:
    """Wait while other tasks go on."""
    await asyncio.sleep(_length(seconds))


@contextmanager
def instantly() -> Iterator[None]:
    """Make every wait of this process end at once, as long as it lasts."""
    global _instant  # noqa: PLW0603 - a switch of the whole process, for tests
    _instant += 1
    try:
        yield
    finally:
        _instant -= 1


def _length(seconds: float) -> float:
    return 0.0 if _instant else max(0.0, seconds)
