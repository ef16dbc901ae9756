"""Threads that do many pieces of work, the smallest first, and hand over the results in the order of the input."""

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
"""How long to wait for threads to end, seconds."""

_LOOK = 0.2
"""Seconds after which the waiting thread looks up, so that signals reach it on every system."""


class Crew(Generic[J, R]):
    """Works through an iterable that may be endless, with a bounded part of it in memory.

    Attributes:
        finished: The jobs that were done, but whose results were not handed over when it failed.
        unfinished: The jobs that were taken from the iterable and not done.
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
        """Prepare; threads are made when there is work.

        Args:
            act: Does one job.
            rank: Of the jobs in memory the one of the lowest rank is done first.
            window: Most jobs in memory, done or not; None for one more than may be done at a time.
            workers: How many jobs are done at a time.
            cancellation: Ends the jobs under way when one fails, or when it is cancelled.
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
        self._taken = self._given = self._running = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self.finished: list[J] = []
        self.unfinished: list[J] = []

    def run(self, jobs: Iterable[J]) -> Generator[R]:
        """Do the jobs and give their results in order.

        Raises:
            BaseException: What the first failed job raised, or the iterable; no work goes on then.
        """
        source = iter(jobs)
        exhausted = False
        try:
            with self._cancellation.calling(self._stop):
                while True:
                    exhausted = exhausted or self._fill(source)
                    if exhausted and not self._jobs:
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
        """Wait for the threads. One that does not end in time is left behind: it ends with its request."""
        end = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _fill(self, source: Iterator[J]) -> bool:
        """Take jobs while there is room and no result to yield; return whether all jobs are taken."""
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
            return len(self._jobs) < window and self._given not in self._results

    def _add(self, job: J) -> None:
        with self._lock:
            self._jobs[self._taken] = job
            heapq.heappush(self._ready, (self._rank(job), self._taken))
            self._taken += 1
            if len(self._threads) < min(self._workers.limit, self._running + len(self._ready)):
                name = f"transfer-{len(self._threads) + 1}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()
            self._work_to_do.notify()

    def _next_results(self) -> list[R]:
        """Wait for the result that comes next, and give it with those that follow it."""
        with self._lock:
            while self._given not in self._results:
                self._raise_failure()
                self._next_is_done.wait(_LOOK)
            results = []
            while self._given in self._results:
                results.append(self._results.pop(self._given))
                del self._jobs[self._given]
                self._given += 1
            return results

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._cancellation.check()

    def _work(self) -> None:
        while (number := self._next_job()) is not None:
            try:
                result = self._act(self._jobs[number])
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
                self._fail(error)
                return
            with self._lock:
                self._running -= 1
                self._results[number] = result
                if number == self._given:
                    self._next_is_done.notify()
                self._work_to_do.notify()  # there may be more workers now than when the others fell asleep

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
