"""Lookup of entities with permission checks: entities that the caller may not see are reported as missing.

Checks run in the order of the service: the iModel, the permission, the content of the request, the state of the iModel,
the briefcase, the changeset.
"""

from attrs import frozen

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Access, Context
from itwin_imodels_hub.rules.id_formats import INT32_MAXIMUM, is_changeset_id, parse_index, parse_int32, parse_uuid
from itwin_imodels_hub.rules.permissions import BY_ROLE, EVERYTHING, NOTHING, Permission, on_imodel, with_implied
from itwin_imodels_hub.store import imodels as imodel_rows
from itwin_imodels_hub.store.briefcases import find_briefcase
from itwin_imodels_hub.store.changesets import UPLOADED, changeset_by_id, changeset_by_index
from itwin_imodels_hub.store.imodels import INITIALIZED, Visibility
from itwin_imodels_hub.store.itwins import has_all_permissions, itwin_by_id, permissions_in
from itwin_imodels_hub.store.members import roles_of
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    IModelRecord,
    ITwinRecord,
    NamedVersionRecord,
)
from itwin_imodels_hub.store.sharing import configured_permissions_for
from itwin_imodels_hub.store.versions import find_version


@frozen
class OpenIModel(Access):
    """An iModel with the permissions of the caller on it and in its iTwin."""

    imodel: IModelRecord
    on_itwin: Access

    def require_initialized(self) -> None:
        """Raise an error unless the iModel is initialized.

        Raises:
            ServiceError: The iModel is not initialized.
        """
        if self.imodel.state != INITIALIZED:
            raise errors.not_initialized()


@frozen
class OpenITwin(Access):
    """An iTwin with the permissions of the caller in it."""

    itwin: ITwinRecord


def open_imodel(context: Context, *needed: Permission) -> OpenIModel:
    """Return the iModel in the path.

    Args:
        context: The request.
        needed: Permissions required in addition to `imodels_webview`.

    Raises:
        ServiceError: The iModel is missing, or the caller lacks a permission.
    """
    return open_imodel_by_id(context, context.request.path["id"], *needed)


def open_imodel_by_id(context: Context, imodel_id: str, *needed: Permission) -> OpenIModel:
    """Return an iModel by id; see `open_imodel`."""
    parsed = parse_uuid(imodel_id)
    imodel = parsed and imodel_rows.imodel_by_id(context.connection, parsed, lock=context.writing)
    if not imodel:
        raise errors.not_found("iModel")
    on_itwin = _on_itwin(context, imodel.itwin_id)
    permissions = _on_imodel(context, imodel, on_itwin)
    if Permission.WEBVIEW not in permissions:
        raise errors.not_found("iModel")
    access = OpenIModel(permissions, imodel, Access(on_itwin))
    access.require(*needed)
    _record_first_use(context, imodel)
    return access


def open_itwin(context: Context, itwin_id: str, *needed: Permission) -> OpenITwin:
    """Return an iTwin in which the caller has any permission.

    Raises:
        ServiceError: The iTwin is missing, or the caller lacks a permission.
    """
    itwin = itwin_by_id(context.connection, itwin_id)
    permissions = _on_itwin(context, itwin_id)
    if itwin is None or not permissions:
        raise errors.not_found("iTwin")
    access = OpenITwin(permissions, itwin)
    access.require(*needed)
    return access


def visible_in(context: Context, itwin_id: str) -> Visibility:
    """Return which iModels of an iTwin the caller may see."""
    user = context.caller.user
    if user is not None and has_all_permissions(context.connection, itwin_id, user):
        return Visibility()
    on_itwin = _on_itwin(context, itwin_id)
    restricted = imodel_rows.imodels_with_own_permissions(context.connection, itwin_id)
    seen = {imodel.id: Permission.WEBVIEW in _on_imodel(context, imodel, on_itwin) for imodel in restricted}
    if Permission.WEBVIEW in on_itwin:
        return Visibility(hidden=[key for key, visible in seen.items() if not visible])
    return Visibility(only=[key for key, visible in seen.items() if visible])


def open_briefcase(context: Context, imodel: IModelRecord, briefcase_id: int | None) -> BriefcaseRecord:
    """Return a briefcase by id.

    Raises:
        ServiceError: The briefcase is missing.
    """
    known = briefcase_id is not None and 0 < briefcase_id <= INT32_MAXIMUM
    briefcase = find_briefcase(context.connection, imodel.number, briefcase_id or 0) if known else None
    if briefcase is None:
        raise errors.not_found("Briefcase")
    return briefcase


def briefcase_in_path(context: Context, imodel: IModelRecord) -> BriefcaseRecord:
    """Return the briefcase in the path.

    Raises:
        ServiceError: The briefcase is missing.
    """
    return open_briefcase(context, imodel, parse_int32(context.request.path["briefcaseId"]))


def require_control(context: Context, access: OpenIModel, briefcase: BriefcaseRecord) -> None:
    """Check that the briefcase belongs to the caller, or that the caller may manage all briefcases.

    Raises:
        ServiceError: The briefcase belongs to another user, and the caller may not manage it.
    """
    if briefcase.owner_id != context.user.id:
        access.require(Permission.MANAGE)


def changeset_in_path(context: Context, imodel: IModelRecord) -> ChangesetRecord:
    """Return the changeset in the path, by id or index: a confirmed one, or the caller's own pending push.

    Raises:
        ServiceError: The changeset is missing.
    """
    text = context.request.path["changeset"]
    index = parse_index(text)
    if index is None:
        return open_changeset(context, imodel, text)
    known = 0 < index <= INT32_MAXIMUM
    return _visible(context, imodel, changeset_by_index(context.connection, imodel.number, index) if known else None)


def open_changeset(context: Context, imodel: IModelRecord, changeset_id: str) -> ChangesetRecord:
    """Return a changeset by id: a confirmed one, or the caller's own pending push.

    Raises:
        ServiceError: The changeset is missing.
    """
    known = is_changeset_id(changeset_id)
    return _visible(
        context, imodel, changeset_by_id(context.connection, imodel.number, changeset_id) if known else None
    )


def confirmed_changeset(context: Context, imodel: IModelRecord, changeset_id: str) -> ChangesetRecord:
    """Return a confirmed changeset by id.

    Raises:
        ServiceError: The changeset is missing.
    """
    changeset = open_changeset(context, imodel, changeset_id)
    if changeset.state != UPLOADED:
        raise errors.not_found("Changeset")
    return changeset


def version_in_path(context: Context, imodel: IModelRecord) -> NamedVersionRecord:
    """Return the Named Version in the path.

    Raises:
        ServiceError: The Named Version is missing.
    """
    version_id = parse_uuid(context.request.path["namedVersionId"])
    version = find_version(context.connection, imodel.number, version_id) if version_id else None
    if version is None:
        raise errors.not_found("Named Version")
    return version


def _visible(context: Context, imodel: IModelRecord, changeset: ChangesetRecord | None) -> ChangesetRecord:
    # The history of a clone is hidden until its files have been copied.
    if changeset is None or imodel.state != INITIALIZED:
        raise errors.not_found("Changeset")
    user = context.caller.user
    if changeset.state != UPLOADED and (user is None or user.id != changeset.creator_id):
        raise errors.not_found("Changeset")
    return changeset


def _on_itwin(context: Context, itwin_id: str) -> frozenset[Permission]:
    user = context.caller.user
    return NOTHING if user is None else permissions_in(context.connection, itwin_id, user)


def _on_imodel(context: Context, imodel: IModelRecord, on_itwin: frozenset[Permission]) -> frozenset[Permission]:
    user, share = context.caller.user, context.caller.share
    if share is not None:
        return with_implied([share.permission]) if share.imodel_number == imodel.number else NOTHING
    if user is None:
        return NOTHING
    kind = imodel.secured_by
    if kind is None:
        return on_itwin
    if has_all_permissions(context.connection, imodel.itwin_id, user):
        return EVERYTHING
    ids = roles_of(context.connection, imodel.itwin_id, user.id) if kind == BY_ROLE else [user.id]
    return on_imodel(on_itwin, configured_permissions_for(context.connection, imodel.number, kind, ids), kind=kind)


def _record_first_use(context: Context, imodel: IModelRecord) -> None:
    user = context.caller.user
    if user is None or imodel_rows.is_connected(context.connection, imodel.number, user.id):
        return
    if context.writing:
        imodel_rows.connect_user(context.connection, imodel.number, user.id, context.now)
    else:
        context.first_uses.append((imodel.number, user.id))
