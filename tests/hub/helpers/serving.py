"""Serving ASGI applications on a free port of the loopback address."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


class Switch:
    """An application that leaves every request to the one that is set at the time."""

    def __init__(self) -> None:
        """Begin with none."""
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp, *, lifespan: bool = True) -> Iterator[str]:
    """Serve an application for as long as the block lasts, and give its address."""
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
