"""HTTP server for an application, in a thread or in the foreground."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from itwin_imodels_hub.control.connections import abort_connection
from itwin_imodels_hub.serving.patience import Patience

_START_TIMEOUT = 10.0
_BACKLOG = 2048
_LARGEST_HEAD = 64 << 10
"""Number of bytes from which the head of a request may be rejected."""
SHUTDOWN_TIMEOUT: Final = 5
"""Seconds that running requests are given to finish when the server shuts down."""


class Server:
    """A server for one ASGI application.

    The socket is bound on creation, so that the URL is known and port conflicts are reported before the first request.
    The server sends no lifespan events: its owner must start and stop the other parts of the application.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of the caller
        self,
        app: ASGIApp,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        ending: Callable[[], None] = lambda: None,
        patience: Patience | None = None,
    ) -> None:
        """Bind the port.

        Args:
            app: The application to serve.
            host: Address or name of the interface.
            port: Port; 0 picks a free one.
            listener: A listening socket to use instead of host and port; see `listen`.
            ending: Called in the event loop when shutdown begins, to end requests that would otherwise not finish.
            patience: Time limits of connections; None means the defaults.

        Raises:
            OSError: The port is in use or the address does not belong to this machine.
        """
        self._socket = listen(host, port) if listener is None else listener
        self.host: str = host if listener is None else listener.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]
        self._started = threading.Event()
        config = uvicorn.Config(
            _ConnectionDropper(app),
            http=(patience or Patience()).protocol,  # type: ignore[arg-type] # called like a class
            h11_max_incomplete_event_size=_LARGEST_HEAD,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the application decides which proxies to trust
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )
        self._uvicorn = _AnnouncingServer(config, self._started.set, ending)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base URL of the server, without a trailing slash."""
        return url_of(self.host, self.port)

    def start(self) -> None:
        """Start serving in a thread and return when the server accepts requests.

        Raises:
            RuntimeError: The server did not start within 10 s; see its log.
        """
        self._thread = threading.Thread(target=self._run, name=f"hub on port {self.port}", daemon=True)
        self._thread.start()
        if not self._started.wait(_START_TIMEOUT) or not self._uvicorn.started:
            self.stop()
            raise RuntimeError("the hub did not start: see its log")

    def stop(self) -> None:
        """Finish running requests and stop the thread."""
        self.end_soon()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._socket.close()

    def end_soon(self) -> None:
        """Request shutdown; safe to call from any thread and from signal handlers."""
        self._uvicorn.should_exit = True

    def run(self, announce: Callable[[], None]) -> None:
        """Serve in the foreground until interrupted.

        Args:
            announce: Called once, when the server accepts requests.
        """
        self._uvicorn.announce = announce
        self._run()

    def _run(self) -> None:
        try:
            self._uvicorn.run(sockets=[self._socket])
        finally:
            self._started.set()


def listen(host: str, port: int) -> socket.socket:
    """Bind a port and listen on it.

    Args:
        host: Address or name of the interface.
        port: Port; 0 picks a free one.

    Raises:
        OSError: The port is in use or the address does not belong to this machine.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # asyncio sets TCP_NODELAY only if the protocol is explicit; otherwise each response waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen on port {port} of {host}: {error.strerror}") from error
    return listener


def url_of(host: str, port: int) -> str:
    """Return the base URL of a server, without a trailing slash."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _ConnectionDropper:
    """Closes the connections of requests that the server cancels because they exceed its shutdown timeout."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            await abort_connection(scope)


class _AnnouncingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)
