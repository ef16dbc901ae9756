"""Operations on changesets: list, read, and the two steps of a push."""

from attrs import evolve

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import (
    OpenIModel,
    changeset_in_path,
    open_briefcase,
    open_imodel,
    require_control,
)
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.events import announce
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.api.representations import RelatedEntities
from itwin_imodels_hub.api.uploads import accept_upload
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.events.messages import CHANGES_READY, about_changeset
from itwin_imodels_hub.rules.id_formats import INT64_MAXIMUM, is_changeset_id
from itwin_imodels_hub.rules.paging import Window
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.rules.push import Start, Waiting, begin_push, group_state
from itwin_imodels_hub.store import changesets as rows
from itwin_imodels_hub.store.changesets import UPLOADED, WAITING
from itwin_imodels_hub.store.imodels import INITIALIZED, change_imodel, take_changeset_index
from itwin_imodels_hub.store.pages import Page
from itwin_imodels_hub.store.records import ChangesetRecord, IModelRecord
from itwin_imodels_hub.store.versions import successful_indexes, versions_on
from itwin_imodels_hub.work.verification import matches_id

_ALL_FLAGS = 127


def get_list(context: Context) -> ApiResponse:
    """Get iModel Changesets: only confirmed ones."""
    access = open_imodel(context)
    with context.query() as query:
        bounds = (query.natural("afterIndex"), query.natural("lastIndex"))
        order = query.order(("index",), several=False)
        window = read_window(context, query)
    imodel = access.imodel
    # The history of a clone is hidden until its files have been copied.
    seen = window if imodel.state == INITIALIZED else Window(top=window.top)
    limits = bounds if imodel.state == INITIALIZED else (None, 0)
    page = rows.history(context.connection, imodel.number, limits, order, seen)
    if context.prefers_full:
        related = _related(context, imodel, page)
        items = [_full_changeset(context, access, item, related) for item in page.items]
    else:
        items = [representations.changeset_summary(item, imodel, context.urls) for item in page.items]
    return ApiResponse(json={"changesets": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Changeset, by id or index; the user who pushes it can also read it while pending."""
    access = open_imodel(context)
    changeset = changeset_in_path(context, access.imodel)
    related = _related_of(context, access.imodel, [changeset.changeset_index])
    return ApiResponse(json={"changeset": _full_changeset(context, access, changeset, related)})


def create(context: Context) -> ApiResponse:
    """Create iModel Changeset: the first step of a push.

    The briefcase must belong to the caller unless the caller may manage all briefcases; this is an assumption, because
    the service does not document it.
    """
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        sent = _read_changeset(context, access.imodel, fields)
    access.require_initialized()
    require_control(context, access, open_briefcase(context, access.imodel, sent.briefcase_id))
    start, waiting = _start(context, access.imodel, sent)
    _check_group(context, access.imodel, sent.group_id)
    _check_parent(context, access.imodel, sent.parent_id)
    changeset = _begin(context, access.imodel, sent, start, waiting)
    more = {
        "upload": context.storage.upload(names.upload(names.changeset(access.imodel.id, changeset.changeset_id))),
        "complete": context.urls.link(access.imodel.id, "changesets", changeset.changeset_id),
    }
    body = representations.pushed_changeset(changeset, access.imodel, context.urls, more)
    return ApiResponse(status=201, json={"changeset": body})


def update(context: Context) -> ApiResponse:
    """Update iModel Changeset: the second step of a push.

    If the size of the file differs from the announced one, the error is DataConflict; this is an assumption, based on
    the operation for baseline files.
    """
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        state = fields.text("state", maximum=1 << 20)
        fields.require("state")
        if state is not None and state != UPLOADED:
            fields.problem(errors.bad_property("state", f"Should be set to '{UPLOADED}'."))
        briefcase_id = fields.required_integer("briefcaseId")
    access.require_initialized()
    imodel = access.imodel
    briefcase = open_briefcase(context, imodel, briefcase_id)
    require_control(context, access, briefcase)
    changeset = _push_to_confirm(context, imodel, briefcase_id)
    mismatch = "File size provided during Changeset creation does not match actual file size."
    name = names.changeset(imodel.id, changeset.changeset_id)
    accept_upload(context, name, changeset.file_size, mismatch)
    if context.settings.verify_changesets:
        with context.services.blobs.local(name) as path:
            genuine = matches_id(path, changeset.changeset_id, changeset.parent_id)
        if not genuine:
            context.services.blobs.delete(name)
            raise errors.data_conflict("Changeset id does not match the content of the file.")
    confirmed = evolve(changeset, state=UPLOADED, pushed_at=context.now)
    rows.replace_changeset(context.connection, confirmed)
    change_imodel(context.connection, imodel.number, {"last_push_at": context.now})
    announce(context, CHANGES_READY, imodel, about_changeset(imodel.id, confirmed))
    body = representations.pushed_changeset(confirmed, imodel, context.urls, {"download": None})
    return ApiResponse(json={"changeset": body})


def _read_changeset(context: Context, imodel: IModelRecord, fields: Fields) -> ChangesetRecord:
    changeset_id = fields.required_text("id")
    if changeset_id and not is_changeset_id(changeset_id):
        fields.problem(errors.bad_property("id", "The value must be 40 lower-case hexadecimal digits."))
    return ChangesetRecord(
        imodel_number=imodel.number,
        changeset_index=0,
        changeset_id=changeset_id,
        parent_id=fields.text("parentId") or "",
        state=WAITING,
        description=fields.text("description"),
        containing_changes=fields.integer("containingChanges", minimum=0, maximum=_ALL_FLAGS) or 0,
        file_size=fields.required_integer("fileSize", minimum=1, maximum=INT64_MAXIMUM),
        briefcase_id=fields.required_integer("briefcaseId"),
        group_id=fields.uuid("groupId"),
        creator_id=context.user.id,
        pushed_at=context.now,
        application_id=context.caller.application_id,
        application_name=context.caller.application_name,
        synchronization=_read_synchronization(fields),
    )


def _read_synchronization(fields: Fields) -> dict[str, object] | None:
    inner = fields.inner("synchronizationInfo")
    if inner is None:
        return None
    return {"taskId": inner.required_text("taskId"), "changedFiles": inner.texts("changedFiles")}


def _start(context: Context, imodel: IModelRecord, sent: ChangesetRecord) -> tuple[Start, ChangesetRecord | None]:
    """Decide how the push begins; return the decision and the pending push."""
    known = rows.changeset_by_id(context.connection, imodel.number, sent.changeset_id)
    if known is not None and known.state == UPLOADED:
        raise errors.exists("Changeset")
    waiting = known or rows.waiting_changeset(context.connection, imodel.number)
    pending = None
    if waiting is not None:
        pending = Waiting(changeset_id=waiting.changeset_id, briefcase_id=waiting.briefcase_id, since=waiting.pushed_at)
    timeout = context.settings.push_timeout
    start = begin_push(pending, sent.changeset_id, sent.briefcase_id, now=context.now, timeout=timeout)
    if start is Start.BUSY:
        raise errors.another_user_pushing()
    return start, waiting


def _begin(
    context: Context, imodel: IModelRecord, sent: ChangesetRecord, start: Start, waiting: ChangesetRecord | None
) -> ChangesetRecord:
    """Store the push; a repeated push keeps its index, and any other pending push is deleted."""
    if waiting is not None and start is Start.REPEATED:
        changeset = evolve(sent, changeset_index=waiting.changeset_index)
        rows.replace_changeset(context.connection, changeset)
        return changeset
    if waiting is not None:
        rows.delete_changeset(context.connection, waiting)
        upload = names.upload(names.changeset(imodel.id, waiting.changeset_id))
        context.after_commit.append(lambda: context.services.blobs.delete(upload))
    index = take_changeset_index(context.connection, imodel, context.settings.index_step)
    changeset = evolve(sent, changeset_index=index)
    rows.add_changeset(context.connection, changeset)
    return changeset


def _check_group(context: Context, imodel: IModelRecord, group_id: str | None) -> None:
    if group_id is None:
        return
    group = rows.find_group(context.connection, imodel.number, group_id)
    if group is None:
        raise errors.not_found("Changeset Group")
    timeout = context.settings.changeset_group_timeout
    if group_state(group.state, group.created_at, now=context.now, timeout=timeout) != rows.IN_PROGRESS:
        raise errors.group_closed()


def _check_parent(context: Context, imodel: IModelRecord, parent_id: str) -> None:
    newest = rows.newest_changeset(context.connection, imodel.number)
    if parent_id == (newest.changeset_id if newest else ""):
        return
    if parent_id:
        known = rows.changeset_by_id(context.connection, imodel.number, parent_id)
        if known is None or known.state != UPLOADED:
            raise errors.not_found("Changeset")
    raise errors.parent_not_newest()


def _push_to_confirm(context: Context, imodel: IModelRecord, briefcase_id: int) -> ChangesetRecord:
    """Return the push to confirm."""
    text = context.request.path["changeset"]
    known = rows.changeset_by_id(context.connection, imodel.number, text) if is_changeset_id(text) else None
    if known is None:
        raise errors.not_found("Changeset")
    if known.state == UPLOADED:
        raise errors.exists("Changeset")
    if known.briefcase_id != briefcase_id:
        raise errors.another_user_pushing()
    return known


def _full_changeset(
    context: Context, access: OpenIModel, changeset: ChangesetRecord, related: RelatedEntities
) -> dict[str, object]:
    readable = changeset.state == UPLOADED and access.has(Permission.READ)
    download = representations.changeset_download(changeset, access.imodel, context.storage) if readable else None
    return representations.changeset(changeset, access.imodel, context.urls, related, download)


def _related(context: Context, imodel: IModelRecord, page: Page[ChangesetRecord]) -> RelatedEntities:
    return _related_of(context, imodel, [item.changeset_index for item in page.items])


def _related_of(context: Context, imodel: IModelRecord, indexes: list[int]) -> RelatedEntities:
    if not indexes:
        return RelatedEntities()
    first, last = min(indexes), max(indexes)
    return RelatedEntities(
        versions=versions_on(context.connection, imodel.number, first, last),
        checkpoints=successful_indexes(context.connection, imodel.number, first, last),
    )
