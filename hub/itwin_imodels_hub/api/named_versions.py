"""Operations on Named Versions."""

from attrs import evolve

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import confirmed_changeset, open_imodel, version_in_path
from itwin_imodels_hub.api.checkpoints import schedule
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.events import announce
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.events.messages import NAMED_VERSION_CREATED, about_version
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import versions as rows
from itwin_imodels_hub.store.imodels import fold
from itwin_imodels_hub.store.records import IModelRecord, NamedVersionRecord

_STATES = (rows.VISIBLE, rows.HIDDEN)


def get_list(context: Context) -> ApiResponse:
    """Get iModel Named Versions."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        values = {
            "name": query.words("name"),
            "search": query.words("$search"),
            "state": query.choice("state", _STATES),
        }
        query.exclude("name", "$search")
        order = query.order(("changesetIndex", "createdDateTime"), several=False)
        window = read_window(context, query)
    page = rows.versions_of(context.connection, imodel.number, values, order, window)
    items = [
        representations.named_version(item, imodel, context.urls)
        if context.prefers_full
        else representations.version_summary(item)
        for item in page.items
    ]
    return ApiResponse(json={"namedVersions": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Named Version."""
    imodel = open_imodel(context).imodel
    return _answer(context, imodel, version_in_path(context, imodel))


def create(context: Context) -> ApiResponse:
    """Create iModel Named Version on a changeset or the baseline; schedule a checkpoint of that point."""
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        name = fields.required_text("name")
        description = fields.text("description")
        changeset_id = fields.text("changesetId", blank=False)
    access.require_initialized()
    imodel = access.imodel
    changeset = None if changeset_id is None else confirmed_changeset(context, imodel, changeset_id)
    index = 0 if changeset is None else changeset.changeset_index
    if rows.version_name_taken(context.connection, imodel.number, name):
        raise errors.name_exists("Named Version", "iModel")
    if rows.version_on(context.connection, imodel.number, index) is not None:
        raise errors.exists("Named Version on the Changeset", "NamedVersionOnChangesetExists")
    version = NamedVersionRecord(
        id=context.services.ids.new(),
        imodel_number=imodel.number,
        name=name,
        description=description,
        folded=fold(name, description),
        changeset_id=changeset_id,
        changeset_index=index,
        state=rows.VISIBLE,
        created_at=context.now,
        creator_id=context.user.id,
        application_id=context.caller.application_id,
        application_name=context.caller.application_name,
    )
    rows.add_version(context.connection, version)
    schedule(context, imodel, index, changeset_id)
    announce(context, NAMED_VERSION_CREATED, imodel, about_version(imodel.id, version))
    return _answer(context, imodel, version, status=201)


def update(context: Context) -> ApiResponse:
    """Update iModel Named Version: omitted members, except possibly the state, remain unchanged."""
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        name = fields.text("name", blank=False)
        description = fields.text("description")
        state = fields.choice("state", _STATES)
        sent = fields.require_any("name", "description", "state")
    access.require_initialized()
    imodel = access.imodel
    version = version_in_path(context, imodel)
    kept = rows.VISIBLE if context.settings.hidden_version_becomes_visible else version.state
    changed = evolve(
        version,
        name=version.name if name is None else name,
        description=description if "description" in sent else version.description,
        state=kept if state is None else state,
    )
    changed = evolve(changed, folded=fold(changed.name, changed.description))
    if rows.version_name_taken(context.connection, imodel.number, changed.name, other_than=version.id):
        raise errors.name_exists("Named Version", "iModel")
    values = {key: getattr(changed, key) for key in ("name", "description", "state", "folded")}
    rows.change_version(context.connection, version.id, values)
    return _answer(context, imodel, changed)


def _answer(context: Context, imodel: IModelRecord, version: NamedVersionRecord, *, status: int = 200) -> ApiResponse:
    body = representations.named_version(version, imodel, context.urls)
    return ApiResponse(status=status, json={"namedVersion": body})
