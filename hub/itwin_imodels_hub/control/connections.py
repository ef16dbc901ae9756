"""The connections of a server, so that one can be closed in the middle of a request."""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Address = tuple[str, int | None] | tuple[str, int] | None

_transports: dict[tuple[_Address, _Address], asyncio.Transport] = {}
_servers: set[_Address] = set()


class TrackedProtocol(H11Protocol):
    """Uvicorn's protocol, which remembers the transport of each open connection by both of its ends.

    It writes no access log, whoever listens to it: addresses hold signatures and what clients sign people in with.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Remember a connection."""
        self.access_log = False
        super().connection_made(transport)
        _servers.add(self.server)
        _transports[self.server, self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        _transports.pop((self.server, self.client), None)
        super().connection_lost(exc)


async def close_connection(scope: Scope, receive: Receive) -> None:
    """Close the connection that a request came over, if its client has not; what was sent before still arrives.

    Raises:
        RuntimeError: The server does not run with `TrackedProtocol`.
    """
    transport = _transports.get((scope["server"], scope["client"]))
    if transport is not None:
        transport.close()
    elif scope["server"] not in _servers:
        raise RuntimeError("only a server that runs with TrackedProtocol can close connections")
    while (await receive())["type"] != "http.disconnect":
        pass


async def abort_connection(scope: Scope) -> None:
    """Drop the connection that a request came over, if it is still there, with what waits to be sent."""
    transport = _transports.get((scope["server"], scope["client"]))
    if transport is not None:
        transport.abort()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)  # the server hears of it
