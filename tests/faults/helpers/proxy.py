"""A proxy that forwards requests to a hub, and makes selected ones fail."""

import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field, frozen

_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
_LARGE_PAGE, _SMALL_PAGE = "%24top=1000", "%24top=2"
"""Parameters for the size of pages: large pages are replaced with small ones, so that short lists have several."""
AGAIN = "&again=1"
"""Parameter for a second URL of a page; the proxy removes it."""
_RESET = struct.pack("ii", 1, 0)


@frozen
class Reply:
    """A response of the hub, or one in its place."""

    status: int
    headers: dict[str, str]
    body: bytes


@frozen
class Seen:
    """A received request."""

    method: str
    path: str


Misfortune = Callable[["Handler", Reply], Reply | None]
"""Function that fails in place of a response. Its result is sent; None closes the connection."""


@frozen
class Fault:
    """A failure of a request.

    Attributes:
        name: Its name in the matrix.
        happen: Function that causes the failure.
        acts: Whether the hub receives the request.
        lasts: Whether the failure also affects later requests of the same method and path.
        certificate: The certificate of the service from this request on; None if it does not change.
    """

    name: str
    happen: Misfortune
    acts: bool = True
    lasts: bool = False
    certificate: str | None = None


@define
class Plan:
    """The failure of a request, and the received requests.

    Attributes:
        fault: The failure; None if there is none.
        at: The number of the request that fails.
        seen: The requests, in order.
        connections: The number of connections.
    """

    fault: Fault | None = None
    at: int = 0
    seen: list[Seen] = field(factory=list)
    connections: int = 0
    _struck: Seen | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def has_struck(self) -> bool:
        """Return whether a failure has occurred."""
        return max(len(self.seen), self.connections) > self.at

    def certificate(self) -> str | None:
        """Count a connection, and return the certificate for it, unless it is the valid one."""
        with self._lock:
            self.connections += 1
            return None if self.fault is None or self.connections <= self.at else self.fault.certificate

    def take(self, method: str, path: str) -> Fault | None:
        """Record a request, and return its failure."""
        request = Seen(method, path.partition("?")[0])
        with self._lock:
            self.seen.append(request)
            if self.fault is None or self.fault.certificate is not None:
                return None
            if len(self.seen) - 1 == self.at:
                self._struck = request
                return self.fault
            return self.fault if self.fault.lasts and request == self._struck else None


class Handler(BaseHTTPRequestHandler):
    """Forwards a request, or makes it fail."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def handle_one_request(self) -> None:
        """Serve a request; the client may disconnect at any time."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def _serve(self) -> None:
        body = self._body()
        if self.server.is_refusing:
            self.reset()
            self.close_connection = True
            return
        fault = self.server.plan.take(self.command, self.path)
        if fault is None:
            self.send(self._asked(body))
            return
        reply = fault.happen(self, self._asked(body) if fault.acts else Reply(200, {}, b""))
        if reply is None:
            self.close_connection = True
        else:
            self.send(reply)

    def page_at(self, address: str) -> Reply:
        """Request a page of a list from the hub."""
        parts = urlsplit(address)
        return self._pass_on("GET", f"{parts.path}?{parts.query}", b"")

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
        return self._pass_on(self.command, self.path.replace(_LARGE_PAGE, _SMALL_PAGE).replace(AGAIN, ""), body)

    def _pass_on(self, method: str, path: str, body: bytes) -> Reply:
        connection = http.client.HTTPConnection(self.server.hub, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        added = {"Content-Length": str(len(body)), "X-Forwarded-Proto": self.server.scheme}
        try:
            connection.request(method, path, body, headers | added)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def send(self, reply: Reply, *, length: int | None = None) -> None:
        """Send a response, which may announce a wrong length."""
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
        """Reset the connection, as a machine that goes down does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def until_given_up(self, seconds: float) -> None:
        """Send nothing until the client disconnects or the time has passed."""
        self.connection.settimeout(seconds)
        with suppress(OSError):
            self.connection.recv(1)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


class OneRequestHandler(Handler):
    """Closes each connection after its request."""

    def end_headers(self) -> None:
        """Add the header that announces this."""
        self.send_header("Connection", "close")
        super().end_headers()


class Proxy(ThreadingHTTPServer):
    """The proxy.

    Attributes:
        hub: Host and port of the hub.
        plan: The current plan; `begin` changes it.
        is_refusing: Whether the port is closed.
    """

    daemon_threads = True
    scheme = "http"

    def __init__(self, hub: str) -> None:
        """Listen on a port of this machine."""
        super().__init__(("127.0.0.1", _free_port()), Handler)
        self.hub = hub
        self.plan = Plan()
        self.is_refusing = False

    @property
    def base_url(self) -> str:
        """Return the base URL of the API."""
        return f"{self.scheme}://127.0.0.1:{self.server_port}/imodels"

    def begin(self, plan: Plan) -> Plan:
        """Open the port, and follow another plan; return the plan."""
        self.plan = plan
        if self.is_refusing:
            self.socket.listen(self.request_queue_size)
            self.is_refusing = False
        return plan

    def refuse(self) -> None:
        """Close the port, but keep its number, and reset every connection that is used again."""
        self.is_refusing = True
        with suppress(OSError):  # it may be closed already
            self.socket.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: Any) -> None:
        """Ignore errors: broken connections are intended."""


def _free_port() -> int:
    """Return a free port. A socket that refuses connections keeps its port only if it was bound by number."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class SecureProxy(Proxy):
    """A proxy with a certificate. Each request may need another one, so each uses a separate connection."""

    scheme = "https"

    def __init__(self, hub: str, certificates: Mapping[str | None, ssl.SSLContext]) -> None:
        """Listen for connections.

        Args:
            hub: Host and port of the hub.
            certificates: Certificates by name; the valid one has the name None.
        """
        super().__init__(hub)
        self.RequestHandlerClass = OneRequestHandler
        self._certificates = certificates

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; its thread does the handshake."""
        connection, address = super().get_request()
        context = self._certificates[self.plan.certificate()]
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


@contextmanager
def served(proxy: Proxy) -> Iterator[None]:
    """Serve a proxy."""
    with proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield
        proxy.shutdown()
        thread.join()
