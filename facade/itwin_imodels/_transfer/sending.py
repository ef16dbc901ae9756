"""Requests that upload a file, repeated until they succeed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import define, field

from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.attempts import Attempts
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.storage import Storage
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse
from itwin_imodels.models import StorageLink


@define
class Destination:
    """The destination of an upload. Safe to use from any thread.

    Attributes:
        context: The operation.
        storage: The type of storage.
        links: The links to the destination.
        what: Description of the work for the log.
        sent: Number of bytes of content that were sent.
    """

    context: Context
    storage: Storage
    links: Links[StorageLink]
    what: str
    sent: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def count(self, sent: int) -> None:
        """Add bytes that were sent."""
        with self._lock:
            self.sent += sent


class Sending(Attempts[StorageLink]):
    """One part of an upload, sent again until it arrives. Used by one thread."""

    def __init__(self, destination: Destination, workers: Adaptive | None = None) -> None:
        """Prepare the first attempt; see `Attempts`."""
        super().__init__(destination.context, destination.links, destination.what, workers)
        self._destination = destination

    @contextmanager
    def request(self, to: Callable[[str], StorageRequest]) -> Iterator[StorageResponse]:
        """Send a request once.

        Args:
            to: Returns the request for the URL of a link.

        Raises:
            Refused: The storage rejected the request.
            ConnectionFailed: No response was received.
        """
        request = to(self.link().href)
        with self._destination.context.success(self._destination.storage, request) as response:
            self.accepted()
            if isinstance(request.body, bytes):
                self._destination.count(len(request.body))
            yield response

    def sends(self, count: int, position: int) -> None:
        """Count bytes that are about to be sent, and record the position after them; raises `Cancelled`."""
        self._destination.context.cancellation.check()
        self._destination.count(count)
        self.moved(position)
