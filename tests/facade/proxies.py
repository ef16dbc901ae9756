"""A server that forwards requests: a proxy for plain HTTP, or a reverse proxy with or without TLS."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import httpx

_NOT_FORWARDED = {
    "connection",
    "transfer-encoding",
    "content-encoding",
    "content-length",
    "host",
    "proxy-authorization",
}


@attrs.define
class Forwarder:
    """The URL of a forwarding server, and the requests and credentials that it received."""

    url: str
    requests: list[str] = attrs.field(factory=list)
    credentials: set[str | None] = attrs.field(factory=set)


@contextmanager
def forwarding(target: str = "", context: ssl.SSLContext | None = None) -> Iterator[Forwarder]:
    """Run a server that forwards requests.

    Args:
        target: URL to which requests for paths are forwarded; requests for whole URLs, as clients send them to proxies,
            are forwarded to these URLs.
        context: TLS settings of the server; None for plain HTTP.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            found.requests.append(f"{self.command} {self.path.partition('?')[0]}")
            found.credentials.add(self.headers.get("proxy-authorization"))
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_FORWARDED}
            answer = client.request(self.command, f"{target}{self.path}", content=body, headers=headers)
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name not in _NOT_FORWARDED:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = do  # noqa: N815 - names of the library

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with httpx.Client(trust_env=False, timeout=120) as client, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scheme = "http"
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        found = Forwarder(f"{scheme}://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
