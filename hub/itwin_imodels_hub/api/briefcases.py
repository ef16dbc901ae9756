"""Operations on briefcases."""

from itwin_imodels_hub.api import representations
from itwin_imodels_hub.api.access import briefcase_in_path, open_imodel, require_control
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.errors import Detail
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.api.rate_limits import check_limit, limit_calls
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.rules.rate_limits import MINUTE
from itwin_imodels_hub.store import briefcases as rows
from itwin_imodels_hub.store.locks import drop_all
from itwin_imodels_hub.store.records import BriefcaseRecord, IModelRecord

_NOBODY = "nobody"


def get_list(context: Context) -> ApiResponse:
    """Get iModel Briefcases."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        owner = query.text("ownerId")
        order = query.order(("acquiredDateTime",), several=False)
        window = read_window(context, query)
    if owner is not None:
        owner = context.user.id if owner.lower() == "me" else parse_uuid(owner) or _NOBODY
    page = rows.briefcases_of(context.connection, imodel.number, owner, order, window)
    items = [
        representations.briefcase(item, imodel, context.urls)
        if context.prefers_full
        else representations.briefcase_summary(item)
        for item in page.items
    ]
    return ApiResponse(json={"briefcases": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Briefcase."""
    imodel = open_imodel(context).imodel
    return _answer(context, imodel, briefcase_in_path(context, imodel))


def acquire(context: Context) -> ApiResponse:
    """Acquire iModel Briefcase.

    The service does not document whether its two limits apply per iModel; in this hub they do.
    """
    access = open_imodel(context, Permission.READ)
    with context.fields(optional=True) as fields:
        device = fields.text("deviceName")
        imodel, user = access.imodel, context.user
        if rows.count_held_by(context.connection, imodel.number, user.id) >= context.settings.briefcases_total:
            fields.problem(_quota_exceeded())
    access.require_initialized()
    _limit_rate(context, imodel)
    briefcase = BriefcaseRecord(
        imodel_number=imodel.number,
        briefcase_id=imodel.next_briefcase_id,
        owner_id=user.id,
        acquired_at=context.now,
        device_name=device,
        file_size=imodel.baseline_size,
        application_id=context.caller.application_id,
        application_name=context.caller.application_name,
    )
    rows.add_briefcase(context.connection, briefcase)
    return _answer(context, imodel, briefcase, status=201)


def release(context: Context) -> ApiResponse:
    """Release iModel Briefcase and abandon its locks. For that of another user, `imodels_manage` is required."""
    access = open_imodel(context)
    access.require_initialized()
    briefcase = briefcase_in_path(context, access.imodel)
    require_control(context, access, briefcase)
    drop_all(context.connection, access.imodel.number, briefcase.briefcase_id)
    rows.delete_briefcase(context.connection, access.imodel.number, briefcase.briefcase_id)
    return NO_CONTENT


def _limit_rate(context: Context, imodel: IModelRecord) -> None:
    limit, user_id = context.settings.briefcases_per_minute, context.user.id
    if context.settings.released_briefcases_count:
        limit_calls(context, f"{imodel.id} {user_id}", limit)
    else:
        held = rows.acquired_after(context.connection, imodel.number, user_id, context.now - MINUTE)
        check_limit(context, held, limit)


def _quota_exceeded() -> Detail:
    return Detail(
        code="ResourceQuotaExceeded",
        message="Maximum number of Briefcases per user limit reached.",
        inner_code="MaximumNumberOfBriefcasesPerUser",
    )


def _answer(context: Context, imodel: IModelRecord, briefcase: BriefcaseRecord, *, status: int = 200) -> ApiResponse:
    return ApiResponse(status=status, json={"briefcase": representations.briefcase(briefcase, imodel, context.urls)})
