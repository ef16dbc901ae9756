"""Waiting, in both colours, and the switch that makes tests not wait."""

import asyncio
import random
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


def wait_within(left: float, attempt: int, *, first: float, longest: float, asked: float | None = None) -> float | None:
    """Say how long to wait before the next try, so that the last one is made at the deadline.

    Args:
        left: Seconds until the deadline.
        attempt: How often it was tried, from 1.
        first: Upper bound of the first wait, in seconds; it doubles with each further one.
        longest: Upper bound of every wait, in seconds.
        asked: Seconds for which the service asks to wait.

    Returns:
        Seconds; None if the deadline is reached, or is by then.
    """
    if left <= 0 or (asked is not None and asked > left):
        return None
    if asked is not None:
        return asked
    bound = min(longest, first * 2.0 ** min(attempt - 1, 30))
    return min(left, random.uniform(bound / 2, bound))  # noqa: S311 - keeps clients apart


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
