"""Repeated attempts at one part of a transfer, until it succeeds."""

from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.retrying import Patience

L = TypeVar("L")
T = TypeVar("T")


class Attempts(Generic[L]):
    """The attempts at one part of a transfer, with a new link if one is rejected. Used by one thread."""

    def __init__(self, context: Context, links: Links[L], what: str, workers: Adaptive | None = None) -> None:
        """Prepare the first attempt.

        Args:
            context: The operation.
            links: Links to the file or container.
            what: Description of the work for the log.
            workers: The number of workers to reduce when the storage is busy.
        """
        self._links = links
        self._what = what
        self._used: L | None = None
        self._patience = Patience(
            options=context.options,
            sleep=context.sleep,
            renew=self._renew,
            link_age=self._link_age,
            busy=workers.busy_signal() if workers else _ignore,
        )
        self._reached = 0

    def keep_trying(self, work: Callable[[], T]) -> T:
        """Repeat the work, which sends one request, until it succeeds or another attempt is useless."""
        return self._patience.keep_trying(work, self._what)

    def link(self) -> L:
        """Return the current link."""
        self._used = self._links.current()
        return self._used

    def accepted(self) -> None:
        """Record that the storage accepted the link."""
        if self._used is not None:
            self._links.worked(self._used)

    def moved(self, position: int) -> None:
        """Record the position within the part; the retry limits restart whenever it advances."""
        if position > self._reached:
            self._reached = position
            self._patience.progressed()

    def _renew(self) -> bool:
        return self._used is not None and self._links.replace_rejected(self._used)

    def _link_age(self) -> float:
        return inf if self._used is None else self._links.age(self._used)


def _ignore() -> None:
    """Do nothing when the storage is busy: the concurrency of a single part cannot be reduced."""
