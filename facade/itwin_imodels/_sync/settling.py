# Made from facade/itwin_imodels/_aio/settling.py by 'make unasync'. Change that file, not this one.
"""Requests that must not be made twice: when no answer comes, look whether they were carried out."""

import time
from typing import TypeVar

from itwin_imodels._core.backoff import UNCLEAR_OUTCOME
from itwin_imodels._core.lost_answers import Find, TimeSpan, is_lost
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import Look, sleep
from itwin_imodels._operations import imodels as wire
from itwin_imodels._operations.call import Call
from itwin_imodels._sync.session import Session
from itwin_imodels.errors import ApiError, ConnectionFailed, IModelsError, ServerError

T = TypeVar("T")

_ATTEMPTS = 5


def settle(
    act: Look[T],
    look: Look[T | None],
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
            return act()
        except causes as error:
            found = look()
            if found is not None:
                return found
            if attempt == attempts or isinstance(error, unclear):
                raise
        sleep(UNCLEAR_OUTCOME.wait(attempt))
    raise AssertionError("unreachable")


def create(session: Session, imodel_id: str, call: Call[T], find: Find[T]) -> T:
    """Send a request that creates something in an iModel; if its answer is lost, return what it created.

    It is never sent again: if nothing is found, it may still be carried out later.

    Args:
        session: Sends the requests.
        imodel_id: The iModel.
        call: The request.
        find: Returns what the request may have created. Only a single entity counts; several could be those of others.

    Raises:
        ApiError: The service rejected the request, or failed and created nothing that could be found.
        ConnectionFailed: No answer came, and nothing was found. A note says how to find out later.
    """
    began = time.monotonic()
    try:
        return session.send(call)
    except (ApiError, ConnectionFailed) as error:
        found = created_since(session, imodel_id, began, find) if is_lost(error) else None
        if found is None:
            raise
        LOGGER.info("%s on %s: the answer was lost; the service had carried it out", call.name, call.entity)
        return found


def created_since(session: Session, imodel_id: str, began: float, find: Find[T]) -> T | None:
    """Return the single entity that was created since a moment, or None if there is none or nobody can tell.

    Args:
        session: Sends the requests.
        imodel_id: The iModel.
        began: The moment, by `time.monotonic`.
        find: Returns what was created in a time span.
    """
    try:
        date = session.send(wire.get_date(imodel_id))
        span = TimeSpan.until(date, time.monotonic() - began)
        found = [] if span is None else find(span)
    except IModelsError as error:
        LOGGER.info("looking for what was created in iModel %s failed: %s", imodel_id, type(error).__name__)
        return None
    return found[0] if len(found) == 1 else None
