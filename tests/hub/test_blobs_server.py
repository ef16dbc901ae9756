"""A real server of blobs for the other tests, and what only shows on a real server."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from itwin_imodels_hub.blobs import FolderBlobStore, SignedLinks, azure_routes, google_routes
from itwin_imodels_hub.blobs.served import endpoints as serving

HOUR = timedelta(hours=1)
BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}


@dataclass
class Clock:
    """A clock that a test can put forward."""

    offset: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self.offset


@dataclass
class BlobServer:
    """A store that is being served."""

    address: str
    folder: Path
    store: FolderBlobStore
    links: SignedLinks
    clock: Clock

    def upload(self, name: str) -> str:
        """Create a link to write a blob."""
        return self.links.upload(self.address, name, HOUR)

    def download(self, name: str) -> str:
        """Create a link to read a blob."""
        return self.links.download(self.address, name, HOUR)

    def link(self, name: str, permissions: str) -> str:
        """Create a link with chosen permissions."""
        return self.links.blob(self.address, name, permissions, HOUR)

    def files(self) -> list[Path]:
        """List all files on the disk, left-overs included."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@contextmanager
def serve(folder: Path, storage_type: str = "azure") -> Iterator[BlobServer]:
    """Serve a folder of blobs on a free port of this machine."""
    clock = Clock()
    store = FolderBlobStore(folder, durable=False)
    links = SignedLinks(b"a key for tests", clock, storage_type)
    routes = azure_routes(store, links) if storage_type == "azure" else google_routes(store, links)
    config = uvicorn.Config(Starlette(routes=routes), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield BlobServer(address, folder, store, links, clock)
        finally:
            server.should_exit = True
            thread.join()


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition; fail if it is not met in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def send_partly(link: str, head: str, body: bytes) -> socket.socket:
    """Send the beginning of a PUT over a bare connection and leave it open."""
    url = httpx.URL(link)
    connection = socket.create_connection((url.host, url.port or 80), timeout=120)
    connection.sendall(f"PUT {url.raw_path.decode()} HTTP/1.1\r\nHost: hub\r\n{head}\r\n\r\n".encode() + body)
    return connection


@pytest.mark.parametrize(
    ("storage_type", "query", "head"),
    [
        ("azure", "", "x-ms-blob-type: BlockBlob\r\nContent-Length: 9000000"),
        ("azure", "&comp=block&blockid=QUFB", "Content-Length: 9000000"),
        ("google", "", "Content-Length: 9000000"),
        ("google", "", "Transfer-Encoding: chunked"),
    ],
)
def test_cut_upload_leaves_nothing(tmp_path: Path, storage_type: str, query: str, head: str) -> None:
    """A client that goes away in the middle leaves no blob, no block and no file."""
    body = bytes(3_000_000)
    if "chunked" in head:
        body = b"2dc6c0\r\n" + body + b"\r\n"
    with serve(tmp_path, storage_type) as server:
        connection = send_partly(server.upload("box/file") + query, head, body)
        wait_until(lambda: bool(server.files()))
        connection.close()
        wait_until(lambda: not server.files())
        assert server.store.size("box/file") is None


def test_upload_cut_over_an_older_blob_keeps_it(tmp_path: Path) -> None:
    """The blob that was to be replaced stays when the upload is cut."""
    with serve(tmp_path) as server:
        httpx.put(server.upload("box/file"), content=b"old", headers=BLOCK_BLOB).raise_for_status()
        before = server.files()
        connection = send_partly(
            server.upload("box/file"), "x-ms-blob-type: BlockBlob\r\nContent-Length: 9000000", bytes(3_000_000)
        )
        wait_until(lambda: server.files() != before)
        connection.close()
        wait_until(lambda: server.files() == before)
        assert httpx.get(server.download("box/file")).content == b"old"


def test_cut_download_leaves_the_server_well(tmp_path: Path) -> None:
    """A reader that disconnects in the middle affects nobody."""
    with serve(tmp_path) as server:
        content = bytes(range(256)) * (1 << 16)
        httpx.put(server.upload("box/file"), content=content, headers=BLOCK_BLOB).raise_for_status()
        with httpx.stream("GET", server.download("box/file")) as response:
            next(response.iter_raw())
        assert httpx.get(server.download("box/file")).content == content


def test_refused_upload_is_answered_before_its_body(tmp_path: Path) -> None:
    """A client that waits for permission to send is rejected without having sent anything."""
    with serve(tmp_path) as server:
        head = "Expect: 100-continue\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 9000000"
        with send_partly(server.download("box/file"), head, b"") as connection:
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 403")
            assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("storage_type", ["azure", "google"])
def test_refused_upload_leaves_the_connection_well(tmp_path: Path, storage_type: str) -> None:
    """A client that sends its whole body reads the rejection, and continues to use the connection."""
    with serve(tmp_path, storage_type) as server, httpx.Client() as client:
        for _ in range(3):
            response = client.put(server.download("box/file"), content=bytes(3_000_000), headers=BLOCK_BLOB)
            assert response.status_code == 403
            assert "connection" not in response.headers


def test_endless_refused_upload_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a limited part of a rejected body is read."""
    monkeypatch.setattr(serving, "MAX_DRAINED", 1_000_000)
    with serve(tmp_path) as server:
        head = "x-ms-blob-type: BlockBlob\r\nContent-Length: 9000000000"
        with send_partly(server.upload("box/file"), head, bytes(1_100_000)) as connection:
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 413")
            assert b"connection: close" in answer.lower()


def test_parallel_writers_of_one_name(tmp_path: Path) -> None:
    """One of several parallel writers wins, completely, and the others leave no files."""
    contents = [bytes([number]) * 300_000 for number in range(8)]
    with serve(tmp_path) as server, ThreadPoolExecutor(8) as pool:
        link = server.upload("box/file")
        answers = pool.map(lambda content: httpx.put(link, content=content, headers=BLOCK_BLOB), contents)
        assert {answer.status_code for answer in answers} == {201}
        assert httpx.get(server.download("box/file")).content in contents
        assert len(server.files()) == 2


def test_every_answer_has_one_date(tmp_path: Path) -> None:
    """There is only the server's own Date header."""
    with serve(tmp_path) as server:
        assert len(httpx.get(server.download("box/file")).headers.get_list("date")) == 1


@pytest.mark.parametrize("announced", ["2", "9"])
def test_body_of_another_length_than_announced(tmp_path: Path, announced: str) -> None:
    """A body that is too long or too short is rejected, even if the server does not check it."""
    store, links = FolderBlobStore(tmp_path, durable=False), SignedLinks(b"a key for tests", Clock())
    headers = {**BLOCK_BLOB, "content-length": announced}

    async def put() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=azure_routes(store, links)))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.put(links.upload("http://hub", "box/file", HOUR), content=b"12345", headers=headers)

    response = asyncio.run(put())
    assert (response.status_code, response.headers["x-ms-error-code"]) == (400, "InvalidHeaderValue")
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
