"""The HTTP connections of a client, separate for each forked process and each event loop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import attrs

from itwin_imodels._core.forks import abandon, on_fork
from itwin_imodels.errors import ClientClosed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator

    import httpx

    from itwin_imodels._core.network import Network

_CONNECTIONS: Final = 64
_IDLE: Final = 4.0
"""Seconds that an idle connection is kept. Many servers close it after 5 s; a request sent just then would be lost."""
_CLOSED: Final = "the client is closed: create a new one"


class HttpClients:
    """The connections of a synchronous client, opened on first use. Safe to use from any thread."""

    def __init__(self, transport: httpx.BaseTransport | None, network: Network) -> None:
        """Store the settings; connections are opened on first use.

        Args:
            transport: The caller's transport, which cannot be replaced in a forked child.
            network: How to connect without such a transport.
        """
        self._transport = transport
        self._network = network
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._closed = False
        on_fork(self, HttpClients._renew)

    def current(self) -> httpx.Client:
        """Return the client of this process.

        Raises:
            ClientClosed: The client is closed.
            ConfigurationError: An environment variable names an invalid proxy or invalid certificates.
        """
        with self._lock:
            if self._closed:
                raise ClientClosed(_CLOSED)
            if self._client is None:
                self._client = _client(self._transport, self._network)
            return self._client

    def close(self) -> None:
        """Close the connections of this process."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        if self._transport is None:
            self._client = None


@attrs.frozen(eq=False)
class _Held:
    """The connections of one event loop.

    Attributes:
        client: The HTTP client.
        end: Generator whose finalization closes the client. `asyncio.run` finalizes it before closing the loop.
    """

    client: httpx.AsyncClient
    end: AsyncGenerator[None]


class AsyncHttpClients:
    """The connections of an asynchronous client, separate for each event loop.

    They are opened on first use, and closed with the client or at the end of `asyncio.run`, whichever comes first.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None, network: Network) -> None:
        """Store the settings; connections are opened on first use.

        Args:
            transport: The caller's transport, which serves all loops and cannot be replaced in a forked child.
            network: How to connect without such a transport.
        """
        self._transport = transport
        self._network = network
        self._lock = threading.Lock()
        self._shared: httpx.AsyncClient | None = None
        self._held: WeakKeyDictionary[asyncio.AbstractEventLoop, _Held] = WeakKeyDictionary()
        self._closed = False
        on_fork(self, AsyncHttpClients._renew)

    async def current(self) -> httpx.AsyncClient:
        """Return the client of the running event loop.

        Raises:
            ClientClosed: The client is closed.
            ConfigurationError: An environment variable names an invalid proxy or invalid certificates.
        """
        if self._transport is not None:
            return self._of_transport()
        import asyncio  # noqa: PLC0415 - not needed by the synchronous client

        loop = asyncio.get_running_loop()
        with self._lock:
            if self._closed:
                raise ClientClosed(_CLOSED)
            held = self._held.get(loop)
            if held is not None and not held.client.is_closed:
                return held.client
            client = _async_client(None, self._network)
            held = self._held[loop] = _Held(client, _closing(client))
            self._forget_closed_loops()
        await anext(held.end)
        return client

    async def aclose(self) -> None:
        """Close the connections. Other running loops close their own connections shortly after."""
        import asyncio  # noqa: PLC0415 - not needed by the synchronous client

        with self._lock:
            self._closed = True
            others = dict(self._held)
            self._held.clear()
            shared, self._shared = self._shared, None
        if shared is not None:
            await shared.aclose()
        own = others.pop(asyncio.get_running_loop(), None)
        if own is not None:
            await own.end.aclose()
        for loop, held in others.items():
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(_end(held), loop)

    def _of_transport(self) -> httpx.AsyncClient:
        with self._lock:
            if self._closed:
                raise ClientClosed(_CLOSED)
            if self._shared is None:
                self._shared = _async_client(self._transport, self._network)
            return self._shared

    def _forget_closed_loops(self) -> None:
        for loop in [each for each in self._held if each.is_closed()]:
            del self._held[loop]

    def _renew(self) -> None:
        self._lock = threading.Lock()
        abandon(self._held)  # it belongs to event loops of the parent
        self._held = WeakKeyDictionary()


def _client(transport: httpx.BaseTransport | None, network: Network) -> httpx.Client:
    import httpx  # noqa: PLC0415 - slow to import, and not needed before the first request

    from itwin_imodels._core.http_environment import environment_errors  # noqa: PLC0415 - as above

    options = _options(transport, network)
    with environment_errors():
        return httpx.Client(**options)


def _async_client(transport: httpx.AsyncBaseTransport | None, network: Network) -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415 - as above

    from itwin_imodels._core.http_environment import environment_errors  # noqa: PLC0415 - as above

    options = _options(transport, network)
    with environment_errors():
        return httpx.AsyncClient(**options)


def _options(transport: object, network: Network) -> dict[str, Any]:
    """Return the options of an httpx client; a transport connects in its own way."""
    import httpx  # noqa: PLC0415 - as above

    from itwin_imodels._core.http_environment import empty_cookie_jar  # noqa: PLC0415 - as above

    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS, keepalive_expiry=_IDLE)
    way = network.httpx_options() if transport is None else {"transport": transport, "trust_env": network.trust_env}
    return {"limits": limits, "cookies": empty_cookie_jar(), **way}


async def _closing(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    """Close a client on finalization: event loops finalize the asynchronous generators started in them."""
    try:
        yield
    finally:
        await client.aclose()


async def _end(held: _Held) -> None:
    await held.end.aclose()
