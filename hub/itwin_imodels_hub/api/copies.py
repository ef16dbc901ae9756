"""Operations that copy an iModel: clone and fork."""

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.access import confirmed_changeset, open_imodel, open_itwin
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.imodels import creation_job, store_new
from itwin_imodels_hub.api.rate_limits import limit_copies
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import imodels as rows
from itwin_imodels_hub.store.changesets import changeset_by_index, close_groups, copy_history, newest_changeset
from itwin_imodels_hub.store.jobs import add_job
from itwin_imodels_hub.store.records import ChangesetRecord, IModelRecord, NewIModel
from itwin_imodels_hub.work.recipes import baseline_of, find_recipe


def clone(context: Context) -> ApiResponse:
    """Clone iModel: copy the baseline and the changesets. Open changeset groups of the source are closed."""
    return _copy(context, "clone")


def fork(context: Context) -> ApiResponse:
    """Fork iModel: clone it if the history is preserved, otherwise merge the changesets into the baseline.

    The baseline of a fork without history (and of an iModel created from a template) is the database at the selected
    changeset; if that database cannot be created, the creation of the iModel fails. A fork fails because of missing
    FederationGuids only if the setting `forks_need_federation_guids` is set.
    """
    return _copy(context, "fork")


def _copy(context: Context, kind: str) -> ApiResponse:
    """Copy an iModel; the caller needs `imodels_manage` in both iTwins, but only `imodels_webview` on the iModel."""
    limit_copies(context)
    access = open_imodel(context)
    access.on_itwin.require(Permission.MANAGE)
    with context.fields() as fields:
        itwin_id = fields.required_uuid("iTwinId")
        name = fields.text("name", blank=False)
        description = fields.text("description")
        changeset_id = fields.text("changesetId")
        changeset_index = fields.integer("changesetIndex", minimum=0)
        containers = fields.integer("containersEnabled", minimum=0) or 0
        preserve = fields.flag("preserveHistory") if kind == "fork" else True
        if changeset_id is not None and changeset_index is not None:
            fields.problem(errors.exclusive_properties(("changesetId", "changesetIndex")))
    itwin = open_itwin(context, itwin_id, Permission.MANAGE).itwin
    access.require_initialized()
    source = access.imodel
    last = _last_copied(context, source, changeset_id, changeset_index)
    name = source.name if name is None else name
    if rows.name_taken(context.connection, itwin.id, name):
        raise errors.name_exists("iModel", "iTwin")
    new = NewIModel(
        id=context.services.ids.new(),
        itwin_id=itwin.id,
        name=name,
        description=source.description if description is None else description,
        created_at=context.now,
        creator_id=context.user.id,
        extent=source.extent,
        containers_enabled=containers,
        coordinate_system=source.coordinate_system,
        state=rows.NOT_INITIALIZED,
        creation_state="scheduled",
        baseline_state="initializationScheduled",
        baseline_size=0,
        origin=kind,
        origin_imodel_id=source.id,
        origin_changeset_id=last.changeset_id if last else "",
        relationship_id=context.services.ids.new() if kind == "fork" else None,
        last_push_at=last.pushed_at if last and preserve else None,
        next_changeset_index=(last.changeset_index if last and preserve else 0) + context.settings.index_step,
    )
    number = store_new(context, new)
    index = last.changeset_index if last else 0
    if preserve:
        copy_history(context.connection, source.number, number, index)
    if kind == "clone":
        opened_after = context.now - context.settings.changeset_group_timeout
        close_groups(context.connection, source.number, "forciblyClosed", opened_after=opened_after)
    whole = find_recipe(context.connection, source, index)
    payload = (baseline_of(source) if preserve else whole).as_payload()
    if kind == "fork" and context.settings.forks_need_federation_guids:
        payload["checked"] = whole.as_payload()
    add_job(context.connection, creation_job(context, "copy", payload, number=number, source_id=source.id))
    address = context.urls.imodel(new.id)
    headers = {"Location": address, "Create-iModel-Operation": f"{address}/operations/create"}
    return ApiResponse(status=202, headers=headers)


def _last_copied(
    context: Context, source: IModelRecord, changeset_id: str | None, index: int | None
) -> ChangesetRecord | None:
    """Return the last changeset to copy, or None to copy the baseline only."""
    if changeset_id == "" or index == 0:
        return None
    if changeset_id is not None:
        return confirmed_changeset(context, source, changeset_id)
    if index is None:
        return newest_changeset(context.connection, source.number)
    changeset = changeset_by_index(context.connection, source.number, index)
    if changeset is None:
        raise errors.not_found("Changeset")
    return confirmed_changeset(context, source, changeset.changeset_id)
