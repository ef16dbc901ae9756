"""Storage over pyreqwest."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from pyreqwest.bytes import Bytes
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import BuilderError, ClientClosedError, PyreqwestError, RequestTimeoutError
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import SyncRequestBuilder
from pyreqwest.response import SyncResponse, SyncResponseBodyReader

from itwin_imodels._core.network import Network
from itwin_imodels._core.secrets import masked, without_query
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.watch import Watch
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody
from itwin_imodels.errors import ConnectionFailed, RequestTimeout, TransferError

_PIECE: Final = 256 << 10
_SHORT: Final = 256 << 10
"""Largest body, bytes, that is sent at once and has to arrive within the idle timeout."""


class PyreqwestResponse:
    """A response of pyreqwest."""

    def __init__(self, response: SyncResponse, failure_of: Callable[[PyreqwestError], Exception]) -> None:
        """Wrap a streamed response.

        Args:
            response: The response.
            failure_of: Returns our error for one of the library.
        """
        self._response = response
        self._failure_of = failure_of
        self.status = response.status

    def header(self, name: str) -> str | None:
        """Return a header; None if it is not ASCII, which the library rejects and no header of a storage needs."""
        try:
            return self._response.get_header(name)
        except ValueError:
            return None

    def pieces(self) -> Iterator[memoryview]:
        """Yield the body."""
        reader = self._response.body_reader
        while (piece := self._read(reader)) is not None:
            yield memoryview(piece)

    def _read(self, reader: SyncResponseBodyReader) -> Bytes | None:
        try:
            return reader.read_chunk()
        except PyreqwestError as error:
            failure = self._failure_of(error)
        raise failure  # out here, since the library's error contains the whole URL


class PyreqwestWire:
    """Clients of pyreqwest for one request at a time; closing one ends its request at once.

    The library's read timeout runs from the beginning of a request, also while its body is sent. Long
    bodies therefore go through a client without it, supervised by a `Watch`.
    """

    def __init__(self, *, connect_timeout: float, answer_timeout: AnswerTimeout, network: Network) -> None:
        """Prepare; clients are created when they are needed.

        Args:
            connect_timeout: Seconds.
            answer_timeout: How long to wait for answers, and in which time something must move.
            network: Proxy and verification of certificates.
        """
        self._network = network
        self._connect_timeout = timedelta(seconds=connect_timeout)
        self._answer_timeout = answer_timeout
        self._lock = threading.Lock()
        self._clients: dict[bool, SyncClient] = {}
        self._aborted = False

    @contextmanager
    def send(self, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request."""
        size = request.body.size if isinstance(request.body, StreamedBody) else len(request.body or b"")
        if size <= _SHORT:
            body = b"".join(request.body.pieces()) if isinstance(request.body, StreamedBody) else request.body
            builder = self._builder(request, watched=False)
            with self._sent(request, builder if body is None else builder.body_bytes(body), None) as response:
                yield response
            return
        with Watch(self._answer_timeout.idle, self._drop_watched) as watch:
            builder = self._builder(request, watched=True).header("content-length", str(size))
            with self._sent(request, builder.body_stream(self._watched(request.body, size, watch)), watch) as response:
                yield response

    def abort(self) -> None:
        """Close the clients; a thread that waits for them fails."""
        with self._lock:
            self._aborted = True
        self.close()

    def close(self) -> None:
        """Close connections."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    @contextmanager
    def _sent(
        self, request: StorageRequest, builder: SyncRequestBuilder, watch: Watch | None
    ) -> Iterator[StorageResponse]:
        def failure_of(error: PyreqwestError) -> Exception:
            if isinstance(error, BuilderError):
                return _invalid_link(request)
            if isinstance(error, ClientClosedError) and watch is not None and watch.expired:
                return RequestTimeout(f"{_shown(request)}: nothing moved for {watch.patience:g} s")
            kind = RequestTimeout if isinstance(error, RequestTimeoutError) else ConnectionFailed
            return kind(_text(request, error))

        failure: Exception | None = None
        try:
            with builder.build_streamed() as response:
                yield PyreqwestResponse(response, failure_of)
        except PyreqwestError as error:
            failure = failure_of(error)
        if failure is not None:
            raise failure  # out here, as above

    def _builder(self, request: StorageRequest, *, watched: bool) -> SyncRequestBuilder:
        client = self._client(watched=watched)
        with suppress(ValueError):
            return client.request(request.method, request.url).headers(
                {"accept-encoding": "identity", **request.headers}
            )
        raise _invalid_link(request)

    def _client(self, *, watched: bool) -> SyncClient:
        with self._lock:
            if self._aborted:
                raise ConnectionFailed("the connection was cut")
            if watched not in self._clients:
                builder = (
                    _connecting(SyncClientBuilder(), self._network)
                    .connect_timeout(self._connect_timeout)
                    .follow_redirects(False)  # noqa: FBT003 - as the library has it
                    .referer(False)  # noqa: FBT003 - as above
                    .gzip(False)  # noqa: FBT003 - as above
                    .brotli(False)  # noqa: FBT003 - as above
                    .zstd(False)  # noqa: FBT003 - as above
                    .deflate(False)  # noqa: FBT003 - as above
                )
                if not watched:
                    builder = builder.read_timeout(timedelta(seconds=self._answer_timeout.idle))
                self._clients[watched] = builder.build()
            return self._clients[watched]

    def _watched(self, body: bytes | StreamedBody | None, size: int, watch: Watch) -> Iterator[memoryview]:
        """Yield a body, and before its last piece allow the answer more time: nothing may follow that piece."""
        begun, left = time.monotonic(), size
        for piece in body.pieces() if isinstance(body, StreamedBody) else [body or b""]:
            view = memoryview(piece)
            for at in range(0, len(view), _PIECE):
                part = view[at : at + _PIECE]
                left -= len(part)
                if left <= 0:
                    watch.patience = self._answer_timeout.after(size, time.monotonic() - begun)
                watch.moved()
                yield part

    def _drop_watched(self) -> None:
        with self._lock:
            client = self._clients.pop(True, None)
        if client is not None:
            client.close()


def _connecting(builder: SyncClientBuilder, network: Network) -> SyncClientBuilder:
    """Set how connections are made."""
    if network.proxy is not None:
        builder = builder.proxy(ProxyBuilder.all(network.proxy.value))
    elif not network.trust_env:
        builder = builder.no_proxy()
    return builder if network.verify else builder.danger_accept_invalid_certs(True)  # noqa: FBT003 - as the library has it


def _shown(request: StorageRequest) -> str:
    return f"{request.method} {without_query(request.url)}"


def _invalid_link(request: StorageRequest) -> TransferError:
    return TransferError(f"invalid link: {without_query(request.url)}")


def _text(request: StorageRequest, error: PyreqwestError) -> str:
    """Describe a failure without the library's own first sentence, which repeats the whole URL."""
    details = getattr(error, "details", None) or {}
    causes = [cause["message"] for cause in details.get("causes") or ()]
    reasons = [each for each in [error.message, *causes] if "for url" not in each]
    return f"{_shown(request)}: {masked(': '.join(reasons))}"
