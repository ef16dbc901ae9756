"""A receiver of events: a real server that responds as configured and records the requests."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from itwin_imodels.webhooks import Event, parse_event

SECRET = "a-secret-of-the-tests-with-32-characters"  # noqa: S105 - of tests
SECONDS = 20


class Received(NamedTuple):
    """A received request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Responds with 200 by default.

    Attributes:
        answers: Statuses of the next responses.
        received: The received requests.
        go_on: Responses wait until this is set.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        """Listen on a port of the loopback interface."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.answers: deque[int] = deque()
        self.received: list[Received] = []
        self.go_on = threading.Event()
        self.go_on.set()

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Return the URL for events."""
        return f"http://127.0.0.1:{self.port}/events"

    def wait(self, amount: int) -> list[Received]:
        """Wait for a number of requests, and return all of them."""
        wait_until(lambda: len(self.received) >= amount)
        return list(self.received)

    def events(self, secret: str = SECRET) -> list[Event]:
        """Parse the received requests as an application does."""
        return [parse_event(each.body, each.headers["signature"], secret) for each in self.received]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.answers.popleft() if self.server.answers else 200
        self.server.received.append(Received(self.path, headers, body))
        self.server.go_on.wait(SECONDS)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Run a receiver for the duration of the block."""
    with Receiver(port) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.go_on.set()
            receiver.shutdown()
            thread.join()


def wait_until(happened: object) -> None:
    """Wait until a condition is met.

    Raises:
        AssertionError: It is not met in time.
    """
    assert callable(happened)
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
