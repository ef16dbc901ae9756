"""Connections without progress are closed; slow ones with progress are not."""

import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import httpx
import pytest

from itwin_imodels_hub import Fault, HubSettings, LocalHub
from tests.hub.helpers.desk import Desk

HALF_OPEN = 1000
SECONDS = 240
QUICK = HubSettings(header_timeout=timedelta(seconds=1), idle_timeout=timedelta(seconds=1), durable=False)


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    """Serve a hub without patience."""
    with LocalHub(settings=QUICK) as hub:
        yield hub


@pytest.fixture(autouse=True)
def _enough_files() -> Iterator[None]:
    """Raise the limit of open files: this process is client and server."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * HALF_OPEN
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def connected(hub: LocalHub, first: bytes = b"", **options: int) -> Iterator[socket.socket]:
    """Open a connection and send something."""
    with socket.socket() as connection:
        for name, value in options.items():
            connection.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        connection.settimeout(SECONDS)
        connection.connect(("127.0.0.1", httpx.URL(hub.url).port or 0))
        connection.sendall(first)
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """Read until the other end closes the connection."""
    try:
        return b"".join(iter(lambda: connection.recv(65536), b""))
    except ConnectionResetError:
        return b""


def test_a_thousand_half_open_connections_end(hub: LocalHub) -> None:
    """They sent nothing or half a head; other clients get responses in the meantime and afterwards."""
    wanted = {b"": "nothing", b"GET /imodels HTTP/1.1\r\nHost: localhost\r\nX-Slow: ": "half a head"}
    with ExitStack() as stack:
        firsts = list(wanted) * (HALF_OPEN // len(wanted))
        connections = [stack.enter_context(connected(hub, first)) for first in firsts]
        headers = {"Authorization": f"Bearer {hub.token()}"}
        assert httpx.get(f"{hub.url}/itwins", headers=headers, timeout=SECONDS).status_code == 200
        assert {rest_of(each) for each in connections} == {b""}
        assert httpx.get(f"{hub.url}/itwins", headers=headers, timeout=SECONDS).status_code == 200


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("first", [b"", b"GET /hub/assets/page.css HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_a_head_that_comes_byte_by_byte(hub: LocalHub, first: bytes) -> None:
    """Its time limit is the same as for others, on a new connection and after a request."""
    with connected(hub, first) as connection:
        if first:
            assert connection.recv(1)
        begin = time.monotonic()
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            send_bytes(connection, until=begin + SECONDS)


def send_bytes(connection: socket.socket, *, until: float) -> None:
    """Send a byte now and then."""
    while time.monotonic() < until:
        connection.sendall(b"G")
        time.sleep(0.02)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("path", ["/itwins", "/connect/token", "upload"])
def test_a_body_that_stops(hub: LocalHub, path: str) -> None:
    """The connection is closed, and nothing of the body is kept."""
    before = len(list(hub.hub.folder.rglob("*")))
    target = upload_of(hub) if path == "upload" else path
    method = "PUT" if path == "upload" else "POST"
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 100\r\n\r\nx"
    with connected(hub, head.encode()) as connection:
        rest_of(connection)
    if path != "upload":
        assert len(list(hub.hub.folder.rglob("*"))) == before


def test_a_body_that_comes_slowly() -> None:
    """It may take longer than the limit as long as bytes arrive."""
    settings = QUICK.with_(header_timeout=timedelta(seconds=4), idle_timeout=timedelta(seconds=4))
    with LocalHub(settings=settings) as hub, connected(hub) as connection:
        head = (
            f"PUT {upload_of(hub)} HTTP/1.1\r\nHost: localhost\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 16\r\n"
        )
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        begin = time.monotonic()
        for number in range(16):
            connection.sendall(b"x")
            while time.monotonic() - begin < (number + 1) * 0.4:
                time.sleep(0.01)
        assert rest_of(connection).startswith(b"HTTP/1.1 201 ")


def test_an_answer_that_nobody_reads(hub: LocalHub) -> None:
    """The connection ends; the file that was sent is closed."""
    imodel, name = large_file(hub)
    del imodel
    head = f"GET {name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    held = f"/proc/{os.getpid()}/fd"

    def is_open() -> bool:
        targets = []
        for each in os.listdir(held):  # noqa: PTH208 - of numbers
            try:
                targets.append(os.readlink(f"{held}/{each}"))  # noqa: PTH115 - a path that may be gone
            except FileNotFoundError:
                continue
        return any(str(hub.hub.folder / "blobs") in each for each in targets)

    with connected(hub, head, SO_RCVBUF=4096) as connection:
        assert connection.recv(1)
        while not is_open():
            pass
        while is_open():
            time.sleep(0.05)


def test_the_hub_may_think_for_longer(hub: LocalHub) -> None:
    """The limits do not apply while the hub works on a response."""
    hub.control.faults.add(Fault(path="^/itwins$", delay=2.5))
    headers = {"Authorization": f"Bearer {hub.token()}"}
    assert httpx.get(f"{hub.url}/itwins", headers=headers, timeout=SECONDS).status_code == 200


@pytest.mark.parametrize("name", ["header_timeout", "idle_timeout"])
def test_no_time_at_all_is_refused(name: str) -> None:
    """It would end every connection."""
    with pytest.raises(ValueError, match=name):
        HubSettings(**{name: timedelta(0)})


def desk_of(hub: LocalHub) -> Desk:
    """Call a hub as its first user."""
    headers = {"Authorization": f"Bearer {hub.token()}"}
    return Desk(hub.hub, httpx.Client(base_url=hub.url, headers=headers, timeout=SECONDS))


def upload_of(hub: LocalHub) -> str:
    """Start a push, and return the path of its upload."""
    desk = desk_of(hub)
    with desk.client:
        imodel = desk.imodel(hub.itwin_id, f"Model {time.monotonic_ns()}")
        changeset = desk.announce(imodel, desk.briefcase(imodel), "", b"x" * 16)
    return str(changeset["_links"]["upload"]["href"]).removeprefix(hub.url)


def large_file(hub: LocalHub) -> tuple[str, str]:
    """Push a file larger than all buffers, and return the path of its download."""
    desk = desk_of(hub)
    with desk.client:
        imodel = desk.imodel(hub.itwin_id, f"Model {time.monotonic_ns()}")
        changeset = desk.push(imodel, desk.briefcase(imodel), "", os.urandom(1 << 20) * 32)
        found = desk.get(imodel, "changesets", changeset).json()["changeset"]
    return imodel, str(found["_links"]["download"]["href"]).removeprefix(hub.url)
