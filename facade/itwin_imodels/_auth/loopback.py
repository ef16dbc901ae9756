"""A server on this machine to which a browser is redirected after a sign-in."""

import errno
import ipaddress
import os
import queue
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from itwin_imodels.errors import AuthError

_IDLE: Final = 10.0
_POLL: Final = 0.05
_INTERRUPTIBLE: Final = 0.5

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign-in</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head>
<body><p>{text}</p></body></html>
"""
_SUCCESS: Final = "You are signed in. You can close this window."
_FAILURE: Final = "The sign-in failed. See the program that started it for the reason. You can close this window."

Judge = Callable[[Mapping[str, str]], bool]


class RedirectListener:
    """Listener on the address of a redirect URI, for the duration of a `with` block."""

    def __init__(self, redirect_uri: str, judge: Judge) -> None:
        """Bind the port.

        Args:
            redirect_uri: URL to which the browser will be redirected; port 0 selects a free port.
            judge: Checks whether a query is the expected one, which determines the text of the page.

        Raises:
            AuthError: The server cannot listen on the port.
        """
        parts = urlsplit(redirect_uri)
        host = parts.hostname or ""
        port = 80 if parts.port is None else parts.port
        self._answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()
        self._servers: list[_Server] = []
        self._threads: list[threading.Thread] = []
        try:
            self._listen(host, port, parts.path or "/", judge)
        except OSError as error:
            self._close()
            raise AuthError(
                f"cannot listen on port {port} of {host}: {error.strerror or error}\n"
                "Stop the program that uses the port, or pass another redirect_uri registered with the application."
            ) from error
        if port == 0:
            name = f"[{host}]" if ":" in host else host
            parts = parts._replace(netloc=f"{name}:{self._servers[0].server_port}")
        self.redirect_uri = urlunsplit(parts)

    def wait(self, timeout: float) -> Mapping[str, str] | None:
        """Return the query of the first redirect, or None if none arrives in time.

        Args:
            timeout: Seconds to wait.
        """
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                return self._answers.get(timeout=min(left, _INTERRUPTIBLE))  # short, so that Ctrl-C works everywhere
            except queue.Empty:
                continue
        return None

    def __enter__(self) -> Self:
        """Start serving."""
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, args=(_POLL,), name="sign-in", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and release the port."""
        self._close()

    def _listen(self, host: str, port: int, path: str, judge: Judge) -> None:
        for family, address in _addresses(host):
            chosen = self._servers[0].server_port if self._servers else port
            self._servers.append(_Server(family, (address, chosen), path, judge, self._answers))
        if not self._servers:
            raise OSError(errno.EADDRNOTAVAIL, "it has no usable loopback address")

    def _close(self) -> None:
        for server in self._servers if self._threads else ():
            server.shutdown()
        for thread in self._threads:
            thread.join()
        for server in self._servers:
            server.server_close()


def _addresses(host: str) -> list[tuple[int, str]]:
    """Return the loopback addresses of a host name.

    All of them are needed: a browser may try any, and another program may use the port on one of them.
    """
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    distinct = dict.fromkeys((int(family), str(address[0])) for family, _, _, _, address in infos)
    return [(family, address) for family, address in distinct if _is_usable(family, address)]


def _is_usable(family: int, address: str) -> bool:
    """Check whether an address is a usable loopback address; IPv6 is often unavailable."""
    if not ipaddress.ip_address(address).is_loopback:
        return False
    with socket.socket(family) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class _Server(ThreadingHTTPServer):
    allow_reuse_address = os.name == "posix"  # on Windows it would share the port with another program
    daemon_threads = True

    def __init__(
        self,
        family: int,
        address: tuple[str, int],
        path: str,
        judge: Judge,
        answers: queue.SimpleQueue[Mapping[str, str]],
    ) -> None:
        self.address_family = family
        self.path = path
        self.judge = judge
        self.answers = answers
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind the port without looking up the host name, which can be slow."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = str(self.server_address[0])
        self.server_port = int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE
    server_version = "itwin-imodels"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != self.server.path:
            self.send_error(404)
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        is_expected = self.server.judge(query)
        page = _PAGE.format(text=_SUCCESS if is_expected else _FAILURE).encode()
        self.send_response(200 if is_expected else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)
        self.server.answers.put(query)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing: the URL contains a code."""
