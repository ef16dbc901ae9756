"""Google Cloud Storage's signed addresses, seen from the wire."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from itwin_imodels_hub.blobs.folder.writing import Incoming
from itwin_imodels_hub.blobs.served import google
from tests.hub.test_blobs_server import BlobServer, serve

NAME = "box/folder one/file.cs"
CONTENT = bytes(range(256)) * 10_000
MD5 = b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BlobServer]:
    """Serve an empty store."""
    with serve(tmp_path, "google") as server:
        yield server


@pytest.fixture
def full(server: BlobServer) -> BlobServer:
    """Serve a store with one object."""
    httpx.put(server.upload(NAME), content=CONTENT, headers={"content-type": "text/plain"}).raise_for_status()
    return server


def assert_error(response: httpx.Response, status: int, code: str) -> None:
    """Check that a response is this error."""
    assert response.status_code == status, response.text
    body = ET.fromstring(response.content)  # noqa: S314 - our own server's
    assert (body.tag, body.findtext("Code")) == ("Error", code)
    assert body.findtext("Message")


@pytest.mark.parametrize("chunked", [False, True])
def test_put(server: BlobServer, *, chunked: bool) -> None:
    """An object is written in one request, of known length or not."""
    halves = iter([CONTENT[:1_000_000], CONTENT[1_000_000:]])
    response = httpx.put(server.upload(NAME), content=halves if chunked else CONTENT)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["etag"] == server.store.etag(NAME)
    assert response.headers["x-goog-hash"] == f"md5={MD5}"
    assert server.store.path(NAME).read_bytes() == CONTENT


def test_get_and_head(full: BlobServer) -> None:
    """The object and its headers."""
    link = full.download(NAME)
    response = httpx.get(link)
    assert (response.status_code, response.content) == (200, CONTENT)
    assert response.headers["content-type"] == "text/plain"
    assert response.headers["content-length"] == str(len(CONTENT))
    head = httpx.head(link)
    assert (head.status_code, head.content) == (200, b"")
    for header in ("content-length", "etag", "last-modified", "x-goog-hash", "x-goog-stored-content-length"):
        assert head.headers[header] == response.headers[header]


@pytest.mark.parametrize(
    ("header", "start", "end"), [("bytes=0-0", 0, 1), ("bytes=5-2000000", 5, 2_000_001), ("bytes=-7", -7, None)]
)
def test_ranges(full: BlobServer, header: str, start: int, end: int | None) -> None:
    """A part of the object, counted from either end."""
    response = httpx.get(full.download(NAME), headers={"range": header})
    assert (response.status_code, response.content) == (206, CONTENT[start:end])
    assert response.headers["content-range"].endswith(f"/{len(CONTENT)}")


def test_conditions(full: BlobServer) -> None:
    """Conditional reads."""
    link, etag = full.download(NAME), full.store.etag(NAME)
    assert httpx.get(link, headers={"if-none-match": etag}).status_code == 304
    assert httpx.head(link, headers={"if-none-match": etag}).status_code == 304
    assert httpx.get(link, headers={"if-modified-since": "no date"}).status_code == 200
    assert_error(httpx.get(link, headers={"if-match": '"0x0"'}), 412, "PreconditionFailed")


def test_errors(full: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The errors are those of the service."""
    read, write = full.download(NAME), full.upload(NAME)
    assert_error(httpx.get(full.download("box/missing")), 404, "NoSuchKey")
    assert httpx.head(full.download("box/missing")).status_code == 404
    assert_error(httpx.get(read, headers={"range": "bytes=9999999-"}), 416, "InvalidRange")
    assert_error(httpx.get(write), 403, "SignatureDoesNotMatch")
    assert_error(httpx.put(read, content=b"x"), 403, "SignatureDoesNotMatch")
    assert_error(httpx.get(read.partition("?")[0]), 403, "SignatureDoesNotMatch")
    assert_error(httpx.post(write), 405, "MethodNotAllowed")
    assert_error(httpx.get(read, headers={"authorization": "Bearer secret"}), 400, "InvalidArgument")
    assert_error(httpx.put(write, content=b"x", headers={"content-md5": MD5}), 400, "BadDigest")
    assert_error(httpx.put(write, content=b"x", headers={"content-md5": "x"}), 400, "InvalidDigest")
    assert_error(httpx.get(f"{full.address}/hubstorage/box//x"), 400, "InvalidObjectName")
    monkeypatch.setattr(google, "MAX_OBJECT_SIZE", 5)
    assert_error(httpx.put(write, content=b"123456"), 400, "EntityTooLarge")
    full.clock.offset = timedelta(hours=2)
    assert_error(httpx.get(read), 400, "ExpiredToken")
    assert full.store.path(NAME).read_bytes() == CONTENT
    assert len(full.files()) == 2


def test_disk_fails(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails, the client gets an error, and no file is left."""

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Incoming, "finish", fail)
    assert_error(httpx.put(server.upload(NAME), content=b"x"), 500, "InternalError")
    assert server.files() == []


def test_directory_token_is_a_bearer(full: BlobServer) -> None:
    """The token of a directory permits reading its content, and nothing else."""
    access = full.links.directory(full.address, "box/folder one", timedelta(hours=1))
    token = {"authorization": f"Bearer {access.token}"}
    assert httpx.get(f"{access.base_url}/{access.base_directory}/file.cs", headers=token).content == CONTENT
    assert_error(httpx.get(f"{access.base_url}/box/other", headers=token), 403, "AuthenticationFailed")
    assert_error(
        httpx.put(f"{access.base_url}/{NAME}", headers=token, content=b"x"), 403, "AuthorizationPermissionMismatch"
    )
    assert_error(
        httpx.get(f"{access.base_url}/{NAME}", headers={"authorization": "Bearer x"}), 403, "SignatureDoesNotMatch"
    )
