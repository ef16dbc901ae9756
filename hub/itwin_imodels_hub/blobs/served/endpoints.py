"""Responses to requests, including those rejected before their body was read."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.blobs.served.refusals import Refusal

MAX_DRAINED: Final = 256 << 20
"""Maximum number of bytes read from the body of a rejected request before the connection is closed."""

_log = logging.getLogger(__name__)


async def respond(
    request: Request, act: Callable[[Request], Awaitable[Response]], error: Callable[[Refusal], Response]
) -> Response:
    """Respond to a request.

    A client that is still sending when its request is rejected may ignore the response, or wait forever to send the
    rest. Therefore the rest of the body is read first, or the connection is closed after the response.

    Args:
        request: The request.
        act: Returns the response, or raises `Refusal`.
        error: Converts a refusal to a response.

    Returns:
        The response.
    """
    body = _WatchedBody(request)
    try:
        return await act(Request(request.scope, body))
    except Refusal as refusal:
        response = error(refusal)
    except ClientDisconnect:
        return Response(status_code=400)  # the client has disconnected
    except OSError as problem:
        response = error(_failure(problem))
    if not await body.drain():
        response.headers["connection"] = "close"
    return response


def _failure(problem: OSError) -> Refusal:
    if is_disk_full(problem):
        _log.error("The blob storage disk is full")
        return Refusal(503, "ServerBusy", "The disk of the hub is full. Nothing was changed.", {"Retry-After": "5"})
    _log.error("Access to the blob folder failed", exc_info=problem)
    return Refusal(500, "InternalError", "The storage could not read or write its files.")


class _WatchedBody:
    """The body of a request; records whether it has been read in part or in full."""

    def __init__(self, request: Request) -> None:
        headers = request.headers
        self._receive = request.receive
        self._begun = False
        self._ended = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        self._awaits_continue = headers.get("expect", "").lower() == "100-continue"

    async def __call__(self) -> Message:
        message = await self._receive()
        self._begun = True
        self._ended = not message.get("more_body", False)
        return message

    async def drain(self) -> bool:
        """Read the rest of the body unless the client awaits 100-continue; return False if the rest is not read."""
        if self._awaits_continue and not self._begun:
            return False
        taken = 0
        while not self._ended and taken <= MAX_DRAINED:
            taken += len((await self()).get("body", b""))
        return self._ended
