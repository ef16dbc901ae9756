"""A new storage type is one small class and an entry in the table."""

import hashlib
import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from attrs import define, field

from itwin_imodels._transfer import BlocksItem, DownloadItem, UploadItem
from itwin_imodels._transfer.refusals import RefusalCodes
from itwin_imodels._transfer.storage import STORAGES, storage_of
from itwin_imodels._transfer.storage.base import Container, Header, Storage
from itwin_imodels.errors import IntegrityError, LinkExpired, TransferError
from itwin_imodels.models import DirectoryAccess
from itwin_imodels.models._links import StorageLink
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.containers import NAME, make_database, put_into, shelved

MIB = 1 << 20
ETAG = '"v1"'


class PlainPut(Storage):
    """A web server with signed links: PUT stores a file, GET returns it."""

    name = "plain"
    codes = RefusalCodes(expired=frozenset({"TooLate"}), busy=frozenset({"SlowDown"}))
    put_success = (204,)

    def content_md5(self, header: Header, *, whole: bool = True) -> str | None:
        """Return the MD5 of the file, for parts too."""
        return header("x-plain-md5") or super().content_md5(header, whole=whole)

    def container(self, access: DirectoryAccess, database: str) -> Container:
        """Return a folder that needs no credentials."""
        return Container(storage=self, address=access.base_url, database=database)


@define
class PlainServer:
    """A server of one file.

    Attributes:
        url: URL of the file.
        content: The file.
        refusals: Statuses and codes of the first rejections.
        md5: MD5 in responses instead of that of the file.
        cut: Bytes of the first download after which it breaks.
        requests: Methods, ranges and Content-MD5 of the requests.
    """

    url: str = ""
    content: bytes = b""
    refusals: list[tuple[int, str]] = field(factory=list)
    md5: str = ""
    cut: int = 0
    requests: list[tuple[str, str | None, str | None]] = field(factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Respond to a request."""
        begin = handler.headers["range"]
        self.requests.append((handler.command, begin, handler.headers["content-md5"]))
        received = handler.rfile.read(int(handler.headers["content-length"] or 0))
        if self.refusals:
            status, code = self.refusals.pop(0)
            self._send(handler, status, f"<Error><Code>{code}</Code></Error>".encode())
        elif handler.command == "PUT":
            self.content = received
            self._send(handler, 204, b"")
        else:
            first = int(begin.removeprefix("bytes=").removesuffix("-")) if begin else 0
            self._send(handler, 206 if begin else 200, self.content[first:], first)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, body: bytes, first: int = 0) -> None:
        size = len(self.content)
        handler.send_response(status)
        if status != 204:
            handler.send_header("content-length", str(len(body)))
        handler.send_header("content-range", f"bytes {first}-{size - 1}/{size}")
        handler.send_header("etag", ETAG)
        handler.send_header("x-plain-md5", self.md5 or md5_of(self.content))
        handler.end_headers()
        cut, self.cut = (self.cut, 0) if handler.command == "GET" else (0, self.cut)
        handler.wfile.write(body[:cut] if cut else body)
        handler.close_connection = bool(cut)


def md5_of(content: bytes) -> str:
    """Return a Content-MD5."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


@contextmanager
def running() -> Iterator[PlainServer]:
    """Serve one file."""
    plain = PlainServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            plain.answer(self)

        do_PUT = do_GET  # noqa: N815 - the library's own form

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        plain.url = f"http://127.0.0.1:{server.server_port}/file.cs?sig=c2VjcmV0"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield plain
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlainServer]:
    """Register the type, and run a server of it."""
    monkeypatch.setitem(STORAGES, PlainPut.name, PlainPut())
    with running() as server:
        yield server


def link(server: PlainServer) -> StorageLink:
    """Return a link of this type."""
    return StorageLink(href=server.url, storage_type="plain")


@pytest.mark.parametrize("size", [20_000, 5 * MIB + 5])
def test_a_file_goes_up_and_down(plain: PlainServer, make: MakeTransfers, tmp_path: Path, size: int) -> None:
    """Each direction is one request, also above the size for blocks, which this type does not support."""
    file, target = tmp_path / "file.cs", tmp_path / "target.cs"
    file.write_bytes(os.urandom(size))
    transfers = make(block_threshold=3 * MIB)
    transfers.upload(UploadItem(file=file, link=link(plain)))
    assert plain.content == file.read_bytes()
    transfers.download(DownloadItem(target=target, link=link(plain), size=size))
    assert target.read_bytes() == file.read_bytes()
    md5 = md5_of(plain.content) if size < MIB else None
    assert plain.requests == [("PUT", None, md5), ("GET", None, None)]


def test_a_download_is_resumed(plain: PlainServer, make: MakeTransfers, tmp_path: Path) -> None:
    """The range of the same version is requested."""
    plain.content, plain.cut = os.urandom(3 * MIB), MIB
    make().download(DownloadItem(target=tmp_path / "x.cs", link=link(plain)))
    assert (tmp_path / "x.cs").read_bytes() == plain.content
    begins = [begin for _, begin, _ in plain.requests]
    assert begins[0] is None
    assert len(begins) == 2
    assert 0 < int((begins[1] or "").removeprefix("bytes=").removesuffix("-")) <= MIB


def test_its_own_codes_decide(plain: PlainServer, make: MakeTransfers, tmp_path: Path, slept: list[float]) -> None:
    """Busy storage is retried; an expired link is replaced or raises an error."""
    plain.content = b"content"
    plain.refusals = [(400, "SlowDown"), (400, "TooLate")]
    fresh: list[StorageLink] = []

    def fresh_link() -> StorageLink:
        fresh.append(link(plain))
        return fresh[-1]

    make().download(DownloadItem(target=tmp_path / "x.cs", link=link(plain), fresh_link=fresh_link))
    assert (len(slept), len(fresh)) == (2, 1)
    plain.refusals = [(400, "TooLate")]
    with pytest.raises(LinkExpired, match=r"400 \(TooLate\)"):
        make().download(DownloadItem(target=tmp_path / "y.cs", link=link(plain)))
    plain.refusals = [(400, "ExpiredToken")]
    with pytest.raises(TransferError, match=r"400 \(ExpiredToken\)$") as refused:
        make().download(DownloadItem(target=tmp_path / "z.cs", link=link(plain)))
    assert not isinstance(refused.value, LinkExpired)


def test_its_own_md5_decides(plain: PlainServer, make: MakeTransfers, tmp_path: Path) -> None:
    """Damaged content never gets its name."""
    plain.content, plain.md5 = b"content", md5_of(b"other")
    with pytest.raises(IntegrityError, match="MD5"):
        make().download(DownloadItem(target=tmp_path / "x.cs", link=link(plain)))
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_in_blocks(plain: PlainServer, make: MakeTransfers, tmp_path: Path) -> None:
    """It is assembled from the type's own container."""
    database = make_database(tmp_path / "seed.bim")
    with shelved(put_into(tmp_path / "box", {NAME: database})) as shelf:
        access = DirectoryAccess(
            base_url=shelf.address, storage=None, base_directory="x", storage_type="plain", credential=None
        )
        container = storage_of("plain").container(access, NAME)
        make().assemble(BlocksItem(target=tmp_path / "target.bim", container=container))
    assert (tmp_path / "target.bim").read_bytes() == database.read_bytes()
    assert plain.requests == []


def test_a_type_without_checkpoints() -> None:
    """The error names the database and the type."""

    class FilesOnly(Storage):
        name = "files"

    access = DirectoryAccess(base_url="http://x", storage=None, base_directory="y", storage_type="files", credential="")
    with pytest.raises(TransferError, match=r"database 'x\.bim' .* storage type 'files' does not support it"):
        FilesOnly().container(access, "x.bim")


def test_an_unknown_type() -> None:
    """One error names it and all supported types."""
    with pytest.raises(TransferError, match="'tape': this version supports azure and google"):
        storage_of("tape")
