"""Faults happen to the requests they are meant for, as often as they are meant to, over a real connection."""

import asyncio
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from itwin_imodels_hub.control.connections import TrackedProtocol
from itwin_imodels_hub.control.faults import Fault, FaultMiddleware, Faults

ACTED: list[str] = []


async def text(request: Request) -> Response:
    """Respond with ten characters."""
    ACTED.append(request.url.path)
    return PlainTextResponse("0123456789")


async def pieces(_: Request) -> Response:
    """Respond with ten characters in five pieces of a known length."""

    async def body() -> Iterator[bytes]:
        for piece in ("01", "23", "45", "67", "89"):
            yield piece.encode()
            await asyncio.sleep(0)

    return StreamingResponse(body(), headers={"content-length": "10"})


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Faults]]:
    """An application whose requests can go wrong; its address and its faults."""
    faults = Faults()
    paths = ("/imodels/{rest:path}", "/storage/{rest:path}")
    app = Starlette(routes=[Route("/pieces", pieces), *(Route(each, text, methods=["GET", "POST"]) for each in paths)])
    config = uvicorn.Config(FaultMiddleware(app, faults), port=0, http=TrackedProtocol, log_level="warning", ws="none")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.005)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", faults
    running.should_exit = True
    thread.join()


@pytest.fixture
def faults(server: tuple[str, Faults]) -> Faults:
    """Return the faults, without pending ones."""
    server[1].clear()
    ACTED.clear()
    return server[1]


@pytest.fixture
def client(server: tuple[str, Faults]) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=server[0], timeout=5) as client:
        yield client


def test_a_fault_hits_as_often_as_it_says(client: httpx.Client, faults: Faults) -> None:
    """A fault skips a number of requests, affects the next ones, and is removed."""
    faults.add(Fault(action="answer", status=503, skip=1, times=2))
    assert [client.get("/imodels/1").status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert faults.waiting == ()
    assert ACTED == ["/imodels/1"] * 3


def test_a_fault_hits_only_what_matches(client: httpx.Client, faults: Faults) -> None:
    """Method and path select; others pass by and do not count."""
    faults.add(Fault(action="answer", status=500, method="post", path="^/imodels/.*locks$"))
    assert client.get("/imodels/1/locks").status_code == 200
    assert client.post("/imodels/1/changesets").status_code == 200
    assert client.post("/imodels/1/locks").status_code == 500


def test_the_oldest_of_several_acts_first(client: httpx.Client, faults: Faults) -> None:
    """Faults for the same request occur one after another."""
    for status in (500, 502):
        faults.add(Fault(action="answer", status=status))
    assert [client.get("/imodels/1").status_code for _ in range(3)] == [500, 502, 200]


def test_the_service_asks_to_slow_down(client: httpx.Client, faults: Faults) -> None:
    """The preset responds with 429 and Retry-After as the service does, and does not affect storage."""
    faults.add(Fault.rate_limited(retry_after=7))
    assert client.get("/storage/a").status_code == 200
    answer = client.get("/imodels/1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["code"] == "RateLimitExceeded"
    assert limit_of(answer) == {"tier": "Basic", "api": "iModels"}


def test_the_service_names_the_limit(client: httpx.Client, faults: Faults) -> None:
    """The preset names tier, API, operation and application in the headers of the platform."""
    faults.add(Fault.rate_limited(tier="enterprise", operation="clone-imodel", application="ada-application"))
    named = {"tier": "Enterprise", "api": "iModels", "operation": "clone-imodel", "application": "ada-application"}
    assert limit_of(client.get("/imodels/1")) == named
    faults.add(Fault.rate_limited(tier=None))
    assert limit_of(client.get("/imodels/1")) == {"api": "iModels"}


def limit_of(answer: httpx.Response) -> dict[str, str]:
    """Return the limit in the headers of a response."""
    prefix = "itwinplatform-ratelimited-"
    return {name.removeprefix(prefix): value for name, value in answer.headers.items() if name.startswith(prefix)}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(Fault.link_expired(), 403, "AuthenticationFailed"), (Fault.storage_busy(), 503, "ServerBusy")],
)
def test_storage_fails_as_storage_does(
    client: httpx.Client, faults: Faults, fault: Fault, status: int, code: str
) -> None:
    """The presets of storage respond with XML and the error code in a header, and do not affect the API."""
    faults.add(fault)
    assert client.get("/imodels/1").status_code == 200
    answer = client.get("/storage/a")
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (status, code)
    assert f"<Code>{code}</Code>" in answer.text


def test_a_connection_is_dropped_before_anything_happened(client: httpx.Client, faults: Faults) -> None:
    """The client sees a closed connection and the application no request."""
    faults.add(Fault(action="drop"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/imodels/1")
    assert ACTED == []
    assert client.post("/imodels/1").status_code == 200


def test_a_connection_is_dropped_after_the_service_acted(client: httpx.Client, faults: Faults) -> None:
    """The request had its effect; its response is lost."""
    faults.add(Fault(action="drop_after"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/imodels/1")
    assert ACTED == ["/imodels/1"]


@pytest.mark.parametrize("path", ["/imodels/1", "/pieces"])
@pytest.mark.parametrize("cut_at", [0, 3, 4, 9])
def test_a_body_is_cut_at_a_byte(client: httpx.Client, faults: Faults, path: str, cut_at: int) -> None:
    """Exactly this number of bytes arrives, then the connection ends."""
    faults.add(Fault(action="cut", cut_at=cut_at))
    received: list[bytes] = []
    with client.stream("GET", path) as answer, pytest.raises(httpx.RemoteProtocolError):
        received.extend(answer.iter_raw())
    assert b"".join(received) == b"0123456789"[:cut_at]


def test_an_answer_is_delayed(client: httpx.Client, faults: Faults) -> None:
    """Only the time of the response changes."""
    faults.add(Fault(delay=0.2))
    begin = time.monotonic()
    assert client.get("/imodels/1").text == "0123456789"
    assert time.monotonic() - begin >= 0.2


def test_a_pattern_that_is_none_is_refused() -> None:
    """An invalid regular expression is rejected when it is added, not when a request arrives."""
    with pytest.raises(Exception, match="unterminated character set"):
        Fault(path="[")


def test_a_client_that_has_gone_before_its_connection_is_dropped_is_no_error(
    client: httpx.Client, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    """There is nothing to close."""
    faults.add(Fault(action="drop", delay=0.3))
    with pytest.raises(httpx.ReadTimeout):
        client.get("/imodels/1", timeout=0.1)
    time.sleep(0.4)
    assert client.get("/imodels/1").status_code == 200
    assert caplog.records == []
