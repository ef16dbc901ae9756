"""The background jobs of the service.

A job first creates files, a step that can be repeated, and then changes the database in one transaction. If the hub
stops in between, the job is restarted.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from attrs import evolve
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.blobs import BlobStore, StorageRefusedError, StorageUnavailableError, names
from itwin_imodels_hub.store.changesets import changesets_up_to
from itwin_imodels_hub.store.database import Database, DatabaseBusyError
from itwin_imodels_hub.store.imodels import INITIALIZED, change_imodel, imodel_by_id, imodel_by_number
from itwin_imodels_hub.store.jobs import add_job, take_job
from itwin_imodels_hub.store.records import ChangesetRecord, CheckpointRecord, IModelRecord, JobRecord, NewJob
from itwin_imodels_hub.store.versions import FAILED, SCHEDULED, SUCCESSFUL, find_checkpoint, put_checkpoint
from itwin_imodels_hub.work.background import Interrupted
from itwin_imodels_hub.work.baselines import inspect_baseline, lacks_federation_guids
from itwin_imodels_hub.work.checkpoints import CheckpointError, Checkpoints, StoredCheckpoint, failure_of
from itwin_imodels_hub.work.recipes import Recipe, find_recipe

_logger = logging.getLogger(__name__)

MISSING_GUIDS = "mainIModelIsMissingFederationGuids"

_MAX_INDEX = 2**31 - 1


class Tasks:
    """Runs jobs."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        checkpoints: Checkpoints,
        empty_imodel: Callable[[], Path],
        *,
        clone_completion_delay: timedelta = timedelta(),
    ) -> None:
        """Prepare to run jobs on a database and its blobs.

        Args:
            database: Database with the jobs.
            blobs: Blob store.
            checkpoints: Creates checkpoints.
            empty_imodel: Returns the baseline file of empty iModels.
            clone_completion_delay: Time between the initialization of a clone and the success of its creation.
        """
        self._database = database
        self._blobs = blobs
        self._checkpoints = checkpoints
        self._empty_imodel = empty_imodel
        self._clone_completion_delay = clone_completion_delay
        self._kinds: Mapping[str, Callable[[JobRecord, IModelRecord], None]] = {
            "empty": self._initialize_empty,
            "copy": self._initialize_copy,
            "baseline": self._initialize_uploaded,
            "checkpoint": self._make_checkpoint,
            "completion": self._complete,
        }

    def do(self, job: JobRecord, imodel: IModelRecord | None) -> None:
        """Run a job and record its result.

        Args:
            job: The job.
            imodel: iModel of the job; None if the job deletes the blobs of a deleted iModel.

        Raises:
            Interrupted: The job was interrupted and must be restarted.
            StorageUnavailableError: The storage cannot be reached, the disk is full, or the database is busy; the job
                must be retried.
        """
        try:
            self._do(job, imodel)
        except DatabaseBusyError as error:
            raise StorageUnavailableError("the database is busy") from error
        except (OSError, DBAPIError) as error:
            if is_disk_full(error):
                raise StorageUnavailableError("the disk is full") from error
            raise

    def _do(self, job: JobRecord, imodel: IModelRecord | None) -> None:
        if imodel is None:
            self._purge(job)
            return
        try:
            self._kinds[job.kind](job, imodel)
        except (Interrupted, StorageUnavailableError, DatabaseBusyError):
            raise
        except CheckpointError as error:
            _logger.warning("Job %s of iModel %s failed: %s", job.kind, imodel.id, error)
            self._fail(job, imodel, error)
        except Exception as error:
            if is_disk_full(error):
                raise
            _logger.exception("Job %s of iModel %s failed", job.kind, imodel.id)
            self._fail(job, imodel, error)

    def _purge(self, job: JobRecord) -> None:
        """Delete the blobs of a deleted iModel, unless an iModel with the same id exists again."""
        with self._database.reading() as connection:
            is_back = imodel_by_id(connection, job.source_id or "") is not None
        try:
            if not is_back:
                self._blobs.delete_all(str(job.payload["prefix"]))
        except StorageRefusedError as error:
            _logger.warning("Blobs of a deleted iModel could not be deleted: %s", error)
        with self._database.writing() as connection:
            take_job(connection, job.number)

    # Creation of iModels.

    def _initialize_empty(self, job: JobRecord, imodel: IModelRecord) -> None:
        self._blobs.add_file(names.baseline(imodel.id), self._empty_imodel())
        self._finish_initialization(job, imodel)

    def _initialize_copy(self, job: JobRecord, imodel: IModelRecord) -> None:
        recipe, source_id = Recipe.from_payload(job.payload), job.source_id or ""
        if self._lacks_federation_guids(job, source_id):
            self._end(job, imodel, {"creation_state": MISSING_GUIDS, "baseline_state": "initializationFailed"})
            return
        if recipe.is_baseline:
            self._blobs.copy(recipe.base, names.baseline(imodel.id))
        else:
            with self._checkpoints.database(source_id, recipe, as_baseline=True) as file:
                self._blobs.add_file(names.baseline(imodel.id), file)
        for changeset in self._history(imodel):
            source = names.changeset(source_id, changeset.changeset_id)
            self._blobs.copy(source, names.changeset(imodel.id, changeset.changeset_id))
        self._finish_initialization(job, imodel)

    def _lacks_federation_guids(self, job: JobRecord, source_id: str) -> bool:
        checked = job.payload.get("checked")
        if not isinstance(checked, dict):
            return False
        with self._checkpoints.database(source_id, Recipe.from_payload(checked)) as file:
            return lacks_federation_guids(file)

    def _initialize_uploaded(self, job: JobRecord, imodel: IModelRecord) -> None:
        with self._blobs.local(names.baseline(imodel.id)) as file:
            state = inspect_baseline(file)
        if state == INITIALIZED:
            self._finish_initialization(job, imodel)
        else:
            self._end(job, imodel, {"baseline_state": state, "creation_state": FAILED})

    def _history(self, imodel: IModelRecord) -> list[ChangesetRecord]:
        with self._database.reading() as connection:
            return changesets_up_to(connection, imodel.number, _MAX_INDEX)

    def _finish_initialization(self, job: JobRecord, imodel: IModelRecord) -> None:
        checkpoint = self._checkpoints.store_baseline(imodel.id, imodel.number)
        values = {"state": INITIALIZED, "baseline_state": INITIALIZED, "baseline_size": checkpoint.size}
        if imodel.origin == "clone" and self._clone_completion_delay:
            due = job.due_at + self._clone_completion_delay
            completion = NewJob(kind="completion", due_at=due, payload={}, imodel_number=imodel.number)
            self._end(job, imodel, values, checkpoint, completion)
        else:
            self._end(job, imodel, {**values, "creation_state": SUCCESSFUL}, checkpoint)

    def _complete(self, job: JobRecord, imodel: IModelRecord) -> None:
        self._end(job, imodel, {"creation_state": SUCCESSFUL})

    def _end(
        self,
        job: JobRecord,
        imodel: IModelRecord,
        values: Mapping[str, object],
        checkpoint: CheckpointRecord | None = None,
        following: NewJob | None = None,
    ) -> None:
        """Finish a job with a change to its iModel; if the iModel was deleted in the meantime, delete its blobs."""
        with self._database.writing() as connection:
            present = _take(connection, job, imodel)
            if present:
                change_imodel(connection, imodel.number, values)
            if present and checkpoint is not None:
                put_checkpoint(connection, checkpoint)
            if present and following is not None:
                add_job(connection, following)
        if not present:
            self._clean_up(imodel)

    def _clean_up(self, imodel: IModelRecord) -> None:
        """Delete the blobs of an iModel that was deleted in the meantime."""
        with self._database.reading() as connection:
            gone = imodel_by_id(connection, imodel.id) is None
        if gone:
            self._blobs.delete_all(names.folder(imodel.id))

    # Checkpoints.

    def _make_checkpoint(self, job: JobRecord, imodel: IModelRecord) -> None:
        with self._database.reading() as connection:
            recipe = find_recipe(connection, imodel, _index_of(job))
        self._checkpoints.make(imodel.id, recipe, partial(self._register, job, imodel))

    def _register(self, job: JobRecord, imodel: IModelRecord, made: StoredCheckpoint) -> bool:
        with self._database.writing() as connection:
            imodel_by_number(connection, imodel.number, lock=True)
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
            present = _take(connection, job, imodel)
            if present and job.kind == "checkpoint":
                known = find_checkpoint(connection, imodel.number, _index_of(job))
                if known is not None:
                    put_checkpoint(connection, evolve(known, state=FAILED, failure=failure_of(error)))
            elif present:
                values = {"creation_state": FAILED, "baseline_state": "initializationFailed"}
                change_imodel(connection, imodel.number, values)
        if not present:
            self._clean_up(imodel)


def _take(connection: Connection, job: JobRecord, imodel: IModelRecord) -> bool:
    """Lock the iModel of a job and delete the job; return False if the job no longer exists."""
    imodel_by_number(connection, imodel.number, lock=True)
    return take_job(connection, job.number)


def _index_of(job: JobRecord) -> int:
    return int(str(job.payload["index"]))
