"""Requests that upload, with their repetitions."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.wire import Answer, Body, Call

if TYPE_CHECKING:
    from itwin_imodels._transfer.freshness import Links
    from itwin_imodels.models._links import StorageLink

T = TypeVar("T")


@define
class Place:
    """Where one file goes. Safe to use from any thread.

    Attributes:
        context: The operation.
        links: Links to the place.
        what: What is done, for the log.
        sent: Bytes of content that went out.
    """

    context: Context
    links: "Links[StorageLink]"
    what: str
    sent: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def count(self, sent: int) -> None:
        """Add bytes that went out."""
        with self._lock:
            self.sent += sent


class Sending:
    """One piece of a file on its way: it is sent until it has arrived. Used by one thread."""

    def __init__(self, place: Place, busy: Callable[[], None] = lambda: None) -> None:
        """Begin.

        Args:
            place: Where the file goes.
            busy: Told that the storage has too much to do.
        """
        self._place = place
        self._link: StorageLink | None = None
        self._patience = place.context.patience(self._renew, busy)
        self._reached = 0

    def keep_trying(self, work: Callable[[], T]) -> T:
        """Do the work, which sends one request, until it succeeds or there is no hope."""
        return self._patience.keep_trying(work, self._place.what)

    @contextmanager
    def request(
        self, method: str, suffix: str, headers: Mapping[str, str], body: bytes | Body | None, statuses: tuple[int, ...]
    ) -> Iterator[Answer]:
        """Send a request once.

        Args:
            method: HTTP method.
            suffix: Appended to the text of the link.
            headers: Headers.
            body: Content.
            statuses: The answers that mean success.

        Raises:
            Refused: The storage gave another answer.
            ConnectionFailed: It gave none.
        """
        links, context = self._place.links, self._place.context
        link = self._link = links.current()
        call = Call(method=method, url=link.href + suffix, headers=headers, body=body)
        with context.success(call, *statuses) as answer:
            links.worked(link)
            if isinstance(body, bytes):
                self._place.count(len(body))
            yield answer

    def moved(self, count: int, position: int) -> None:
        """Take note of bytes that go out, and how far the piece is with them; raises `Cancelled`."""
        self._place.context.cancellation.check()
        self._place.count(count)
        if position > self._reached:
            self._reached = position
            self._patience.progressed()

    def _renew(self) -> bool:
        return self._link is not None and self._place.links.refused(self._link)
