"""Waiting until the service has done something."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_result

from itwin_imodels._core.backoff import POLLING
from itwin_imodels._core.checks import seconds
from itwin_imodels._core.waiting import AsyncLook, async_sleep
from itwin_imodels.errors import WaitTimeout

T = TypeVar("T")


async def wait_until(look: AsyncLook[T], done: Callable[[T], bool], *, timeout: float, what: str) -> T:
    """Look again and again, ever less often, until something is done.

    Args:
        look: Asks the service.
        done: Tells whether what it says is the end.
        timeout: Seconds after which the last look is taken; 0 looks once.
        what: What is waited for, for the error's text.

    Returns:
        What the service said last.

    Raises:
        WaitTimeout: The deadline was reached.
    """
    limit = seconds("timeout", timeout)
    retrying = AsyncRetrying(
        retry=retry_if_result(lambda found: not done(found)),
        wait=lambda state: min(POLLING.wait(state.attempt_number), max(0.0, limit - _elapsed(state))),
        stop=lambda state: _elapsed(state) >= limit,
        sleep=async_sleep,
    )
    try:
        return await retrying(look)
    except RetryError as error:
        state = error.last_attempt.result()
        raise WaitTimeout(f"{what} was not done within {timeout:g} seconds; it is {state!r} now") from None


def _elapsed(state: RetryCallState) -> float:
    """Seconds since the first look; waits that tests cut short count as if they had taken place."""
    return max(state.seconds_since_start or 0.0, state.idle_for)
