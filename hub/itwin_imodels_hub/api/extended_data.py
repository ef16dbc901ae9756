"""Operations on extended data of changesets."""

import binascii
from base64 import b64decode

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import changeset_in_path, open_imodel
from itwin_imodels_hub.api.bodies import NotJSONError, parse_object
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store import changesets as rows
from itwin_imodels_hub.store.records import ExtendedDataRecord

_BAD_DATA = "'data' must be a valid base64 encoded json."


def get_list(context: Context) -> ApiResponse:
    """Get iModel Changesets Extended Data; changesets without extended data are omitted."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        window = read_window(context, query)
    page = rows.extended_data_of(context.connection, imodel.number, window)
    items = [representations.extended_data(item) for item in page.items]
    return ApiResponse(json={"extendedData": items, "_links": page_links(context, query, window, page)})


def get_details(context: Context) -> ApiResponse:
    """Get iModel Changeset Extended Data."""
    imodel = open_imodel(context).imodel
    changeset = changeset_in_path(context, imodel)
    data = rows.find_extended_data(context.connection, imodel.number, changeset.changeset_index)
    if data is None:
        raise errors.not_found("Changeset Extended Data")
    return ApiResponse(json={"extendedData": representations.extended_data(data)})


def create(context: Context) -> ApiResponse:
    """Create iModel Changeset Extended Data: only once, and only by the user who pushed the changeset.

    The size limit applies to the base64 string, as the documentation suggests.
    """
    access = open_imodel(context, Permission.WRITE)
    with context.fields() as fields:
        data = fields.text("data", maximum=context.settings.body_maximum)
        fields.require("data")
        if data is not None and not _is_valid(data):
            fields.problem(errors.bad_property("data", _BAD_DATA))
    if len(data or "") > context.settings.extended_data_bytes:
        raise errors.too_large()
    access.require_initialized()
    changeset = changeset_in_path(context, access.imodel)
    if changeset.state != rows.UPLOADED:
        raise errors.not_found("Changeset")
    if changeset.creator_id != context.user.id:
        raise errors.insufficient_permissions()
    if rows.find_extended_data(context.connection, access.imodel.number, changeset.changeset_index) is not None:
        raise errors.exists("Changeset Extended Data")
    record = ExtendedDataRecord(
        imodel_number=access.imodel.number,
        changeset_index=changeset.changeset_index,
        changeset_id=changeset.changeset_id,
        data=data or "",
    )
    rows.add_extended_data(context.connection, record)
    return ApiResponse(status=201, json={"extendedData": representations.extended_data(record)})


def _is_valid(data: str) -> bool:
    """Check whether a string is a JSON object in base64."""
    try:
        parse_object(b64decode(data, validate=True))
    except (binascii.Error, NotJSONError, ValueError):
        return False
    return True
