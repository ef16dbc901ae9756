"""Endless and oversized responses: each request and each workflow stays within its limits."""

import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from attrs import define, field

from itwin_imodels import IModelsClient, RetryPolicy, Timeout
from itwin_imodels.auth import ClientCredentials
from itwin_imodels.errors import AuthError, IModelsError, RequestTimeout, ServerError, UnexpectedResponse, WaitTimeout

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
FILE = b"HTTP/1.1 200 OK\r\nX-Long: "
PAUSE = 0.05
LIMIT = 0.5
MIB = 1 << 20


@define
class DrippingServer:
    """Responds byte by byte, without an end.

    Attributes:
        at_once: Number of bytes that are sent without a pause.
        base_url: Base URL of the server.
        requests: Number of requests to `base_url`; requests to an earlier server on this port do not count.
    """

    at_once: bytes = b""
    base_url: str = ""
    requests: int = 0
    over: threading.Event = field(factory=threading.Event)

    def counted(self, expected: int) -> int:
        """Return the number of requests, when the expected number has been read."""
        end = time.monotonic() + 60
        while self.requests < expected and time.monotonic() < end:
            time.sleep(0.01)
        return self.requests

    def answer(self, connection: socket.socket) -> None:
        """Respond to the requests of a connection."""
        with connection, suppress(OSError):
            while received := connection.recv(65536):
                self.requests += httpx.URL(self.base_url).raw_path in received
                connection.sendall(self.at_once)
                while not self.over.wait(PAUSE):
                    connection.sendall(b"x")


@pytest.fixture
def dripping() -> Iterator[DrippingServer]:
    """Run a server."""
    server = DrippingServer()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/{uuid4()}"

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threads.append(threading.Thread(target=server.answer, args=(listener.accept()[0],)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        yield server
        server.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for each in threads:
            each.join()


@pytest.mark.thorough(keep=8)
@pytest.mark.parametrize("at_once", [HEAD, FILE], ids=["body", "head"])
@pytest.mark.parametrize(
    "call",
    [
        lambda client, _: client.imodels.get(IMODEL),
        lambda client, _: client.changesets.list(IMODEL).all(),
        lambda client, _: client.acquire_locks(IMODEL, 2, exclusive=["0x1"]),
        lambda client, _: client.wait_for_imodel(IMODEL, timeout=0.1),
        lambda client, folder: client.mirror_timeline(IMODEL, folder),
    ],
    ids=["get", "list", "locks", "wait", "mirror"],
)
def test_a_request_ends_in_time(
    client_type: type[IModelsClient],
    dripping: DrippingServer,
    tmp_path: Path,
    at_once: bytes,
    call: Callable[[IModelsClient, Path], object],
) -> None:
    """Bytes arrive all the time, so that no read is idle."""
    dripping.at_once = at_once
    begun = time.monotonic()
    timeout = Timeout(total=LIMIT)
    with (
        client_type("token", base_url=dripping.base_url, timeout=timeout, retry=RetryPolicy.never()) as client,
        pytest.raises(RequestTimeout, match=r"the response was not complete after 0\.5 s"),
    ):
        call(client, tmp_path)
    assert LIMIT <= time.monotonic() - begun < 30
    assert dripping.counted(1) == 1


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize(
    "call",
    [
        lambda client, folder: client.mirror_timeline(IMODEL, folder, timeout=LIMIT),
        lambda client, folder: client.pull_changesets(IMODEL, folder, timeout=LIMIT),
        lambda client, folder: client.download_checkpoint(IMODEL, folder / "a.bim", timeout=LIMIT, changeset=1),
        lambda client, folder: client.download_checkpoint(
            IMODEL, folder / "a.bim", timeout=LIMIT, checkpoint_timeout=60, changeset=1
        ),
    ],
    ids=["mirror", "pull", "checkpoint", "checkpoint, awaited"],
)
def test_a_workflow_ends_in_time(
    client_type: type[IModelsClient],
    dripping: DrippingServer,
    tmp_path: Path,
    call: Callable[[IModelsClient, Path], object],
) -> None:
    """Its `timeout` is the total, however patient the client is otherwise."""
    dripping.at_once = HEAD
    begun = time.monotonic()
    with client_type("token", base_url=dripping.base_url) as client, pytest.raises(WaitTimeout):
        call(client, tmp_path)
    assert LIMIT <= time.monotonic() - begun < 30


def test_a_workflow_waits_no_longer_for_a_failing_service(client_type: type[IModelsClient], tmp_path: Path) -> None:
    """The service is down and requests a longer wait than the limit."""
    transport = httpx.MockTransport(lambda _: httpx.Response(503, headers={"retry-after": "50"}))
    with client_type("token", base_url="http://x.test/imodels", transport=transport) as client:
        begun = time.monotonic()
        with pytest.raises(ServerError):
            client.mirror_timeline(IMODEL, tmp_path, timeout=LIMIT)
    assert time.monotonic() - begun < 30


def test_a_connection_is_used_again_after_a_limit(client: IModelsClient, imodel_id: str) -> None:
    """The limit of one request does not affect a later one."""
    hurried = client.with_options(timeout=Timeout(total=5))
    assert hurried.imodels.get(imodel_id).id == client.imodels.get(imodel_id).id


def test_signing_in_ends_in_time(dripping: DrippingServer) -> None:
    """Four times the timeout of a part, for each of three attempts."""
    dripping.at_once = HEAD
    credentials = ClientCredentials("a", "b", token_url=f"{dripping.base_url}/token", timeout=0.1)
    with pytest.raises(AuthError, match=r"the response was not complete after 0\.4 s"):
        credentials.get_token()
    assert dripping.counted(3) == 3


def bomb(size: int) -> bytes:
    """Return JSON of a given size, compressed to a thousandth."""
    return gzip.compress(b'{"error": {"code": "' + b" " * size + b'"}}')


def answering(colour: type[IModelsClient], response: Callable[[], httpx.Response], **options: Any) -> IModelsClient:
    """Return a client whose requests all get the same response."""
    transport = httpx.MockTransport(lambda _: response())
    return colour("token", transport=transport, base_url="http://x.test/imodels", **options)


class Received(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that a network delivers in pieces."""

    def __init__(self, content: bytes) -> None:
        """Deliver some content."""
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        """Iterate synchronously."""
        for at in range(0, len(self._content), 65536):
            yield self._content[at : at + 65536]

    async def __aiter__(self) -> Any:
        """Iterate asynchronously."""
        for piece in self:
            yield piece


@pytest.mark.parametrize("zipped", [True, False])
def test_a_large_answer_is_not_read(client_type: type[IModelsClient], *, zipped: bool) -> None:
    """The error names the option; the memory is that of what may be read."""
    content = bomb(40 * MIB) if zipped else b" " * (20 * MIB)
    headers = {"content-encoding": "gzip"} if zipped else {}
    with answering(
        client_type, lambda: httpx.Response(200, headers=headers, stream=Received(content)), max_response_size=MIB
    ) as client:
        tracemalloc.start()
        with pytest.raises(UnexpectedResponse, match=r"exceeds max_response_size \(1048576 bytes\)") as caught:
            client.imodels.get(IMODEL)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 8 * MIB
    assert caught.value.status == 200


@pytest.mark.parametrize(("encoding", "content"), [("gzip", bomb(9 * MIB)), ("br", b"x"), ("gzip", b"{}")])
def test_an_error_that_cannot_be_read_is_still_an_error(
    client_type: type[IModelsClient], encoding: str, content: bytes
) -> None:
    """Its status identifies the error if the body is too large or cannot be decoded."""
    headers = {"content-encoding": encoding}
    with (
        answering(
            client_type,
            lambda: httpx.Response(502, headers=headers, stream=Received(content)),
            max_response_size=MIB,
            retry=RetryPolicy.never(),
        ) as client,
        pytest.raises(ServerError) as caught,
    ):
        client.imodels.get(IMODEL)
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("encoding", "content", "reason"),
    [
        ("br", b"x", "its content encoding is 'br', which was not requested"),
        ("gzip", b"{}", "it is not valid gzip"),
        ("gzip", gzip.compress(b"{}" * 99, mtime=0)[:-9], "its gzip data is truncated"),
    ],
)
def test_an_answer_that_cannot_be_decoded(
    client_type: type[IModelsClient], encoding: str, content: bytes, reason: str
) -> None:
    """The service does not keep to HTTP."""
    headers = {"content-encoding": encoding}
    with (
        answering(client_type, lambda: httpx.Response(200, headers=headers, stream=Received(content))) as client,
        pytest.raises(UnexpectedResponse, match=reason),
    ):
        client.imodels.get(IMODEL)


def test_the_largest_page_fits(client_type: type[IModelsClient]) -> None:
    """A thousand changesets with the longest texts, compressed, or read by the transport already."""
    changeset = {
        "id": "1" * 40,
        "displayName": "1" * 255,
        "description": "\u20ac" * 255,
        "index": 1,
        "parentId": "",
        "state": "fileUploaded",
        "containingChanges": 0,
        "fileSize": 1,
        "briefcaseId": 2,
        "synchronizationInfo": {"taskId": "x" * 1000, "changedFiles": ["x" * 255] * 20},
        "_links": {"download": {"href": "https://x.test/?sig=" + "x" * 2000, "storageType": "azure"}},
    }
    changesets = [{**changeset, "index": index} for index in range(1, 1001)]
    content = json.dumps({"changesets": changesets, "_links": {}}).encode()
    packed = {"content-encoding": "gzip"}
    for response in (
        lambda: httpx.Response(200, content=content),
        lambda: httpx.Response(200, headers=packed, content=gzip.compress(content)),
        lambda: httpx.Response(200, headers=packed, stream=Received(gzip.compress(content))),
    ):
        with answering(client_type, response) as client:
            assert client.changesets.list(IMODEL, limit=1000).all()[-1].index == 1000


def test_a_large_answer_of_an_authorization_server_is_not_read(dripping: DrippingServer) -> None:
    """The response raises an error, and the request is not repeated."""
    packed = bomb(9 * MIB)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    dripping.at_once = head.encode() + packed
    credentials = ClientCredentials("a", "b", token_url=f"{dripping.base_url}/token")
    with pytest.raises(AuthError, match="the response exceeds 1048576 bytes"):
        credentials.get_token()
    assert dripping.counted(1) == 1


def test_bounds_of_options() -> None:
    """The total of a request is the sum of its parts, and sizes have bounds."""
    assert Timeout().whole == 95
    assert Timeout.of(6).whole == 24
    assert Timeout(read=1, total=7).whole == 7
    with pytest.raises(ValueError, match="total must be a number greater than 0"):
        Timeout(total=0)
    with pytest.raises(ValueError, match="max_response_size must be at least 1"):
        IModelsClient("token", max_response_size=0)
    assert issubclass(RequestTimeout, IModelsError)
