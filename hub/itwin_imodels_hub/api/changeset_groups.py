"""Operations on changeset groups."""

from attrs import evolve

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import open_imodel
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.rules.push import group_state
from itwin_imodels_hub.store import changesets as rows
from itwin_imodels_hub.store.records import GroupRecord, IModelRecord


def get_list(context: Context) -> ApiResponse:
    """Get iModel Changeset Groups."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        window = read_window(context, query)
    page = rows.groups_of(context.connection, imodel.number, window)
    items = [representations.changeset_group(item, imodel, context) for item in page.items]
    return ApiResponse(json={"changesetGroups": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Changeset Group."""
    imodel = open_imodel(context).imodel
    return _answer(context, imodel, _group_in_path(context, imodel))


def create(context: Context) -> ApiResponse:
    """Create iModel Changeset Group. The description is optional; whether the service requires it is unknown."""
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        description = fields.text("description")
    access.require_initialized()
    group = GroupRecord(
        id=context.services.ids.new(),
        imodel_number=access.imodel.number,
        state=rows.IN_PROGRESS,
        description=description,
        creator_id=context.user.id,
        created_at=context.now,
    )
    rows.add_group(context.connection, group)
    return _answer(context, access.imodel, group, status=201)


def update(context: Context) -> ApiResponse:
    """Update iModel Changeset Group: close it."""
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        state = fields.required_choice("state", ("completed",))
    access.require_initialized()
    group = _group_in_path(context, access.imodel)
    timeout = context.settings.changeset_group_timeout
    if group_state(group.state, group.created_at, now=context.now, timeout=timeout) != rows.IN_PROGRESS:
        raise errors.group_closed()
    rows.set_group_state(context.connection, group.id, state)
    return _answer(context, access.imodel, evolve(group, state=state))


def _group_in_path(context: Context, imodel: IModelRecord) -> GroupRecord:
    group_id = parse_uuid(context.request.path["changesetGroupId"])
    group = rows.find_group(context.connection, imodel.number, group_id) if group_id else None
    if group is None:
        raise errors.not_found("Changeset Group")
    return group


def _answer(context: Context, imodel: IModelRecord, group: GroupRecord, *, status: int = 200) -> ApiResponse:
    return ApiResponse(status=status, json={"changesetGroup": representations.changeset_group(group, imodel, context)})
