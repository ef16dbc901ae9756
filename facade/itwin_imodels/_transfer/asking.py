"""Requests to a container, with their repetitions."""

from collections.abc import Callable
from typing import TypeVar

from itwin_imodels._transfer.containers import Container
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.freshness import Links

T = TypeVar("T")


class Asking:
    """A question to a container: it is asked until it is answered, with another access when one is refused.

    Used by one thread.
    """

    def __init__(
        self, context: Context, containers: Links[Container], what: str, busy: Callable[[], None] = lambda: None
    ) -> None:
        """Begin.

        Args:
            context: The operation.
            containers: Accesses to the container.
            what: What is asked for, for the log.
            busy: Told that the storage has too much to do.
        """
        self._containers = containers
        self._what = what
        self._patience = context.patience(self._renew, busy)
        self._used: Container | None = None
        self._reached = 0

    def keep_trying(self, work: Callable[[], T]) -> T:
        """Do the work, which sends one request, until it succeeds or there is no hope."""
        return self._patience.keep_trying(work, self._what)

    def container(self) -> Container:
        """Give the access to use now."""
        self._used = self._containers.current()
        return self._used

    def worked(self) -> None:
        """Remember that the storage accepted the access."""
        if self._used is not None:
            self._containers.worked(self._used)

    def moved(self, position: int) -> None:
        """Take note of how far the answer is: as long as it gets further than before, patience begins anew."""
        if position > self._reached:
            self._reached = position
            self._patience.progressed()

    def _renew(self) -> bool:
        return self._used is not None and self._containers.refused(self._used)
