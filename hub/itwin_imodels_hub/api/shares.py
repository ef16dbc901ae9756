"""Operations on shares (closed preview). The entity, the statuses and ShareNotFound are inferred."""

import secrets
from datetime import datetime

from attrs import evolve

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import open_imodel
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.rules.times import read_time, write_time
from itwin_imodels_hub.store import sharing as rows
from itwin_imodels_hub.store.records import IModelRecord, ShareRecord

_PERMISSIONS = (Permission.WEBVIEW.value, Permission.READ.value)
_TIME_LENGTH = 64


def get_list(context: Context) -> ApiResponse:
    """Get iModel Shares that the caller created."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        window = read_window(context, query, token=False)
    page = rows.shares_of(context.connection, imodel.number, context.user.id, window)
    items = [representations.share(item) for item in page.items]
    return ApiResponse(json={"shares": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Share."""
    imodel = open_imodel(context).imodel
    return _answer(_share_in_path(context, imodel))


def create(context: Context) -> ApiResponse:
    """Create iModel Share."""
    access = open_imodel(context)
    access.on_itwin.require(Permission.MANAGE)
    with context.fields() as fields:
        name = fields.required_text("name")
        permission = fields.required_choice("permission", _PERMISSIONS)
        expires_at = _read_expiry(context, fields)
    access.require_initialized()
    share = ShareRecord(
        id=context.services.ids.new(),
        imodel_number=access.imodel.number,
        name=name,
        share_key=secrets.token_urlsafe(32),
        permission=permission,
        expires_at=expires_at,
        creator_id=context.user.id,
        created_at=context.now,
    )
    rows.add_share(context.connection, share)
    return _answer(share, status=201)


def update(context: Context) -> ApiResponse:
    """Update iModel Share: change its expiry."""
    access = open_imodel(context)
    with context.fields() as fields:
        expires_at = _read_expiry(context, fields)
    share = _share_in_path(context, access.imodel)
    rows.change_share(context.connection, share.id, {"expires_at": expires_at})
    return _answer(evolve(share, expires_at=expires_at))


def revoke(context: Context) -> ApiResponse:
    """Revoke iModel Share: invalidate its key."""
    share = _share_in_path(context, open_imodel(context).imodel)
    rows.delete_share(context.connection, share.id)
    return NO_CONTENT


def _read_expiry(context: Context, fields: Fields) -> datetime:
    fields.require("expiresAt")
    text = fields.text("expiresAt", maximum=_TIME_LENGTH)
    if text is None:
        return context.now
    moment = read_time(text)
    if moment is None:
        fields.problem(errors.bad_property("expiresAt", "Expected a date and time with a time zone."))
        return context.now
    latest = context.now + context.settings.share_maximum
    if not context.now < moment <= latest:
        hint = f"The time must be in the future, and not after {write_time(latest)}."
        fields.problem(errors.bad_property("expiresAt", hint))
    return moment


def _share_in_path(context: Context, imodel: IModelRecord) -> ShareRecord:
    share_id = parse_uuid(context.request.path["shareId"])
    share = rows.find_share(context.connection, imodel.number, context.user.id, share_id) if share_id else None
    if share is None:
        raise errors.not_found("Share")
    return share


def _answer(share: ShareRecord, *, status: int = 200) -> ApiResponse:
    return ApiResponse(status=status, json={"share": representations.share(share)})
