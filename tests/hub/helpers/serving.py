"""Serving ASGI applications on a free port of the loopback address."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


class Switch:
    """An application that forwards every request to the current application."""

    def __init__(self) -> None:
        """Start without an application."""
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp, *, lifespan: bool = True) -> Iterator[str]:
    """Serve an application for the duration of the block, and yield its URL."""
    mode: Literal["on", "off"] = "on" if lifespan else "off"
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan=mode, proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="test-server")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
