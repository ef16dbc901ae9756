"""Threads that process many jobs, lowest rank first, and return the results in the order of the input."""

import heapq
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Generic, TypeVar

from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._transfer.adaptive import Adaptive

J = TypeVar("J")
R = TypeVar("R")

GRACE = 2.0
"""Seconds to wait for threads to end."""

_POLL = 0.2
"""Interval in seconds at which a waiting thread wakes up, so that it handles signals on every system."""


class Crew(Generic[J, R]):
    """Processes an iterable of jobs, which may be endless, with a limited number of them in memory.

    Attributes:
        finished: Jobs that were done, but whose results had not been returned when another job failed.
        unfinished: Jobs that were taken from the iterable, but not done.
        exhausted: Whether all jobs were taken from the iterable.
    """

    def __init__(
        self,
        act: Callable[[J], R],
        *,
        rank: Callable[[J], int],
        window: int | None,
        workers: Adaptive,
        cancellation: Cancellation,
    ) -> None:
        """Create the crew; threads are started when there is work.

        Args:
            act: Processes one job.
            rank: Returns the rank of a job; of the jobs in memory, the one with the lowest rank is processed first.
            window: Maximum number of jobs in memory; None for one more than can be processed concurrently.
            workers: The number of jobs that are processed concurrently.
            cancellation: Aborts the running jobs when one fails, or when the caller cancels it.
        """
        self._act = act
        self._rank = rank
        self._window = window
        self._workers = workers
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._work_to_do = threading.Condition(self._lock)
        self._next_is_done = threading.Condition(self._lock)
        self._ready: list[tuple[int, int]] = []
        self._jobs: dict[int, J] = {}
        self._results: dict[int, R] = {}
        self._taken = self._yielded = self._running = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self.finished: list[J] = []
        self.unfinished: list[J] = []
        self.exhausted = False

    def run(self, jobs: Iterable[J]) -> Generator[R]:
        """Process the jobs and yield their results in order.

        Raises:
            BaseException: The exception of the first failed job, or of the iterable; no further jobs are processed.
        """
        source = iter(jobs)
        try:
            with self._cancellation.calling(self._stop):
                while True:
                    self.exhausted = self.exhausted or self._fill(source)
                    if self.exhausted and not self._jobs:
                        return
                    yield from self._next_results()
        except BaseException:
            self._cancellation.cancel()
            raise
        finally:
            self._stop()
            self._dismiss()
            self.finished = [self._jobs[number] for number in sorted(self._results)]
            self.unfinished = [self._jobs[number] for number in sorted(self._jobs.keys() - self._results.keys())]

    def _dismiss(self) -> None:
        """Wait for the threads. A thread that does not end in time is abandoned; it ends with its request."""
        end = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _fill(self, source: Iterator[J]) -> bool:
        """Take jobs while there is room and no result to yield; return whether all jobs have been taken."""
        while self._has_room():
            try:
                job = next(source)
            except StopIteration:
                return True
            self._add(job)
        return False

    def _has_room(self) -> bool:
        with self._lock:
            self._raise_failure()
            window = self._workers.limit + 1 if self._window is None else self._window
            return len(self._jobs) < window and self._yielded not in self._results

    def _add(self, job: J) -> None:
        with self._lock:
            self._jobs[self._taken] = job
            heapq.heappush(self._ready, (self._rank(job), self._taken))
            self._taken += 1
            if len(self._threads) < min(self._workers.limit, self._running + len(self._ready)):
                thread = threading.Thread(target=self._work, name=f"transfer-{len(self._threads) + 1}", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the system permits no more threads
                    if not self._threads:
                        raise
                else:
                    self._threads.append(thread)
            self._work_to_do.notify()

    def _next_results(self) -> list[R]:
        """Wait for the next result, and return it with the available results that follow it."""
        with self._lock:
            while self._yielded not in self._results:
                self._raise_failure()
                self._next_is_done.wait(_POLL)
            results = []
            while self._yielded in self._results:
                results.append(self._results.pop(self._yielded))
                del self._jobs[self._yielded]
                self._yielded += 1
            return results

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._cancellation.check()

    def _work(self) -> None:
        while (number := self._next_job()) is not None:
            try:
                result = self._act(self._jobs[number])
            except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
                self._fail(error)
                return
            with self._lock:
                self._running -= 1
                self._results[number] = result
                if number == self._yielded:
                    self._next_is_done.notify()
                self._work_to_do.notify()  # the number of workers may have increased

    def _next_job(self) -> int | None:
        with self._lock:
            while not self._ended:
                if self._ready and self._running < self._workers.limit:
                    self._running += 1
                    return heapq.heappop(self._ready)[1]
                self._work_to_do.wait()
            return None

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._running -= 1
            if self._failure is None:
                self._failure = error
        self._stop()
        self._cancellation.cancel()

    def _stop(self) -> None:
        with self._lock:
            self._ended = True
            self._work_to_do.notify_all()
            self._next_is_done.notify_all()
