"""Threads for work that takes long: one thing at a time for each iModel, a few at once in all."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

_THREADS = 4
_RESPITE_SECONDS = 1.0


class Interrupted(Exception):  # noqa: N818 - reads as what happened
    """The work shall end where it stands; it is begun anew later."""


class Background:
    """Does work in threads, which are begun when there is some.

    Attributes:
        done: Called after each piece of work.
    """

    def __init__(self) -> None:
        """Have nothing to do."""
        self.done: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._under_way: dict[int, Future[None]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._interrupted = threading.Event()
        self._here = threading.local()

    @property
    def busy(self) -> frozenset[int]:
        """Numbers of the iModels for which something is done."""
        with self._lock:
            return frozenset(self._under_way)

    @property
    def is_full(self) -> bool:
        """Whether what is begun now would have to wait for a thread."""
        return len(self.busy) >= _THREADS

    def begin(self, imodel_number: int, work: Callable[[], None]) -> None:
        """Do something for an iModel for which nothing is being done.

        What fails is begun again by whoever began it, but not at once.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="hub-worker")
            self._under_way[imodel_number] = self._pool.submit(self._work, imodel_number, work)

    def check(self) -> None:
        """To be called by work now and then; elsewhere than in these threads it does nothing.

        Raises:
            Interrupted: The work shall end.
        """
        if self._interrupted.is_set() and getattr(self._here, "is_worker", False):
            raise Interrupted

    def wait(self) -> None:
        """Wait until what is under way now is done, and raise what it raised."""
        with self._lock:
            under_way = list(self._under_way.values())
        for each in under_way:
            each.result()

    def interrupt(self) -> None:
        """End what is under way, as soon as it can be, and wait for that."""
        self._interrupted.set()
        try:
            with self._lock:
                under_way = list(self._under_way.values())
            wait(under_way)
        finally:
            self._interrupted.clear()

    def close(self) -> None:
        """End what is under way, and the threads."""
        self.interrupt()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _work(self, imodel_number: int, work: Callable[[], None]) -> None:
        self._here.is_worker = True
        try:
            work()
        except Interrupted:
            pass
        except BaseException:
            self._interrupted.wait(_RESPITE_SECONDS)
            raise
        finally:
            with self._lock:
                self._under_way.pop(imodel_number, None)
            self.done()
