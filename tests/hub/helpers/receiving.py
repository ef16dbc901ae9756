"""A receiver of events: a real server that answers as configured, and keeps what it was sent."""

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
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Answers 200, unless told otherwise.

    Attributes:
        answers: Statuses of the next answers.
        received: What came, answered or not.
        go_on: Answers wait until this is set.
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
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """Where events are to be sent."""
        return f"http://127.0.0.1:{self.port}/events"

    def wait(self, amount: int) -> list[Received]:
        """Wait until so many requests came, and give them all."""
        wait_until(lambda: len(self.received) >= amount)
        return list(self.received)

    def events(self, secret: str = SECRET) -> list[Event]:
        """Read what came, as an application does."""
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
        """Keep quiet."""


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Receive for as long as the block lasts."""
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
    """Wait until something that is asked about is so.

    Raises:
        AssertionError: It does not come to be.
    """
    assert callable(happened)
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
