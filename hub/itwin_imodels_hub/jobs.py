"""Work that the service does in the background.

Each job is a row with the time at which it is due. It is done when that time has come: by a thread, or by the next
request, whichever is first, so that a clock that is set forward takes the jobs with it. A job first makes files, which
can be done again, and then changes the database in one transaction; a hub that is ended in between starts over. Where
several processes work on one database, each job is claimed by the one that does it, and the claim ends with the process
(`Database.claim`).
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from attrs import evolve

from itwin_imodels_hub import names
from itwin_imodels_hub.blobs import FileStore, StorageRefusedError, StorageUnavailableError
from itwin_imodels_hub.clock import Clock
from itwin_imodels_hub.store.changesets import changesets_up_to
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.imodels import INITIALIZED, change_imodel, imodel_by_number
from itwin_imodels_hub.store.jobs import job_by_number, jobs_due, next_job, take_job
from itwin_imodels_hub.store.records import ChangesetRecord, CheckpointRecord, IModelRecord, JobRecord
from itwin_imodels_hub.store.versions import (
    FAILED,
    SCHEDULED,
    SUCCESSFUL,
    baseline_checkpoint,
    find_checkpoint,
    put_checkpoint,
)

CheckpointMaker = Callable[[str, int], Path | None]
"""Makes the file of an iModel (by id) at a changeset (by index); None when it cannot."""

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_LOOK_FOR_OTHERS = 10
"""After how many polls to look for jobs that other processes added and left."""
_ASK_AGAIN = timedelta(seconds=0.5)
"""When to ask again for a job that another process has claimed."""
_STORAGE_PAUSE_SECONDS = 2.0
_EVERY_INDEX = 2**31 - 1
_SQLITE_HEADER = b"SQLite format 3\x00"
_BRIEFCASE_IDS = range(2, 0xFFFFF6)


class Jobs:
    """Does jobs that are due, one after the other.

    Attributes:
        checkpoint_maker: Makes files of checkpoints that are not there when they are due.
    """

    checkpoint_maker: CheckpointMaker | None = None
    _next: datetime | None = None

    def __init__(self, database: Database, blobs: FileStore, clock: Clock, empty_imodel: Callable[[], Path]) -> None:
        """Work on a database and a blob store.

        Args:
            database: Where the jobs are.
            blobs: Where the files are.
            clock: What tells when jobs are due.
            empty_imodel: Gives the baseline file of empty iModels.
        """
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._empty_imodel = empty_imodel
        self._kinds: Mapping[str, Callable[[JobRecord, IModelRecord], None]] = {
            "empty": self._initialize_empty,
            "copy": self._initialize_copy,
            "baseline": self._initialize_uploaded,
            "checkpoint": self._make_checkpoint,
        }
        self._turn = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # How often there was news, and how much of it the time of the next job takes into account.
        self._news = 1
        self._known = 0
        self._counting = threading.Lock()
        self._storage_away = False
        self._paused_until = time.monotonic()

    def start(self) -> None:
        """Begin to do jobs in a thread."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._loop, name="hub-jobs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread after the job that it is doing."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def notice(self) -> None:
        """Take note that there may be new jobs."""
        with self._counting:
            self._news += 1

    def run_due(self) -> None:
        """Do everything that is due; while the storage is away only the thread tries, and nobody else waits."""
        if not self._may_be_due() or (self._storage_away and self._thread not in {None, threading.current_thread()}):
            return
        with self._turn:
            while self._may_be_due():
                news = self._news
                with self._database.reading() as connection:
                    job = next_job(connection)
                self._next = None if job is None else job.due_at
                self._known = news
                if job is not None and job.due_at <= self._clock.now():
                    self._run_first_free()

    def _run_first_free(self) -> None:
        """Do the first due job that nobody else is doing; if there is none, ask again in a while."""
        with self._database.reading() as connection:
            due = jobs_due(connection, self._clock.now())
        for each in due:
            with self._database.claim(each.number) as claimed:
                if not claimed:
                    continue
                with self._database.reading() as connection:
                    job = job_by_number(connection, each.number)
                if job is not None:  # not done in between
                    self._try(job)
                self.notice()
                return
        if due:
            self._next = self._clock.now() + _ASK_AGAIN

    def _try(self, job: JobRecord) -> None:
        """Do a job, or leave all for later, in their order: each would meet the same, and some need what others end."""
        try:
            self._run(job)
            self._storage_away = False
        except StorageUnavailableError as error:
            _logger.warning("The background work waits for the storage: %s", error)
            self._storage_away = True
            self._paused_until = time.monotonic() + _STORAGE_PAUSE_SECONDS

    def _may_be_due(self) -> bool:
        if time.monotonic() < self._paused_until:
            return False
        return self._known != self._news or (self._next is not None and self._next <= self._clock.now())

    def _loop(self) -> None:
        for number in count():
            if self._stop.wait(_POLL_SECONDS):
                return
            if self._database.shared and number % _LOOK_FOR_OTHERS == 0:
                self.notice()
            try:
                self.run_due()
            except Exception:
                _logger.exception("The background work failed")

    def _run(self, job: JobRecord) -> None:
        if job.imodel_number is None:
            try:
                self._blobs.delete_all(str(job.payload["prefix"]))
            except StorageRefusedError as error:
                _logger.warning("Files of a deleted iModel are left behind: %s", error)
            with self._database.writing() as connection:
                take_job(connection, job.number)
            return
        with self._database.reading() as connection:
            imodel = imodel_by_number(connection, job.imodel_number)
        if imodel is None:  # deleted since, and the job with it
            return
        try:
            self._kinds[job.kind](job, imodel)
        except StorageUnavailableError:
            raise
        except Exception:
            _logger.exception("Job %s of iModel %s failed", job.kind, imodel.id)
            self._fail(job, imodel)

    # Creation of iModels.

    def _initialize_empty(self, job: JobRecord, imodel: IModelRecord) -> None:
        self._blobs.add_file(names.baseline(imodel.id), self._empty_imodel())
        self._initialized(job, imodel)

    def _initialize_copy(self, job: JobRecord, imodel: IModelRecord) -> None:
        self._blobs.copy(str(job.payload["baseline"]), names.baseline(imodel.id))
        for changeset in self._history(imodel):
            source = names.changeset(job.source_id or "", changeset.changeset_id)
            self._blobs.copy(source, names.changeset(imodel.id, changeset.changeset_id))
        self._initialized(job, imodel)

    def _initialize_uploaded(self, job: JobRecord, imodel: IModelRecord) -> None:
        with self._blobs.local(names.baseline(imodel.id)) as path:
            state = inspect_baseline(path)
        if state == INITIALIZED:
            self._initialized(job, imodel)
        else:
            self._end(job, imodel, {"baseline_state": state, "creation_state": FAILED})

    def _history(self, imodel: IModelRecord) -> list[ChangesetRecord]:
        with self._database.reading() as connection:
            return changesets_up_to(connection, imodel.number, _EVERY_INDEX)

    def _initialized(self, job: JobRecord, imodel: IModelRecord) -> None:
        blob = names.baseline(imodel.id)
        size = self._blobs.size(blob) or 0
        values = {"state": INITIALIZED, "creation_state": SUCCESSFUL, "baseline_state": INITIALIZED}
        checkpoint = baseline_checkpoint(imodel.number, blob, size)
        self._end(job, imodel, {**values, "baseline_size": size}, checkpoint)

    def _end(
        self,
        job: JobRecord,
        imodel: IModelRecord,
        values: Mapping[str, object],
        checkpoint: CheckpointRecord | None = None,
    ) -> None:
        """End a job by a change; if the iModel was deleted meanwhile, what was made for it goes too."""
        with self._database.writing() as connection:
            imodel_by_number(connection, imodel.number, lock=True)
            present = take_job(connection, job.number)
            if present:
                change_imodel(connection, imodel.number, values)
            if present and checkpoint is not None:
                put_checkpoint(connection, checkpoint)
        if not present:
            self._blobs.delete_all(names.folder(imodel.id))

    # Checkpoints.

    def _make_checkpoint(self, job: JobRecord, imodel: IModelRecord) -> None:
        index = int(str(job.payload["index"]))
        blob = names.checkpoint(imodel.id, index)
        if self._blobs.size(blob) is None and self.checkpoint_maker is not None:
            made = self.checkpoint_maker(imodel.id, index)
            if made is not None:
                self._blobs.add_file(blob, made)
        size = self._blobs.size(blob)
        directory = names.checkpoint_directory(imodel.id, index)
        in_blocks = bool(self._blobs.names(f"{directory}/"))
        with self._database.writing() as connection:
            imodel_by_number(connection, imodel.number, lock=True)
            known = find_checkpoint(connection, imodel.number, index)
            if take_job(connection, job.number) and known is not None and known.state == SCHEDULED:
                made_record = evolve(
                    known,
                    state=SUCCESSFUL,
                    size=size or 0,
                    blob=None if size is None else blob,
                    directory=directory if in_blocks else None,
                    db_name=f"{known.changeset_id}.bim",
                )
                failed = size is None and not in_blocks
                put_checkpoint(connection, evolve(known, state=FAILED) if failed else made_record)

    def _fail(self, job: JobRecord, imodel: IModelRecord) -> None:
        with self._database.writing() as connection:
            imodel_by_number(connection, imodel.number, lock=True)
            if not take_job(connection, job.number):
                return
            if job.kind == "checkpoint":
                known = find_checkpoint(connection, imodel.number, int(str(job.payload["index"])))
                if known is not None:
                    put_checkpoint(connection, evolve(known, state=FAILED))
            else:
                values = {"creation_state": FAILED, "baseline_state": "initializationFailed"}
                change_imodel(connection, imodel.number, values)


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
