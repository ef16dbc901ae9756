"""Block-based databases, and a plain server for them whose behavior a test can change."""

import hashlib
import os
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from imodel_files.cloud_sqlite import (
    MANIFEST_NAME,
    add_database,
    block_name,
    compose_manifest,
    new_manifest,
    parse_manifest,
)
from itwin_imodels._transfer.storage import STORAGES, Container

BLOCK = 16 << 10
NAME = "BASELINE.bim"


def make_database(path: Path, rows: int = 40) -> Path:
    """Create a database of different rows of 4,000 bytes each."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE element (id INTEGER PRIMARY KEY, content BLOB)")
        connection.executemany("INSERT INTO element VALUES (?, ?)", [(n, os.urandom(4000)) for n in range(rows)])
    return path


def change_database(old: Path, new: Path, *statements: str) -> Path:
    """Create a changed copy of a database; by default, one row differs."""
    new.write_bytes(old.read_bytes())
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        for statement in statements or ("UPDATE element SET content = randomblob(4000) WHERE id = 20",):
            connection.execute(statement)
    return new


def put_into(folder: Path, databases: Mapping[str, Path], *, block_size: int = BLOCK, id_size: int = 24) -> Path:
    """Add databases to a container in a folder, which may contain others. The parent of each is the one before it."""
    folder.mkdir(exist_ok=True, parents=True)
    place = folder / MANIFEST_NAME
    manifest = new_manifest(block_size=block_size, id_size=id_size)
    if place.exists():
        manifest = parse_manifest(place.read_bytes())
    for name, path in databases.items():
        parent = manifest.names[-1] if manifest.names else None
        manifest = add_database(
            manifest,
            name,
            path,
            parent=parent,
            write=lambda block_id, content: (folder / block_name(block_id)).write_bytes(content),
            read=lambda block_id: (folder / block_name(block_id)).read_bytes(),
        )
    place.write_bytes(compose_manifest(manifest))
    return folder


def blocks_of(folder: Path, name: str = NAME) -> list[str]:
    """Return the names of the blocks of a database, in the order of the file."""
    manifest = parse_manifest((folder / MANIFEST_NAME).read_bytes())
    return [block_name(block_id) for block_id in manifest.database(name).block_ids]


@frozen(kw_only=True)
class Asked:
    """A request."""

    method: str
    name: str
    query: str
    authorization: str | None


Behaviour = Callable[[BaseHTTPRequestHandler, bytes | None], bool]
"""Function that responds to a request for an object with this content; if it returns False, the server responds."""


@define
class Shelf:
    """A served container.

    Attributes:
        address: URL of the container.
        objects: Its objects by name.
        tells_md5: Whether responses have the header Content-MD5.
        tokens: The accepted query strings; None accepts all.
        wrong: Failures of requests for a name, one for each entry.
        asked: The received requests.
    """

    address: str
    objects: dict[str, bytes] = field(factory=dict)
    tells_md5: bool = True
    tokens: set[str] | None = None
    wrong: dict[str, list[Behaviour]] = field(factory=dict)
    asked: list[Asked] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)

    def fill(self, folder: Path) -> None:
        """Replace the content with that of a folder."""
        self.objects = {path.name: path.read_bytes() for path in folder.iterdir()}

    def container(self, token: str = "sv=1&sig=c2VjcmV0", **facts: Any) -> Container:  # noqa: S107 - stands for one
        """Return the container for a transfer."""
        usual = {"storage": STORAGES["azure"], "address": self.address, "database": NAME, "query": token}
        return Container(**{**usual, **facts})

    def count(self, method: str = "GET", end: str = "") -> int:
        """Return the number of requests for names with an ending, except the manifest."""
        found = (each for each in self.asked if each.method == method and each.name.endswith(end))
        return sum(each.name != MANIFEST_NAME for each in found)

    def once(self, name: str, *behaviours: Behaviour) -> None:
        """Add a fault for the next requests for a name."""
        self.wrong.setdefault(name, []).extend(behaviours)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Respond to a request."""
        name, _, query = handler.path.rpartition("/")[2].partition("?")
        authorization = handler.headers.get("authorization")
        with self._lock:
            self.asked.append(Asked(method=handler.command, name=name, query=query, authorization=authorization))
            waiting = self.wrong.get(name) or []
            behaviour = waiting.pop(0) if waiting else None
        if behaviour is not None and behaviour(handler, self.objects.get(name)):
            return
        content, allowed = self.objects.get(name), self.tokens is None or query in self.tokens
        if not allowed:
            send(handler, 403, b"<Error><Code>AuthenticationFailed</Code></Error>")
        elif content is None:
            send(handler, 404, b"<Error><Code>BlobNotFound</Code></Error>")
        else:
            send(handler, 200, content, md5_of(content) if self.tells_md5 else None)


def md5_of(content: bytes) -> str:
    """Return a Content-MD5."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, md5: str | None = None, **headers: str) -> None:
    """Send a response."""
    handler.send_response(status)
    handler.send_header("content-length", str(len(body)))
    if md5 is not None:
        handler.send_header("content-md5", md5)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def saying(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Return a failure that sends another response."""

    def behave(handler: BaseHTTPRequestHandler, _: bytes | None) -> bool:
        send(handler, status, body, **headers)
        return True

    return behave


def flipped(handler: BaseHTTPRequestHandler, content: bytes | None) -> bool:
    """Respond with one bit flipped."""
    content = content or b""
    send(handler, 200, bytes([content[0] ^ 1]) + content[1:], md5_of(content))
    return True


def cut_at(share: float) -> Behaviour:
    """Return a failure that breaks the connection after a share of the content."""

    def behave(handler: BaseHTTPRequestHandler, content: bytes | None) -> bool:
        content = content or b""
        handler.send_response(200)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: int(len(content) * share)])
        handler.wfile.flush()
        handler.close_connection = True
        return True

    return behave


cut = cut_at(0.5)
"""Break the connection in the middle of the content."""


def doing(act: Callable[[], object]) -> Behaviour:
    """Return a failure that calls a function and then responds as usual."""

    def behave(_: BaseHTTPRequestHandler, __: bytes | None) -> bool:
        act()
        return False

    return behave


@contextmanager
def shelved(folder: Path | None = None) -> Iterator[Shelf]:
    """Serve a container for the duration of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            shelf.answer(self)

        do_HEAD = do_GET  # noqa: N815 - the library's own form

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Ignore clients that disconnected."""

    with Server(("127.0.0.1", 0), Handler) as server:
        shelf = Shelf(f"http://127.0.0.1:{server.server_port}/account/box")
        if folder is not None:
            shelf.fill(folder)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield shelf
        finally:
            server.shutdown()
            thread.join()
