"""Registry of open server connections, used to close one in the middle of a request."""

import asyncio
from contextlib import suppress

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Address = tuple[str, int | None] | tuple[str, int] | None

_transports: dict[tuple[_Address, _Address], asyncio.Transport] = {}
_servers: set[_Address] = set()


class TrackedProtocol(H11Protocol):
    """The uvicorn protocol class, extended to register the transport of each open connection.

    It disables the access log: URLs contain signatures and sign-in parameters.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Register the connection."""
        self.access_log = False
        super().connection_made(transport)
        _servers.add(self.server)
        _transports[self.server, self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection."""
        _transports.pop((self.server, self.client), None)
        super().connection_lost(exc)


async def close_connection(scope: Scope, receive: Receive) -> None:
    """Close the connection of a request unless the client has already closed it; data already sent still arrives.

    Raises:
        RuntimeError: The server does not use `TrackedProtocol`.
    """
    transport = _transports.get((scope["server"], scope["client"]))
    if transport is not None:
        transport.close()
    elif scope["server"] not in _servers:
        raise RuntimeError("cannot close the connection: the server does not use TrackedProtocol")
    while (await receive())["type"] != "http.disconnect":
        pass


async def abort_connection(scope: Scope) -> None:
    """Abort the connection of a request if it is still open, and discard unsent data."""
    transport = _transports.get((scope["server"], scope["client"]))
    if transport is not None:
        transport.abort()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)  # let the server notice the disconnection
