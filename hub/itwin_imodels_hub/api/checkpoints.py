"""Operations on checkpoints.

The baseline is the checkpoint of changeset 0. Others are created in the background, see
`itwin_imodels_hub.work.checkpoints`. Responses of the service have no member for the reason for a failure; the control
API reports it.
"""

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import changeset_in_path, open_imodel, version_in_path
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.rules.id_formats import parse_index
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import versions as rows
from itwin_imodels_hub.store.jobs import add_job
from itwin_imodels_hub.store.records import CheckpointRecord, IModelRecord, NewJob


def get_latest(context: Context) -> ApiResponse:
    """Get Briefcase Checkpoint: the newest successful checkpoint of the iModel."""
    imodel = open_imodel(context, Permission.READ).imodel
    return _answer(context, rows.newest_checkpoint(context.connection, imodel.number))


def get_of_changeset(context: Context) -> ApiResponse:
    """Get Changeset Checkpoint of exactly this changeset; index 0 is the baseline."""
    imodel = open_imodel(context, Permission.READ).imodel
    baseline = parse_index(context.request.path["changeset"]) == 0
    index = 0 if baseline else changeset_in_path(context, imodel).changeset_index
    return _answer(context, rows.find_checkpoint(context.connection, imodel.number, index))


def get_of_version(context: Context) -> ApiResponse:
    """Get Named Version Checkpoint."""
    imodel = open_imodel(context, Permission.READ).imodel
    version = version_in_path(context, imodel)
    return _answer(context, rows.find_checkpoint(context.connection, imodel.number, version.changeset_index))


def update_of_version(context: Context) -> ApiResponse:
    """Update Named Version Checkpoint: schedule it again unless it is successful."""
    access = open_imodel(context, Permission.WRITE)
    access.require_initialized()
    version = version_in_path(context, access.imodel)
    schedule(context, access.imodel, version.changeset_index, version.changeset_id)
    checkpoint = rows.find_checkpoint(context.connection, access.imodel.number, version.changeset_index)
    return _answer(context, checkpoint)


def schedule(context: Context, imodel: IModelRecord, index: int, changeset_id: str | None) -> None:
    """Schedule a checkpoint unless it is scheduled or successful."""
    known = rows.find_checkpoint(context.connection, imodel.number, index)
    if known is not None and known.state in {rows.SUCCESSFUL, rows.SCHEDULED}:
        return
    record = CheckpointRecord(
        imodel_number=imodel.number, changeset_index=index, changeset_id=changeset_id, state=rows.SCHEDULED
    )
    rows.put_checkpoint(context.connection, record)
    due = context.now + context.settings.job_delay
    job = NewJob(kind="checkpoint", due_at=due, payload={"index": index}, imodel_number=imodel.number)
    add_job(context.connection, job)


def _answer(context: Context, checkpoint: CheckpointRecord | None) -> ApiResponse:
    if checkpoint is None:
        raise errors.not_found("Checkpoint")
    return ApiResponse(json={"checkpoint": representations.checkpoint(checkpoint, context.storage)})
