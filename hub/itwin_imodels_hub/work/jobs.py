"""Schedule background jobs.

Each job is a row with its due time. A due job is started by a thread or by the next request, whichever comes first, so
that advancing the clock also runs the jobs. Long jobs run in separate threads and no request waits for them. If several
processes share a database, the process that runs a job claims it first (`Database.claim`); the claim ends
with the job, or at the latest with the process. `tasks` implements the jobs.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.blobs import StorageUnavailableError
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.imodels import imodel_by_number
from itwin_imodels_hub.store.jobs import first_jobs, job_by_number
from itwin_imodels_hub.store.records import IModelRecord, JobRecord
from itwin_imodels_hub.work.background import Background
from itwin_imodels_hub.work.tasks import Tasks

_logger = logging.getLogger(__name__)

_SHORT = frozenset({"completion", "empty"})
_POLL_SECONDS = 0.1
_LOOK_FOR_OTHERS = 10
"""Number of polls between checks for jobs that other processes have left unfinished."""
_ASK_AGAIN = timedelta(seconds=0.5)
"""Delay before retrying a job that another process has claimed."""
_STORAGE_PAUSE_SECONDS = 2.0
_AT_A_TIME = 100
"""Number of jobs to read; greater than the number of jobs that all processes together can claim."""


class Jobs:
    """Runs due jobs: short ones in sequence, long ones in separate threads."""

    _next: datetime | None = None

    def __init__(self, database: Database, clock: Clock, tasks: Tasks, background: Background) -> None:
        """Prepare to run the jobs in a database.

        Args:
            database: Database with the jobs.
            clock: Clock that determines when jobs are due.
            tasks: Implements the jobs.
            background: Threads for long jobs.
        """
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._background = background
        background.on_done = self.notice
        self._turn = threading.RLock()
        self._paused = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # `_notices` is the number of calls to `notice`, plus 1 so that the first check looks for jobs.
        # `_notices_seen` is the value of `_notices` when `_next` was computed.
        self._notices = 1
        self._notices_seen = 0
        self._counting = threading.Lock()
        self._storage_unavailable = False
        self._storage_pause_end = time.monotonic()

    def start(self) -> None:
        """Start running jobs in a thread."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._loop, name="hub-jobs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the threads; interrupted long jobs are restarted after the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._turn:
            self._background.close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Run no jobs during the block; long jobs are interrupted and restarted afterwards."""
        with self._turn:
            self._paused = True
            try:
                self._background.interrupt()
                yield
            finally:
                self._paused = False

    def notice(self) -> None:
        """Record that there may be new jobs."""
        with self._counting:
            self._notices += 1

    def finish_due(self) -> None:
        """Run all due jobs and wait for them.

        Raises:
            Exception: The result of a job cannot be stored.
        """
        while True:
            with self._turn:
                self._begin_due()
            self._background.wait()
            if not self._background.busy_imodels and not self._may_be_due():
                return

    def run_due(self) -> None:
        """Run all due jobs: finish short jobs and start long ones.

        While the storage is unavailable, only the background thread retries, so that requests do not wait.
        """
        if self._paused or not self._may_be_due():
            return
        if self._storage_unavailable and self._thread not in {None, threading.current_thread()}:
            return
        with self._turn:
            self._begin_due()

    def _begin_due(self) -> None:
        while self._may_be_due():
            notices, now = self._notices, self._clock.now()
            first = self._first_jobs()
            self._next = first[0].due_at if first else None
            self._notices_seen = notices
            due = [each for each in first if each.due_at <= now]
            if due and not self._begin_free(due):
                self._next = now + _ASK_AGAIN

    def _first_jobs(self) -> list[JobRecord]:
        """Return the next jobs that may start, due or not."""
        kinds = _SHORT if self._background.is_full else None
        with self._database.reading() as connection:
            return first_jobs(connection, limit=_AT_A_TIME, busy=self._background.busy_imodels, kinds=kinds)

    def _begin_free(self, due: list[JobRecord]) -> bool:
        """Start due jobs that no other process has claimed, one per iModel, while threads and storage are available.

        Returns:
            Whether any job was started.
        """
        begun = False
        for each in due:
            if each.imodel_number in self._background.busy_imodels or (self._background.is_full and _takes_long(each)):
                continue
            if self._is_paused_for_storage:
                break
            with ExitStack() as claim:
                if claim.enter_context(self._database.claim(each.number)):
                    self._begin(each.number, claim)
                    self.notice()
                    begun = True
        return begun

    def _begin(self, number: int, claim: ExitStack) -> None:
        """Run a claimed job or start it in a thread; the claim is released afterwards."""
        with self._database.reading() as connection:
            job = job_by_number(connection, number)
            imodel = None
            if job is not None and job.imodel_number is not None:
                imodel = imodel_by_number(connection, job.imodel_number)
        if job is None:  # finished in the meantime, or deleted with its iModel
            return
        if imodel is None or not _takes_long(job):
            self._do(job, imodel)
        else:
            self._background.begin(imodel.number, partial(self._do_claimed, claim.pop_all(), job, imodel))

    def _do_claimed(self, claim: AbstractContextManager[object], job: JobRecord, imodel: IModelRecord) -> None:
        with claim:
            self._background.check()
            self._do(job, imodel)

    def _do(self, job: JobRecord, imodel: IModelRecord | None) -> None:
        """Run a job; if the storage is unavailable, pause all jobs, because they also need it and run in order."""
        try:
            self._tasks.do(job, imodel)
            self._storage_unavailable = False
        except StorageUnavailableError as error:
            _logger.warning("Background work is paused: %s", error)
            self._storage_unavailable = True
            self._storage_pause_end = time.monotonic() + _STORAGE_PAUSE_SECONDS

    @property
    def _is_paused_for_storage(self) -> bool:
        return time.monotonic() < self._storage_pause_end

    def _may_be_due(self) -> bool:
        if self._is_paused_for_storage:
            return False
        return self._notices_seen != self._notices or (self._next is not None and self._next <= self._clock.now())

    def _loop(self) -> None:
        for number in count():
            if self._stop.wait(_POLL_SECONDS):
                return
            if self._database.shared and number % _LOOK_FOR_OTHERS == 0:
                self.notice()
            try:
                self.run_due()
            except Exception:
                _logger.exception("Background work failed")


def _takes_long(job: JobRecord) -> bool:
    return job.imodel_number is not None and job.kind not in _SHORT
