"""Requests that must not be made twice: when no answer comes, look whether they were carried out."""

from typing import TypeVar

from itwin_imodels._core.backoff import UNCLEAR_OUTCOME
from itwin_imodels._core.waiting import AsyncLook, async_sleep
from itwin_imodels.errors import ApiError, ConnectionFailed, IModelsError, ServerError

T = TypeVar("T")

_ATTEMPTS = 5


async def settle(
    act: AsyncLook[T],
    look: AsyncLook[T | None],
    *,
    attempts: int = _ATTEMPTS,
    unclear: tuple[type[ApiError], ...] = (),
) -> T:
    """Send a request until it is known to have been carried out.

    Args:
        act: Sends the request.
        look: Returns what the request was to achieve, or None if it was not carried out.
        attempts: How often it is sent at most.
        unclear: Errors that can also mean that an earlier attempt was carried out; they are never sent again.

    Raises:
        ConnectionFailed: No answer came to the last attempt, and it was not carried out.
        ServerError: The service failed at the last attempt, and did not carry it out.
    """
    causes: tuple[type[IModelsError], ...] = (ConnectionFailed, ServerError, *unclear)
    for attempt in range(1, attempts + 1):
        try:
            return await act()
        except causes as error:
            found = await look()
            if found is not None:
                return found
            if attempt == attempts or isinstance(error, unclear):
                raise
        await async_sleep(UNCLEAR_OUTCOME.wait(attempt))
    raise AssertionError("unreachable")
