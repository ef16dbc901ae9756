"""Work that the service does in the background.

Each job is a row with the time at which it is due. It is begun when that time has come: by a thread, or by the next
request, whichever is first, so that a clock that is set forward takes the jobs with it. What may take long is done by
workers, and no request waits for it. A job first makes files, which can be done again, and then changes the database in
one transaction; a hub that is ended in between starts over.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from attrs import evolve

from itwin_imodels_hub import names
from itwin_imodels_hub.blobs import BlobStore
from itwin_imodels_hub.checkpoints import CheckpointError, Checkpoints, Made, failure_of
from itwin_imodels_hub.clock import Clock
from itwin_imodels_hub.recipes import Recipe, find_recipe
from itwin_imodels_hub.store.changesets import changesets_up_to
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.imodels import INITIALIZED, change_imodel, imodel_by_id, imodel_by_number
from itwin_imodels_hub.store.jobs import next_job, take_job
from itwin_imodels_hub.store.records import ChangesetRecord, CheckpointRecord, IModelRecord, JobRecord
from itwin_imodels_hub.store.versions import (
    FAILED,
    SCHEDULED,
    SUCCESSFUL,
    find_checkpoint,
    put_checkpoint,
)
from itwin_imodels_hub.workers import Interrupted, Workers

_logger = logging.getLogger(__name__)

_SHORT = frozenset({"empty"})
_POLL_SECONDS = 0.1
_EVERY_INDEX = 2**31 - 1
_SQLITE_HEADER = b"SQLite format 3\x00"
_BRIEFCASE_IDS = range(2, 0xFFFFF6)


class Jobs:
    """Does jobs that are due: short ones in turn, long ones in workers."""

    _next: datetime | None = None

    def __init__(  # noqa: PLR0913, PLR0917 - each is a part of the hub
        self,
        database: Database,
        blobs: BlobStore,
        clock: Clock,
        empty_imodel: Callable[[], Path],
        checkpoints: Checkpoints,
        workers: Workers,
    ) -> None:
        """Work on a database and a blob store.

        Args:
            database: Where the jobs are.
            blobs: Where the files are.
            clock: What tells when jobs are due.
            empty_imodel: Gives the baseline file of empty iModels.
            checkpoints: Makes checkpoints.
            workers: Do what takes long.
        """
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._empty_imodel = empty_imodel
        self._checkpoints = checkpoints
        self._workers = workers
        workers.done = self.notice
        self._kinds: Mapping[str, Callable[[JobRecord, IModelRecord], None]] = {
            "empty": self._initialize_empty,
            "copy": self._initialize_copy,
            "baseline": self._initialize_uploaded,
            "checkpoint": self._make_checkpoint,
        }
        self._turn = threading.RLock()
        self._paused = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # How often there was news, and how much of it the time of the next job takes into account.
        self._news = 1
        self._known = 0
        self._counting = threading.Lock()

    def start(self) -> None:
        """Begin to do jobs in a thread."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._loop, name="hub-jobs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the threads; a long job is left where it stands and done anew after the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._turn:
            self._workers.close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing be done within the block; long jobs are interrupted and done anew afterwards."""
        with self._turn:
            self._paused = True
            try:
                self._workers.interrupt()
                yield
            finally:
                self._paused = False

    def notice(self) -> None:
        """Take note that there may be new jobs."""
        with self._counting:
            self._news += 1

    def finish_due(self) -> None:
        """Do everything that is due, and wait until it is done.

        Raises:
            Exception: How a job ends cannot be stored.
        """
        while True:
            with self._turn:
                self._begin_due()
            self._workers.wait()
            if not self._workers.busy and not self._may_be_due():
                return

    def run_due(self) -> None:
        """Do everything that is due; what takes long is only begun."""
        if self._paused or not self._may_be_due():
            return
        with self._turn:
            self._begin_due()

    def _begin_due(self) -> None:
        while self._may_be_due():
            news = self._news
            with self._database.reading() as connection:
                job = next_job(connection, busy=self._workers.busy)
            self._next = None if job is None else job.due_at
            self._known = news
            if job is not None and job.due_at <= self._clock.now():
                self._run(job)
                self.notice()

    def _may_be_due(self) -> bool:
        return self._known != self._news or (self._next is not None and self._next <= self._clock.now())

    def _loop(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            try:
                self.run_due()
            except Exception:
                _logger.exception("The background work failed")

    def _run(self, job: JobRecord) -> None:
        if job.imodel_number is None:
            self._purge(job)
            return
        with self._database.reading() as connection:
            imodel = imodel_by_number(connection, job.imodel_number)
        if imodel is None:  # deleted since, and the job with it
            return
        if job.kind in _SHORT:
            self._do(job, imodel)
        else:
            self._workers.begin(imodel.number, partial(self._do, job, imodel))

    def _purge(self, job: JobRecord) -> None:
        """Remove the files of a deleted iModel, unless one of its id was put into the hub since."""
        with self._database.reading() as connection:
            is_back = imodel_by_id(connection, job.source_id or "") is not None
        if not is_back:
            self._blobs.delete_all(str(job.payload["prefix"]))
        with self._database.writing() as connection:
            take_job(connection, job.number)

    def _do(self, job: JobRecord, imodel: IModelRecord) -> None:
        try:
            self._kinds[job.kind](job, imodel)
        except Interrupted:
            raise
        except CheckpointError as error:
            _logger.warning("Job %s of iModel %s failed: %s", job.kind, imodel.id, error)
            self._fail(job, imodel, error)
        except Exception as error:
            _logger.exception("Job %s of iModel %s failed", job.kind, imodel.id)
            self._fail(job, imodel, error)

    # Creation of iModels.

    def _initialize_empty(self, job: JobRecord, imodel: IModelRecord) -> None:
        self._blobs.add_file(names.baseline(imodel.id), self._empty_imodel())
        self._initialized(job, imodel)

    def _initialize_copy(self, job: JobRecord, imodel: IModelRecord) -> None:
        recipe, source_id = Recipe.from_payload(job.payload), job.source_id or ""
        if recipe.is_baseline:
            self._blobs.copy(recipe.base, names.baseline(imodel.id))
        else:
            with self._checkpoints.database(source_id, recipe, as_baseline=True) as file:
                self._blobs.add_file(names.baseline(imodel.id), file)
        for changeset in self._history(imodel):
            source = names.changeset(source_id, changeset.changeset_id)
            self._blobs.copy(source, names.changeset(imodel.id, changeset.changeset_id))
        self._initialized(job, imodel)

    def _initialize_uploaded(self, job: JobRecord, imodel: IModelRecord) -> None:
        state = inspect_baseline(self._blobs.path(names.baseline(imodel.id)))
        if state == INITIALIZED:
            self._initialized(job, imodel)
        else:
            self._end(job, imodel, {"baseline_state": state, "creation_state": FAILED})

    def _history(self, imodel: IModelRecord) -> list[ChangesetRecord]:
        with self._database.reading() as connection:
            return changesets_up_to(connection, imodel.number, _EVERY_INDEX)

    def _initialized(self, job: JobRecord, imodel: IModelRecord) -> None:
        checkpoint = self._checkpoints.keep_baseline(imodel.id, imodel.number)
        values = {"state": INITIALIZED, "creation_state": SUCCESSFUL, "baseline_state": INITIALIZED}
        self._end(job, imodel, {**values, "baseline_size": checkpoint.size}, checkpoint)

    def _end(
        self,
        job: JobRecord,
        imodel: IModelRecord,
        values: Mapping[str, object],
        checkpoint: CheckpointRecord | None = None,
    ) -> None:
        """End a job by a change; if the iModel was deleted meanwhile, what was made for it goes too."""
        with self._database.writing() as connection:
            present = take_job(connection, job.number)
            if present:
                change_imodel(connection, imodel.number, values)
            if present and checkpoint is not None:
                put_checkpoint(connection, checkpoint)
        if not present:
            self._clean_up(imodel)

    def _clean_up(self, imodel: IModelRecord) -> None:
        """Remove what was made for an iModel that was deleted meanwhile."""
        with self._database.reading() as connection:
            gone = imodel_by_id(connection, imodel.id) is None
        if gone:
            self._blobs.delete_all(names.folder(imodel.id))

    # Checkpoints.

    def _make_checkpoint(self, job: JobRecord, imodel: IModelRecord) -> None:
        with self._database.reading() as connection:
            recipe = find_recipe(connection, imodel, _index_of(job))
        self._checkpoints.make(imodel.id, recipe, partial(self._make_known, job, imodel))

    def _make_known(self, job: JobRecord, imodel: IModelRecord, made: Made) -> bool:
        with self._database.writing() as connection:
            imodel_by_id(connection, imodel.id, lock=True)
            if not self._checkpoints.publish(made):
                return False
            present = take_job(connection, job.number)
            known = find_checkpoint(connection, imodel.number, _index_of(job))
            if present and known is not None and known.state == SCHEDULED:
                put_checkpoint(
                    connection,
                    evolve(
                        known,
                        state=SUCCESSFUL,
                        size=made.size,
                        blob=made.blob,
                        directory=made.directory,
                        db_name=f"{known.changeset_id}.bim",
                    ),
                )
        if not present:
            self._clean_up(imodel)
        return True

    def _fail(self, job: JobRecord, imodel: IModelRecord, error: Exception) -> None:
        with self._database.writing() as connection:
            present = take_job(connection, job.number)
            if present and job.kind == "checkpoint":
                known = find_checkpoint(connection, imodel.number, _index_of(job))
                if known is not None:
                    put_checkpoint(connection, evolve(known, state=FAILED, failure=failure_of(error)))
            elif present:
                values = {"creation_state": FAILED, "baseline_state": "initializationFailed"}
                change_imodel(connection, imodel.number, values)
        if not present:
            self._clean_up(imodel)


def _index_of(job: JobRecord) -> int:
    return int(str(job.payload["index"]))


def inspect_baseline(path: Path) -> str:
    """Tell the state that an uploaded baseline file leads to.

    A file that is not a SQLite database fails. One that says it belongs to a briefcase is refused as such: the number
    it keeps in table `be_Local` is that of an acquired briefcase (our reading of iTwin.js, not of the service).
    Everything else is taken.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
            return "initializationFailed"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            row = database.execute("SELECT Val FROM be_Local WHERE Name = 'be_repositoryId'").fetchone()
    except sqlite3.OperationalError:  # no such table
        return INITIALIZED
    except sqlite3.DatabaseError:
        return "initializationFailed"
    return "fileIsBriefcase" if row is not None and _number(row[0]) in _BRIEFCASE_IDS else INITIALIZED


def _number(value: object) -> int:
    if isinstance(value, bytes):
        return int.from_bytes(value, "little")
    return value if isinstance(value, int) else 0
