"""A definition for the tests, with an example of every response, served over real HTTP.

It was the committed definition while that was written by hand, and it is kept when another one is adopted: the
requests and results that a test of the facade expects do not depend on the form and the examples of the next one.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from scripts.spec_format import COPY
from scripts.specs.definition import load
from scripts.specs.walk import Operation, operations, resolved

DEFINITION = load(COPY)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
BASE_PATH = "/imodels"


class Answer(NamedTuple):
    """One documented response of an operation."""

    status: int
    media_type: str | None
    name: str
    value: Any


class Received(NamedTuple):
    """A received request; path segments and query are decoded."""

    operation: Operation
    segments: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


def answers(operation: Operation) -> list[Answer]:
    """Return every documented response of an operation, successful ones first."""
    found = []
    for status, response in operation.node["responses"].items():
        content = resolved(DEFINITION, response).get("content")
        if not content:
            found.append(Answer(int(status), None, status, None))
        for media_type, media in (content or {}).items():
            if media_type.startswith("image/"):
                found.append(Answer(int(status), media_type, "picture", PNG))
            for name, example in media.get("examples", {}).items():
                found.append(Answer(int(status), media_type, name, resolved(DEFINITION, example)["value"]))
    return sorted(found, key=lambda answer: answer.status)


def request_example(operation: Operation) -> Any:
    """Return the first example of an operation's JSON body, or None."""
    content = operation.node.get("requestBody", {}).get("content", {})
    for example in content.get("application/json", {}).get("examples", {}).values():
        return resolved(DEFINITION, example)["value"]
    return None


def routes() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Return the routes, concrete paths before templates, as OpenAPI matches them."""
    found = []
    for operation in operations(DEFINITION):
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(BASE_PATH + operation.path))
        found.append((operation.method.upper(), re.compile(pattern), operation))
    return sorted(found, key=lambda route: route[2].path.count("{"))


class ExampleService(ThreadingHTTPServer):
    """Responds to every operation with one of its documented examples, and records the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of the loopback interface."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes = routes()
        self.received: list[Received] = []
        self.chosen: dict[str, Answer] = {}

    @property
    def base_url(self) -> str:
        """Return the base URL of the API."""
        return f"http://127.0.0.1:{self.server_address[1]}{BASE_PATH}"


class _Handler(BaseHTTPRequestHandler):
    server: ExampleService
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        for method, pattern, operation in self.server.routes:
            match = pattern.fullmatch(address.path)
            if method == self.command and match:
                segments = {name: unquote(value) for name, value in match.groupdict().items()}
                query = dict(parse_qsl(address.query, keep_blank_values=True))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.server.received.append(Received(operation, segments, query, headers, body))
                self._answer(self.server.chosen.get(operation.id) or answers(operation)[0])
                return
        self.send_error(404, "no such operation")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names the base class calls

    def _answer(self, answer: Answer) -> None:
        content = answer.value if isinstance(answer.value, bytes) else json.dumps(answer.value).encode()
        self.send_response(answer.status)
        if answer.media_type:
            self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(content) if answer.media_type else 0))
        self.end_headers()
        if answer.media_type:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""


@contextmanager
def serving() -> Iterator[ExampleService]:
    """Run the service for the duration of the block."""
    with ExampleService() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
