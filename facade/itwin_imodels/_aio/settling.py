"""Requests that must not simply be repeated: after a lost response, check whether the service carried them out."""

import time
from typing import TypeVar

from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._core.backoff import UNCLEAR_OUTCOME
from itwin_imodels._core.lost_answers import AsyncFind, TimeSpan, is_lost
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import AsyncLook, async_sleep
from itwin_imodels._operations import imodels as wire
from itwin_imodels._operations.call import Call
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
    """Send a request, and send it again only if it was demonstrably not carried out.

    Args:
        act: Sends the request.
        look: Returns the intended result if the request was carried out, or None if it was not.
        attempts: Maximum number of attempts.
        unclear: Errors that can also mean that an earlier attempt was carried out. They are never retried.

    Returns:
        The response to the request, or the result found by `look`.

    Raises:
        ConnectionFailed: The last attempt received no response and was not carried out.
        ServerError: The service failed at the last attempt and did not carry it out.
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


async def create(session: AsyncSession, imodel_id: str, call: Call[T], find: AsyncFind[T]) -> T:
    """Create an entity in an iModel; if the response is lost, find and return the entity.

    The request is never sent again: if no entity is found, the service may still create it later.

    Args:
        session: Sends the requests.
        imodel_id: Id of the iModel.
        call: The request.
        find: Returns entities that the request may have created. The result is used only if there is exactly one:
            several could include those of other callers.

    Raises:
        ApiError: The service rejected the request, or failed without creating an entity that could be found.
        ConnectionFailed: No response was received, and no new entity was found. A note explains how to check later.
    """
    began = time.monotonic()
    try:
        return await session.send(call)
    except (ApiError, ConnectionFailed) as error:
        found = await created_since(session, imodel_id, began, find) if is_lost(error) else None
        if found is None:
            raise
        LOGGER.info("%s on %s: the response was lost, but the service carried out the request", call.name, call.entity)
        return found


async def created_since(session: AsyncSession, imodel_id: str, began: float, find: AsyncFind[T]) -> T | None:
    """Return the only entity created since a point in time; None if there is not exactly one, or the check fails.

    Args:
        session: Sends the requests.
        imodel_id: Id of the iModel.
        began: The point in time, as returned by `time.monotonic()`.
        find: Returns the entities created in a time span.
    """
    try:
        date = await session.send(wire.get_date(imodel_id))
        span = TimeSpan.until(date, time.monotonic() - began)
        entities = [] if span is None else await find(span)
    except IModelsError as error:
        LOGGER.info("cannot check what was created in iModel %s: %s", imodel_id, type(error).__name__)
        return None
    return entities[0] if len(entities) == 1 else None
