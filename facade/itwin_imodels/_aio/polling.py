"""Poll the service until an operation is done."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_result

from itwin_imodels._core.backoff import POLLING
from itwin_imodels._core.checks import seconds
from itwin_imodels._core.waiting import SHORTEST_POLL, AsyncLook, async_sleep
from itwin_imodels.errors import WaitTimeout

T = TypeVar("T")


async def wait_until(
    look: AsyncLook[T],
    done: Callable[[T], bool],
    *,
    timeout: float,
    what: str,
    name: Callable[[T], str] = str,
) -> T:
    """Poll at growing intervals until an operation is done.

    Args:
        look: Requests the state from the service.
        done: Checks whether a state is final.
        timeout: Seconds after which the state is requested for the last time; 0 requests it once.
        what: Name of the operation, for error messages.
        name: Returns the name of a state, for error messages.

    Returns:
        The final state.

    Raises:
        WaitTimeout: The operation was not done in time.
    """
    limit = seconds("timeout", timeout)
    retrying = AsyncRetrying(
        retry=retry_if_result(lambda result: not done(result)),
        wait=lambda state: min(POLLING.wait(state.attempt_number), max(0.0, limit - _elapsed(state))),
        stop=lambda state: _elapsed(state) >= limit,
        sleep=partial(async_sleep, least=SHORTEST_POLL),
    )
    try:
        return await retrying(look)
    except RetryError as error:
        state = name(error.last_attempt.result())
        raise WaitTimeout(f"{what} did not complete within {timeout:g} s; the last state was {state!r}") from None


def _elapsed(state: RetryCallState) -> float:
    """Return the seconds since the first poll. Planned waits count in full, even if tests skip them."""
    return max(state.seconds_since_start or 0.0, state.idle_for)
