"""Operations on locks."""

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import (
    OpenIModel,
    confirmed_changeset,
    open_briefcase,
    open_imodel,
    require_control,
)
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.id_formats import INT32_MAXIMUM, parse_object_id
from itwin_imodels_hub.rules.locks import (
    LEVELS,
    LockChanges,
    LockConflictError,
    LockLevel,
    NewerChangesError,
    NotHeldError,
    plan_changes,
)
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import locks as rows
from itwin_imodels_hub.store.locks import LockFilter
from itwin_imodels_hub.store.records import BriefcaseRecord

_HELD = ("exclusive", "shared")


def get_list(context: Context) -> ApiResponse:
    """Get iModel Locks; `$top` counts objects."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        briefcase_id = query.integer("briefcaseId", -INT32_MAXIMUM - 1, "an integer", INT32_MAXIMUM)
        level = query.choice("lockLevel", _HELD)
        window = read_window(context, query)
    filters = LockFilter(briefcase_id=briefcase_id, level=None if level is None else LEVELS[level])
    page = rows.locks_of(context.connection, imodel.number, filters, window)
    links = page_links(context, query, window, page)
    return ApiResponse(json={"locks": representations.locks(page.items), "_links": links})


def get_released(context: Context) -> ApiResponse:
    """Get iModel Released Locks: objects released with a changeset after the given one; `$top` counts objects.

    Exclusive locks that became shared locks are not included.
    """
    imodel = open_imodel(context).imodel
    with context.query() as query:
        after = query.natural("afterChangesetIndex")
        if query.text("afterChangesetIndex") is None:
            query.problems.append(errors.missing_parameter("afterChangesetIndex"))
        window = read_window(context, query)
    page = rows.releases_after(context.connection, imodel.number, after or 0, window)
    links = page_links(context, query, window, page)
    return ApiResponse(json={"releasedLocks": representations.released_locks(page.items), "_links": links})


def update(context: Context) -> ApiResponse:
    """Update iModel Locks atomically. A requested shared lock replaces the briefcase's exclusive lock.

    The response contains the resulting lock levels of the objects in the request.
    """
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        briefcase_id = fields.required_integer("briefcaseId")
        changeset_id = fields.text("changesetId")
        requested = _read_objects(context, fields)
    access.require_initialized()
    briefcase = open_briefcase(context, access.imodel, briefcase_id)
    require_control(context, access, briefcase)
    index = _index_of(context, access, changeset_id)
    number = access.imodel.number
    changes = _plan(context, briefcase, requested, index)
    rows.hold(context.connection, number, briefcase_id, changes.acquired)
    rows.drop(context.connection, number, briefcase_id, changes.released)
    rows.hold(context.connection, number, briefcase_id, dict.fromkeys(changes.demoted, LockLevel.SHARED))
    if index:
        rows.record_releases(context.connection, number, changes.released, index)
        rows.record_demotions(context.connection, number, changes.demoted, index)
    held = {
        holding.object_id: holding.level
        for holding in rows.holdings_on(context.connection, number, requested)
        if holding.briefcase_id == briefcase_id
    }
    levels = {object_id: held[object_id] for object_id in requested if object_id in held}
    lock = {"briefcaseId": briefcase_id, "lockedObjects": representations.locked_objects(levels)}
    return ApiResponse(json={"lock": lock})


def release_chunk(context: Context) -> ApiResponse:
    """Release iModel Locks Chunk. As documented, it fails if the briefcase holds no locks."""
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        fields.set_target("briefcaseId", "BriefcaseId")
        briefcase_id = fields.required_integer("briefcaseId")
        changeset_id = fields.text("changesetId")
    access.require_initialized()
    briefcase = open_briefcase(context, access.imodel, briefcase_id)
    require_control(context, access, briefcase)
    index = _index_of(context, access, changeset_id)
    number, size = access.imodel.number, context.settings.lock_chunk
    locks = rows.first_locks(context.connection, number, briefcase_id, size + 1)
    if not locks:
        raise errors.not_found("Lock(s)")
    released = {lock.object_id: LockLevel(lock.level) for lock in locks[:size]}
    rows.drop(context.connection, number, briefcase_id, released)
    if index:
        rows.record_releases(context.connection, number, released, index)
    return ApiResponse(json={"isLastChunk": len(locks) <= size})


def _read_objects(context: Context, fields: Fields) -> dict[str, LockLevel]:
    """Return the objects of a request with their requested lock levels."""
    requested: dict[str, LockLevel] = {}
    count = 0
    for entry in fields.objects("lockedObjects") or []:
        level = LEVELS.get(entry.required_choice("lockLevel", tuple(LEVELS)), LockLevel.NONE)
        entry.require("objectIds")
        for text in entry.texts("objectIds", empty=True) or []:
            count += 1
            object_id = parse_object_id(text)
            if object_id is None:
                hint = "Allowed values are hexadecimal strings with the prefix '0x'."
                entry.problem(errors.bad_parameter("objectIds", text, hint))
            elif requested.setdefault(object_id, level) != level:
                entry.problem(errors.bad_parameter("objectIds", text, "It is listed with different lock levels."))
    if count > context.settings.lock_update_maximum:
        raise errors.too_large()
    return requested


def _index_of(context: Context, access: OpenIModel, changeset_id: str | None) -> int:
    """Return the index of a changeset; 0 for None and for the empty id, which clients send at the baseline."""
    return confirmed_changeset(context, access.imodel, changeset_id).changeset_index if changeset_id else 0


def _plan(context: Context, briefcase: BriefcaseRecord, requested: dict[str, LockLevel], index: int) -> LockChanges:
    number = briefcase.imodel_number
    try:
        return plan_changes(
            briefcase.briefcase_id,
            requested,
            rows.holdings_on(context.connection, number, requested),
            saved=rows.saved_indexes(context.connection, number, requested),
            pulled_index=index,
        )
    except NotHeldError:
        raise errors.not_found("Lock(s)") from None
    except LockConflictError as error:
        raise errors.locks_conflict(error.conflicts) from None
    except NewerChangesError as error:
        raise errors.newer_locks(error.object_ids) from None
