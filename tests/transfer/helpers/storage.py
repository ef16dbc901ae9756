"""The hub's object storage behind a real server, which logs requests and can make them fail."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes

from attrs import define
from starlette.applications import Starlette

from itwin_imodels.models._links import StorageLink
from itwin_imodels_hub.blobs import FolderBlobStore, SignedLinks, azure_routes, google_routes
from itwin_imodels_hub.control.faults import Fault, FaultMiddleware, Faults
from itwin_imodels_hub.control.traffic import LoggedRequest, LoggingMiddleware, RequestLog
from itwin_imodels_hub.serving.http_server import Server
from tests.hub.helpers.serving import Switch

NAME = "box/folder one/1f2e04b666edce395e37a795e2231e995cbf8349.cs"
HOUR = timedelta(hours=1)


@define
class Storage:
    """A served store.

    Attributes:
        address: URL of the server.
        store: Its blobs.
        links: Creates links to them.
        faults: Failures of requests.
        log: The received requests.
    """

    address: str
    store: FolderBlobStore
    links: SignedLinks
    faults: Faults
    log: RequestLog
    _offset: list[timedelta]

    @property
    def kind(self) -> str:
        """Form of the links."""
        return self.links.storage_type

    def to_write(self, name: str = NAME) -> StorageLink:
        """Create a link to write a blob; in the azure format it also permits reading, like the hub's."""
        permissions = "rcw" if self.kind == "azure" else "w"
        return StorageLink(href=self.links.blob(self.address, name, permissions, HOUR), storage_type=self.kind)

    def to_write_only(self, name: str = NAME) -> StorageLink:
        """Create a link that only permits writing a blob."""
        return StorageLink(href=self.links.upload(self.address, name, HOUR), storage_type=self.kind)

    def to_read(self, name: str = NAME) -> StorageLink:
        """Create a link to read a blob."""
        return StorageLink(href=self.links.download(self.address, name, HOUR), storage_type=self.kind)

    def advance(self, by: timedelta) -> None:
        """Advance the clock of the storage."""
        self._offset[0] += by

    def put(self, content: bytes, name: str = NAME) -> None:
        """Store a blob directly, without a request."""
        incoming = self.store.incoming()
        incoming.write([content])
        self.store.commit(name, incoming, content_type="application/octet-stream")

    def content(self, name: str = NAME) -> bytes:
        """Read a blob directly, without a request."""
        return self.store.path(name).read_bytes()

    def fail(self, **fault: object) -> None:
        """Add a fault."""
        self.faults.add(Fault(**fault))  # type: ignore[arg-type] # as the caller wrote them

    def refuse(self, status: int, code: str, **fault: object) -> None:
        """Reject requests, with an error code if this storage type has them."""
        if self.kind == "azure":
            self.fail(action="answer", status=status, headers={"x-ms-error-code": code}, **fault)
        else:
            self.fail(action="answer", status=status, body=f"<Error><Code>{code}</Code></Error>", **fault)

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        """Return the received requests."""
        return self.log.requests


@contextmanager
def serving(folder: Path, kind: str, switch: Switch, address: str) -> Iterator[Storage]:
    """Serve a folder of blobs behind a running server."""
    offset = [timedelta()]
    store = FolderBlobStore(folder, durable=False)
    key = token_bytes(16)  # rejects requests that an earlier test left behind
    links = SignedLinks(key, lambda: datetime.now(UTC) + offset[0], kind)
    routes = azure_routes(store, links) if kind == "azure" else google_routes(store, links)
    faults, log = Faults(), RequestLog()
    switch.app = LoggingMiddleware(FaultMiddleware(Starlette(routes=routes), faults), log)
    yield Storage(address, store, links, faults, log, offset)
    switch.app = None


@contextmanager
def running(switch: Switch) -> Iterator[str]:
    """Run a server on a free port of this machine, and yield its URL."""
    server = Server(switch)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def own_threads() -> list[str]:
    """Return the threads of transfers that still run after a moment; the storage has other threads."""
    for _ in range(1000):
        names = [thread.name for thread in threading.enumerate() if thread.name.startswith("transfer")]
        if not names:
            break
        time.sleep(0.01)
    return names
