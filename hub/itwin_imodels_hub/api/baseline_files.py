"""Operations on baseline files."""

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import OpenIModel, open_imodel
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.uploads import accept_upload
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store.imodels import change_imodel, imodel_by_number
from itwin_imodels_hub.store.jobs import add_job
from itwin_imodels_hub.store.records import NewJob


def get_details(context: Context) -> ApiResponse:
    """Get iModel Baseline File Details."""
    return _answer(context, open_imodel(context))


def complete(context: Context) -> ApiResponse:
    """Complete iModel Baseline File Upload. Body and media type are ignored."""
    access = open_imodel(context)
    access.on_itwin.require(Permission.MANAGE)
    imodel = access.imodel
    if imodel.baseline_state != "waitingForFile":
        detail = errors.Detail(code="InvalidChange", message="Baseline File upload is not in progress.")
        raise errors.invalid_request(context.request.problem, [detail])
    mismatch = "File size provided during iModel creation does not match actual file size."
    accept_upload(context, names.baseline(imodel.id), imodel.baseline_size, mismatch)
    values = {"baseline_state": "initializationScheduled", "creation_state": "scheduled"}
    change_imodel(context.connection, imodel.number, values)
    due = context.now + context.settings.job_delay
    add_job(context.connection, NewJob(kind="baseline", due_at=due, payload={}, imodel_number=imodel.number))
    return _answer(context, access)


def _answer(context: Context, access: OpenIModel) -> ApiResponse:
    imodel = imodel_by_number(context.connection, access.imodel.number) or access.imodel
    readable = imodel.baseline_state == "initialized" and access.has(Permission.READ)
    download = context.storage.download(names.baseline(imodel.id)) if readable else None
    return ApiResponse(json={"baselineFile": representations.baseline_file(imodel, context.urls, download)})
