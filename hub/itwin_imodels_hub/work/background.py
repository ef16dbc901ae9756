"""Threads for long-running work: one task at a time per iModel, and at most four in total."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

_THREADS = 4
_RESPITE_SECONDS = 1.0


class Interrupted(Exception):  # noqa: N818 - not a failure
    """The work must stop; it is restarted later."""


class Background:
    """A pool of threads, created on first use.

    Attributes:
        on_done: Called after each task.
    """

    def __init__(self) -> None:
        """Create an idle pool."""
        self.on_done: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._running: dict[int, Future[None]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._interrupted = threading.Event()
        self._thread_state = threading.local()

    @property
    def busy_imodels(self) -> frozenset[int]:
        """Numbers of the iModels with a running task."""
        with self._lock:
            return frozenset(self._running)

    @property
    def is_full(self) -> bool:
        """Whether a new task would have to wait for a thread."""
        return len(self.busy_imodels) >= _THREADS

    def begin(self, imodel_number: int, work: Callable[[], None]) -> None:
        """Start a task for an iModel that has no running task.

        If the task fails, the iModel stays busy for one second, and the caller must start it again.
        """
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="hub-worker")
            self._running[imodel_number] = self._pool.submit(self._work, imodel_number, work)

    def check(self) -> None:
        """Check whether the current task must stop; tasks call this regularly. It has no effect in other threads.

        Raises:
            Interrupted: The task must stop.
        """
        if self._interrupted.is_set() and getattr(self._thread_state, "is_worker", False):
            raise Interrupted

    def wait(self) -> None:
        """Wait for the running tasks; if one fails, raise its exception."""
        with self._lock:
            running = list(self._running.values())
        for each in running:
            each.result()

    def interrupt(self) -> None:
        """Stop the running tasks as soon as possible and wait for them."""
        self._interrupted.set()
        try:
            with self._lock:
                running = list(self._running.values())
            wait(running)
        finally:
            self._interrupted.clear()

    def close(self) -> None:
        """Stop the running tasks and the threads."""
        self.interrupt()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _work(self, imodel_number: int, work: Callable[[], None]) -> None:
        self._thread_state.is_worker = True
        try:
            work()
        except Interrupted:
            pass
        except BaseException:
            self._interrupted.wait(_RESPITE_SECONDS)
            raise
        finally:
            with self._lock:
                self._running.pop(imodel_number, None)
            self.on_done()
