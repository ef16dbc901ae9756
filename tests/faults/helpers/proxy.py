"""A proxy that passes requests on to a hub, and lets chosen ones go wrong on the way."""

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen

_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_LARGE_PAGE, _SMALL_PAGE = "%24top=1000", "%24top=2"
"""Short lists get several pages, too."""
_RESET = struct.pack("ii", 1, 0)


@frozen
class Reply:
    """An answer of the hub, or one in its place."""

    status: int
    headers: dict[str, str]
    body: bytes


@frozen
class Seen:
    """A request that went through."""

    method: str
    path: str


Misfortune = Callable[["Handler", Reply], Reply | None]
"""What happens in place of an answer. What it returns is sent; without that, the connection is closed."""


@frozen
class Fault:
    """What goes wrong with a request.

    Attributes:
        name: Its name in the matrix.
        happen: What happens in place of the answer.
        acts: Whether the hub gets the request.
        lasts: Whether it happens to the later requests of the same method and path as well.
    """

    name: str
    happen: Misfortune
    acts: bool = True
    lasts: bool = False


@define
class Plan:
    """Which request goes wrong, and what was asked.

    Attributes:
        fault: What goes wrong, if anything does.
        at: The number of the request to which it happens.
        seen: The requests, in their order.
    """

    fault: Fault | None = None
    at: int = 0
    seen: list[Seen] = field(factory=list)
    _struck: Seen | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def take(self, method: str, path: str) -> Fault | None:
        """Note a request, and give what happens to it."""
        request = Seen(method, path.partition("?")[0])
        with self._lock:
            self.seen.append(request)
            if self.fault is None:
                return None
            if len(self.seen) - 1 == self.at:
                self._struck = request
                return self.fault
            return self.fault if self.fault.lasts and request == self._struck else None


class Handler(BaseHTTPRequestHandler):
    """Passes a request on."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def handle_one_request(self) -> None:
        """Serve a request; a client may go at any time."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def _serve(self) -> None:
        body = self._body()
        fault = self.server.plan.take(self.command, self.path)
        if fault is None:
            self.send(self._asked(body))
            return
        reply = fault.happen(self, self._asked(body) if fault.acts else Reply(200, {}, b""))
        if reply is None:
            self.close_connection = True
        else:
            self.send(reply)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 - names of the base class

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _asked(self, body: bytes) -> Reply:
        connection = http.client.HTTPConnection(self.server.hub, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        try:
            path = self.path.replace(_LARGE_PAGE, _SMALL_PAGE)
            connection.request(self.command, path, body, headers | {"Content-Length": str(len(body))})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def send(self, reply: Reply, *, length: int | None = None) -> None:
        """Send an answer, which may announce another length than it has."""
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        if reply.status != http.client.NO_CONTENT:
            announced = reply.headers.get("content-length") if self.command == "HEAD" else None
            self.send_header("Content-Length", announced or str(len(reply.body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def reset(self) -> None:
        """Break the connection off, as a machine does that goes away."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def until_given_up(self, seconds: float) -> None:
        """Send nothing until the client goes, or the time has passed."""
        self.connection.settimeout(seconds)
        with suppress(OSError):
            self.connection.recv(1)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


class Proxy(ThreadingHTTPServer):
    """The proxy.

    Attributes:
        hub: Host and port of the hub.
        plan: What goes wrong now.
    """

    daemon_threads = True

    def __init__(self, hub: str) -> None:
        """Listen on a port of this machine."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub = hub
        self.plan = Plan()

    @property
    def base_url(self) -> str:
        """Where clients find the API."""
        return f"http://127.0.0.1:{self.server_port}/imodels"

    def handle_error(self, *_: Any) -> None:
        """A connection that breaks is what this is for."""


@contextmanager
def served(base_url: str) -> Iterator[Proxy]:
    """Serve a proxy in front of a hub."""
    with Proxy(urlsplit(base_url).netloc) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
