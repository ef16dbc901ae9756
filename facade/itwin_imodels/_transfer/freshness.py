"""The link to a file or a container, which is replaced when it is old or rejected."""

import threading
import time
from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

from itwin_imodels.errors import TransferError

L = TypeVar("L")


class Links(Generic[L]):
    """The links to one place; the newest one is used. Safe to use from any thread."""

    def __init__(
        self,
        link: L | None,
        fresh: Callable[[], L] | None,
        *,
        obtained: float,
        lifetime: Callable[[L], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the links.

        Args:
            link: The first link; None to obtain one on first use.
            fresh: Obtains a new link; None if that is impossible.
            obtained: When the link was obtained, by `clock`.
            lifetime: Returns the age in seconds at which a link is replaced before it is used again.
            clock: Returns the time in seconds.

        Raises:
            TransferError: `link` and `fresh` are both None.
        """
        if link is None and fresh is None:
            raise TransferError("there is no link to the file")
        self._lock = threading.Lock()
        self._link = link
        self._fresh = fresh
        self._lifetime = lifetime
        self._obtained = obtained
        self._end = 0.0 if link is None else obtained + lifetime(link)
        self._clock = clock
        self._untried = False

    def current(self) -> L:
        """Return the current link."""
        with self._lock:
            old = self._clock() >= self._end
            if self._fresh is not None and (self._link is None or (old and not self._untried)):
                return self._renew(self._fresh)
            if self._link is None:
                raise TransferError("there is no link to the file")
            return self._link

    def worked(self, link: L) -> None:
        """Record that the storage accepted a link."""
        with self._lock:
            if link is self._link:
                self._untried = False

    def replace_rejected(self, link: L) -> bool:
        """Obtain a new link after one was rejected.

        Returns:
            Whether there is a link that the storage has not rejected.
        """
        with self._lock:
            if link is not self._link:
                return True
            if self._fresh is None or self._untried:
                return False
            self._renew(self._fresh)
            return True

    def age(self, link: L) -> float:
        """Return the seconds since a link was obtained; infinite if there is a newer one."""
        with self._lock:
            return self._clock() - self._obtained if link is self._link else inf

    def _renew(self, fresh: Callable[[], L]) -> L:
        link = fresh()
        self._link = link
        self._obtained = self._clock()
        self._end = self._obtained + self._lifetime(link)
        self._untried = True
        return link
