"""Operations on iModels: list, create, read, update, delete, and the state of a creation."""

from collections.abc import Mapping

from attrs import evolve, frozen

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import (
    confirmed_changeset,
    open_imodel,
    open_imodel_by_id,
    open_itwin,
    visible_in,
)
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.events import announce
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.api.rate_limits import limit_creations
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.events.messages import IMODEL_CREATED, IMODEL_DELETED, about_imodel
from itwin_imodels_hub.rules.id_formats import INT64_MAXIMUM
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import imodels as rows
from itwin_imodels_hub.store.jobs import PURGE, add_job
from itwin_imodels_hub.store.records import ChangesetRecord, NewIModel, NewJob
from itwin_imodels_hub.store.versions import put_checkpoint
from itwin_imodels_hub.work.recipes import find_recipe

EMPTY = "empty"
FROM_VERSION = "fromiModelVersion"
FROM_BASELINE = "fromBaseline"
# The vendor's client uses the second spelling of FROM_VERSION.
_MODES = {EMPTY: EMPTY, FROM_VERSION: FROM_VERSION, "fromIModelVersion": FROM_VERSION, FROM_BASELINE: FROM_BASELINE}


def get_list(context: Context) -> ApiResponse:
    """Get iTwin iModels."""
    with context.query() as query:
        itwin_id = query.required_uuid("iTwinId")
        values = {
            "itwin_id": itwin_id,
            "name": query.words("name"),
            "search": query.words("$search"),
            "state": query.choice("state", (rows.INITIALIZED, rows.NOT_INITIALIZED)),
        }
        query.exclude("name", "$search")
        order = query.order(("name", "createdDateTime"), several=True)
        window = read_window(context, query)
    open_itwin(context, itwin_id)
    page = rows.imodels_of(context.connection, visible_in(context, itwin_id), values, order, window)
    links = page_links(context, query, window, page)
    return ApiResponse(json={"iModels": representations.imodels(page.items, context), "_links": links})


def get_details(context: Context) -> ApiResponse:
    """Get iModel."""
    imodel = open_imodel(context).imodel
    return ApiResponse(json={"iModel": representations.imodel(imodel, context.urls)})


def get_create_operation(context: Context) -> ApiResponse:
    """Get Create iModel Operation Details."""
    imodel = open_imodel(context).imodel
    return ApiResponse(json={"createOperation": representations.create_operation(imodel)})


@frozen(kw_only=True)
class _Creation:
    """The body of Create iModel."""

    itwin_id: str
    name: str
    description: str | None
    extent: dict[str, object] | None
    containers: int
    mode: str | None
    template_id: str | None
    template_changeset: str | None
    baseline_size: int | None
    coordinate_system: str | None


def create(context: Context) -> ApiResponse:
    """Create iModel.

    If mode, template and baseline file are all omitted, the iModel is initialized immediately (deprecated by the
    service); otherwise it is initialized in the background. The coordinate system is stored, but does not affect the
    file.
    """
    limit_creations(context)
    with context.fields() as fields:
        creation = _read_creation(fields)
    itwin = open_itwin(context, creation.itwin_id, Permission.MANAGE).itwin
    source = None
    changeset: ChangesetRecord | None = None
    if creation.template_id is not None:
        source = open_imodel_by_id(context, creation.template_id, Permission.READ)
        source.require_initialized()
        if creation.template_changeset:
            changeset = confirmed_changeset(context, source.imodel, creation.template_changeset)
    if rows.name_taken(context.connection, itwin.id, creation.name):
        raise errors.name_exists("iModel", "iTwin")
    new = NewIModel(
        id=context.services.ids.new(),
        itwin_id=itwin.id,
        name=creation.name,
        description=creation.description,
        created_at=context.now,
        creator_id=context.user.id,
        extent=creation.extent,
        containers_enabled=creation.containers,
        coordinate_system=creation.coordinate_system,
        state=rows.NOT_INITIALIZED,
        creation_state="scheduled",
        baseline_state="initializationScheduled",
        baseline_size=0,
        next_changeset_index=context.settings.index_step,
    )
    upload = None
    if creation.mode == FROM_BASELINE:
        new = evolve(
            new,
            creation_state="waitingForFile",
            baseline_state="waitingForFile",
            baseline_size=creation.baseline_size or 0,
        )
        upload = context.storage.upload(names.upload(names.baseline(new.id)))
        store_new(context, new)
    elif source is not None:
        recipe = find_recipe(context.connection, source.imodel, changeset.changeset_index if changeset else 0)
        number = store_new(context, new)
        payload = recipe.as_payload()
        add_job(context.connection, creation_job(context, "copy", payload, number=number, source_id=source.imodel.id))
    elif creation.mode == EMPTY:
        number = store_new(context, new)
        add_job(context.connection, creation_job(context, "empty", {}, number=number))
    else:
        create_ready(context, new)
    created = rows.imodel_by_id(context.connection, new.id)
    if created is None:
        raise errors.unexpected()
    body = representations.created_imodel(created, context.urls, upload)
    return ApiResponse(status=201, json={"iModel": body})


def create_ready(context: Context, new: NewIModel) -> None:
    """Store an empty iModel that is initialized immediately."""
    ready = evolve(new, state=rows.INITIALIZED, creation_state="successful", baseline_state="initialized")
    number = store_new(context, ready)  # first, because it fails if another request takes the name
    context.services.blobs.add_file(names.baseline(new.id), context.services.empty_imodel())
    checkpoint = context.services.checkpoints.store_baseline(new.id, number)
    rows.change_imodel(context.connection, number, {"baseline_size": checkpoint.size})
    put_checkpoint(context.connection, checkpoint)


def update(context: Context) -> ApiResponse:
    """Update iModel: omitted members remain unchanged."""
    access = open_imodel(context, Permission.MANAGE)
    with context.fields() as fields:
        name = fields.text("name", blank=False)
        description = fields.text("description")
        extent = _read_extent(fields)
        sent = fields.require_any("name", "description", "extent")
    access.require_initialized()
    imodel = access.imodel
    changed = evolve(
        imodel,
        name=imodel.name if name is None else name,
        description=description if "description" in sent else imodel.description,
        extent=extent if "extent" in sent else imodel.extent,
    )
    changed = evolve(changed, folded=rows.fold(changed.name, changed.description))
    if rows.name_taken(context.connection, imodel.itwin_id, changed.name, other_than=imodel.number):
        raise errors.name_exists("iModel", "iTwin")
    values = {key: getattr(changed, key) for key in ("name", "description", "extent", "folded")}
    rows.change_imodel(context.connection, imodel.number, values)
    return ApiResponse(json={"iModel": representations.imodel(changed, context.urls)})


def delete(context: Context) -> ApiResponse:
    """Delete iModel. Its blobs are deleted in the background, after pending jobs have copied them."""
    access = open_imodel(context)
    access.on_itwin.require(Permission.DELETE)
    imodel = access.imodel
    announce(context, IMODEL_DELETED, imodel, about_imodel(imodel.id, context.user.id))
    rows.delete_imodel(context.connection, imodel.number)
    payload: dict[str, object] = {"prefix": names.folder(imodel.id)}
    add_job(context.connection, NewJob(kind=PURGE, due_at=context.now, payload=payload, source_id=imodel.id))
    return NO_CONTENT


def store_new(context: Context, new: NewIModel) -> int:
    """Store a new iModel, announce it and return its number."""
    number = rows.add_imodel(context.connection, new)
    rows.connect_user(context.connection, number, context.user.id, context.now)
    created = rows.imodel_by_number(context.connection, number)
    if created is None:
        raise errors.unexpected()
    announce(context, IMODEL_CREATED, created, about_imodel(created.id, context.user.id))
    return number


def creation_job(
    context: Context, kind: str, payload: Mapping[str, object], *, number: int, source_id: str | None = None
) -> NewJob:
    """Return the job that initializes a new iModel."""
    due = context.now + context.settings.job_delay
    return NewJob(kind=kind, due_at=due, payload=dict(payload), imodel_number=number, source_id=source_id)


def _read_creation(fields: Fields) -> _Creation:
    template = fields.inner("template")
    baseline = fields.inner("baselineFile")
    system = fields.inner("geographicCoordinateSystem")
    mode = fields.choice("creationMode", tuple(_MODES))
    creation = _Creation(
        itwin_id=fields.required_uuid("iTwinId"),
        name=fields.required_text("name"),
        description=fields.text("description"),
        extent=_read_extent(fields),
        containers=fields.integer("containersEnabled", minimum=0) or 0,
        mode=None if mode is None else _MODES[mode],
        template_id=None if template is None else template.required_uuid("iModelId"),
        template_changeset=None if template is None else template.text("changesetId"),
        baseline_size=None if baseline is None else baseline.required_integer("size", minimum=1, maximum=INT64_MAXIMUM),
        coordinate_system=None if system is None else system.required_text("horizontalCRSId"),
    )
    _check_mode(fields, creation)
    if creation.mode is None and creation.baseline_size is not None:
        return evolve(creation, mode=FROM_BASELINE)
    return creation


def _check_mode(fields: Fields, creation: _Creation) -> None:
    """Check that mode, template and baseline file match; without a mode, the other members determine it."""
    sent = {
        "template": creation.template_id is not None,
        "baselineFile": creation.baseline_size is not None,
    }
    if all(sent.values()):
        fields.problem(errors.exclusive_properties(tuple(sent)))
        return
    needed = {FROM_VERSION: "template", FROM_BASELINE: "baselineFile"}.get(creation.mode or "")
    if needed is not None and not sent[needed] and not fields.was_sent(needed):
        fields.problem(errors.missing_property(needed))
    if creation.mode is not None:
        for name, is_sent in sent.items():
            if is_sent and name != needed:
                fields.problem(errors.exclusive_properties(("creationMode", name)))
    if creation.coordinate_system is not None and creation.mode is None and not any(sent.values()):
        hint = "It requires a 'creationMode'."
        fields.problem(errors.bad_property("geographicCoordinateSystem", hint))


def _read_extent(fields: Fields) -> dict[str, object] | None:
    extent = fields.inner("extent", target="extent")
    if extent is None:
        return None
    corners: dict[str, object] = {}
    for name in ("southWest", "northEast"):
        corner = extent.inner(name, target="extent")
        if corner is None:
            extent.require(name)
            continue
        corners[name] = {"latitude": corner.degrees("latitude", 90), "longitude": corner.degrees("longitude", 180)}
    return corners
