"""Responses of a real account that the emulator does not send: a proxy between the hub and the emulator sends them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from itwin_imodels_hub import AzureStorage, StorageRefusedError, StorageUnavailableError
from itwin_imodels_hub.blobs import BlobStore
from tests.azurite import ACCOUNT, Azurite
from tests.hub.helpers.serving import served

SOURCE = "imodel-5e19bee0-3aea-4355-a9f0-c6df9989ee7d/baseline/1.bim"
TARGET = "imodel-5e19bee0-3aea-4355-a9f0-c6df9989ee7d/baseline/2.bim"
MIB = 1 << 20
_NOT_PASSED_ON = {"transfer-encoding", "connection", "keep-alive", "host"}

Change = Callable[[httpx.Response | None], httpx.Response]


def refusal(status: int, code: str) -> Change:
    """Return an error response in place of that of the emulator."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>"
    headers = {"x-ms-error-code": code, "content-type": "application/xml"}
    return lambda _: httpx.Response(status, headers=headers, content=body)


def with_headers(**headers: str) -> Change:
    """Return the emulator's response with other headers; `_` stands for a hyphen."""

    def change(answer: httpx.Response | None) -> httpx.Response:
        assert answer is not None
        kept = {**answer.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return httpx.Response(answer.status_code, headers=kept, content=answer.content)

    return change


class Between:
    """A proxy that forwards requests to the emulator, and changes some responses.

    Attributes:
        script: Changes for the next requests of a kind, in order; a rejected request is not forwarded.
        seen: The kinds of all requests, in order.
    """

    def __init__(self) -> None:
        """Start without changes."""
        fresh_connections = httpx.Limits(max_keepalive_connections=0)  # none that the emulator is about to close
        self._client = httpx.Client(timeout=60, trust_env=False, limits=fresh_connections)
        self.script: dict[str, list[tuple[bool, Change]]] = {}
        self.seen: list[str] = []

    def close(self) -> None:
        """Close the connections to the emulator."""
        self._client.close()

    def refuse(self, kind: str, status: int, code: str, *, times: int = 1) -> None:
        """Reject requests of a kind."""
        self.script.setdefault(kind, []).extend([(False, refusal(status, code))] * times)

    def change(self, kind: str, **headers: str) -> None:
        """Change the response to the next request of a kind."""
        self.script.setdefault(kind, []).append((True, with_headers(**headers)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        request = Request(scope, receive)
        body = await request.body()
        kind = _kind(request)
        self.seen.append(kind)
        waiting = self.script.get(kind)
        passed, change = waiting.pop(0) if waiting else (True, lambda answer: answer)
        answer = None
        if passed:
            url = f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}".removesuffix("?")
            headers = {name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON}
            pass_on = partial(self._client.request, request.method, url, headers=headers, content=body)
            answer = await run_sync(pass_on)
        answer = change(answer)
        kept = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED_ON}
        await Response(answer.content, answer.status_code, kept)(scope, receive, send)


def _kind(request: Request) -> str:
    if "x-ms-copy-source" in request.headers:
        return "copy"
    act = request.query_params.get("comp") or request.query_params.get("restype") or "blob"
    return f"{request.method} {act}"


@pytest.fixture
def between() -> Iterator[Between]:
    """Run the proxy between the hub and the emulator."""
    with closing(Between()) as between:
        yield between


@pytest.fixture
def files(between: Between, azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobStore]:
    """Return the files of an account that contains one file."""
    with served(between, lifespan=False) as address:
        for name, value in (("http_proxy", address), ("HTTP_PROXY", address), ("no_proxy", ""), ("NO_PROXY", "")):
            monkeypatch.setenv(name, value)
        with AzureStorage(containers="between", connection_string=azurite.connection_string).opened() as opened:
            opened.store.delete_all("")
            opened.store.add(SOURCE, b"content", content_type="a/b")
            between.seen.clear()
            yield opened.store
            opened.store.delete_all("")


@pytest.mark.thorough
def test_a_container_that_is_still_being_deleted(files: BlobStore, between: Between) -> None:
    """Its name is waited for."""
    files.delete_all("")
    between.refuse("PUT container", 409, "ContainerBeingDeleted", times=2)
    files.add(SOURCE, b"again", content_type="a/b")
    assert files.read(SOURCE) == b"again"
    assert between.seen.count("PUT container") == 3


def test_a_copy_that_takes_its_time(files: BlobStore, between: Between) -> None:
    """The file is not visible before the copy is complete."""
    between.change("copy", x_ms_copy_status="pending")
    between.change("HEAD blob", x_ms_copy_status="pending")
    files.copy(SOURCE, TARGET)
    assert between.seen == ["copy", "HEAD blob", "HEAD blob"]
    assert files.read(TARGET) == b"content"


def test_a_copy_that_fails(files: BlobStore, between: Between) -> None:
    """The failure is reported, and not treated as a temporary one."""
    between.change("copy", x_ms_copy_status="pending")
    between.change("HEAD blob", x_ms_copy_status="failed")
    with pytest.raises(StorageRefusedError, match=f"Azure account {ACCOUNT} failed to copy a blob: status failed"):
        files.copy(SOURCE, TARGET)


def test_a_copy_that_another_hub_left_behind(files: BlobStore, between: Between) -> None:
    """It is aborted and started again."""
    files.copy(SOURCE, TARGET)
    between.seen.clear()
    between.refuse("copy", 409, "PendingCopyOperation")
    between.refuse("PUT copy", 409, "NoPendingCopyOperation")
    files.copy(SOURCE, TARGET)
    assert between.seen == ["copy", "HEAD blob", "PUT copy", "copy"]
    assert files.read(TARGET) == b"content"


@pytest.mark.thorough
def test_blocks_that_another_hub_took_away(files: BlobStore, between: Between, tmp_path: Path) -> None:
    """They are sent again under other names; after the third time, the failure is reported."""
    path = tmp_path / "large.bim"
    path.write_bytes(bytes(range(256)) * (9 * MIB // 256))
    between.refuse("PUT blocklist", 400, "InvalidBlockList", times=2)
    files.add_file(TARGET, path)
    assert between.seen.count("PUT block") == 6
    with files.local(TARGET) as found:
        assert found.read_bytes() == path.read_bytes()
    between.refuse("PUT blocklist", 400, "InvalidBlockList", times=3)
    with pytest.raises(StorageRefusedError, match=r"failed to write .*: 400 \(InvalidBlockList\)"):
        files.add_file(TARGET, path)


def test_an_account_that_is_busy(files: BlobStore, between: Between) -> None:
    """The hub retries a few times; then it asks the client to retry later."""
    between.refuse("HEAD blob", 503, "ServerBusy")
    assert files.size(SOURCE) == len(b"content")
    between.refuse("HEAD blob", 503, "ServerBusy", times=3)
    with pytest.raises(StorageUnavailableError, match=r"failed to look for .*: 503 \(ServerBusy\)"):
        files.size(SOURCE)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AuthenticationFailed", StorageUnavailableError),
        (429, "TooManyRequests", StorageUnavailableError),
        (409, "ContainerHasImmutabilityPolicy", StorageRefusedError),
        (412, "LeaseIdMissing", StorageRefusedError),
    ],
)
def test_what_can_be_tried_later(
    files: BlobStore, between: Between, status: int, code: str, error: type[Exception]
) -> None:
    """These are failures that do not depend on the request, such as a replaced key."""
    between.refuse("DELETE container", status, code, times=3)
    with pytest.raises(error, match=rf"failed to delete .*: {status} \({code}\)"):
        files.delete_all("")
    between.script.clear()
