"""The state that all transfers of an operation share."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from attrs import define, field

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._core.http_logs import log_headers
from itwin_imodels._core.secrets import without_query
from itwin_imodels._core.waiting import SHORTEST_POLL, wait_length
from itwin_imodels._transfer.adaptive import Shares
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.items import Check
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.progress import Progress
from itwin_imodels._transfer.refusals import Refused
from itwin_imodels._transfer.storage import Storage
from itwin_imodels._transfer.whole_file import SMALL, Folders
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse
from itwin_imodels._transfer.wires import Wires
from itwin_imodels.models import StorageLink

Sleep = Callable[[float], None]

CONNECTIONS = 8
"""Maximum number of connections for downloading one file."""


@define(kw_only=True)
class Context:
    """An operation: its settings, its connections, and its cancellation.

    Attributes:
        files: The active files of all operations of a client.
        folders: The initial contents of the target folders.
        verifiers: The threads that verify large files.
        sleep_instead: Called instead of sleeping, for tests.
    """

    options: TransferOptions
    wires: Wires
    cancellation: Cancellation
    progress: Progress
    files: Shares
    verifiers: Executor
    folders: Folders = field(factory=Folders)
    sleep_instead: Sleep | None = None

    def sleep(self, seconds: float) -> None:
        """Sleep, and raise `Cancelled` as soon as the operation is cancelled."""
        if self.sleep_instead is None:
            self.cancellation.sleep(wait_length(seconds, SHORTEST_POLL))
        else:
            self.sleep_instead(seconds)
            self.cancellation.check()

    def verify(self, path: Path, size: int, check: Check) -> bool:
        """Check a file, a large one in one of a few threads.

        More threads would compete for the GIL, which takes longer than the hashing, and each needs up to 40 MB.

        Args:
            path: The file.
            size: Its size in bytes.
            check: Returns whether it is the expected file.

        Raises:
            Cancelled: The operation was cancelled.
            TransferError: The file cannot be read.
        """

        def work() -> bool:
            self.cancellation.check()
            return check(path)

        with disk_errors(path, "read"):
            return check(path) if size <= SMALL else self.verifiers.submit(work).result()

    def file_links(
        self, link: StorageLink | None, fresh: Callable[[], StorageLink] | None, obtained: float
    ) -> Links[StorageLink]:
        """Return the links to one file; see `Links`."""
        return Links(link, fresh, obtained=obtained, lifetime=lambda _: self.options.link_lifetime)

    @contextmanager
    def exchange(self, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request over a pooled connection, which is reserved for it until the block ends.

        Raises:
            Cancelled: The operation was cancelled.
            ConnectionFailed: No response was received, or it was incomplete.
        """
        self.cancellation.check()
        begin = time.monotonic()
        try:
            with self.wires.lend(self.cancellation) as wire, wire.send(request) as response:
                if LOGGER.isEnabledFor(logging.DEBUG):
                    _log(request, response, time.monotonic() - begin)
                yield response
        except Cancelled:
            raise
        except Exception:
            self.cancellation.check()
            raise

    @contextmanager
    def success(self, storage: Storage, request: StorageRequest) -> Iterator[StorageResponse]:
        """Send a request that must succeed.

        Raises:
            Refused: The status is not in `request.success`.
            Cancelled: As in `exchange`.
            ConnectionFailed: As in `exchange`.
        """
        with self.exchange(request) as response:
            if response.status not in request.success:
                raise refusal(storage, response)
            yield response


def _log(request: StorageRequest, response: StorageResponse, waited: float) -> None:
    address = without_query(request.url)
    LOGGER.debug("%s %s: %d in %.0f ms", request.method, address, response.status, waited * 1000)
    log_headers(LOGGER, f"request {request.method} {address}", request.headers.items())


def refusal(storage: Storage, response: StorageResponse) -> Refused:
    """Return the exception for a rejection; see `Storage.refusal`."""
    return storage.refusal(response, datetime.now(UTC))
