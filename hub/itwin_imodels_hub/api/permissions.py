"""Operations on permissions.

The bodies of role and user permissions are undocumented: names and structure are inferred. It is also inferred that an
update sets the listed entries and keeps the others, that an entry without permissions is removed, and that configuring
roles in addition to users, or vice versa, causes DataConflict.
"""

from itwin_imodels_hub.api import errors, representations
from itwin_imodels_hub.api.access import open_imodel
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.rules.permissions import BY_ROLE, BY_USER, ON_IMODEL, Permission, ordered_names
from itwin_imodels_hub.store import sharing as rows

_MEMBERS = {BY_ROLE: "rolePermissions", BY_USER: "userPermissions"}
_NAMES = tuple(permission.value for permission in ON_IMODEL)


def get_own(context: Context) -> ApiResponse:
    """Get iModel Permissions of the caller."""
    return ApiResponse(json={"permissions": ordered_names(open_imodel(context).permissions)})


def get_of_roles(context: Context) -> ApiResponse:
    """Get iModel Role Permissions."""
    return _get_configured(context, BY_ROLE)


def get_of_users(context: Context) -> ApiResponse:
    """Get iModel User Permissions."""
    return _get_configured(context, BY_USER)


def update_of_roles(context: Context) -> ApiResponse:
    """Update iModel Role Permissions."""
    return _configure(context, BY_ROLE)


def update_of_users(context: Context) -> ApiResponse:
    """Update iModel User Permissions."""
    return _configure(context, BY_USER)


def _get_configured(context: Context, kind: str) -> ApiResponse:
    imodel = open_imodel(context).imodel
    records = rows.configured_permissions(context.connection, imodel.number, kind)
    return ApiResponse(json={_MEMBERS[kind]: representations.configured_permissions(records)})


def _configure(context: Context, kind: str) -> ApiResponse:
    access = open_imodel(context, Permission.MANAGE)
    with context.fields() as fields:
        entries = fields.objects(_MEMBERS[kind])
        fields.require(_MEMBERS[kind])
        permissions = {entry.required_uuid("id"): _read_names(entry) for entry in entries or []}
    access.require_initialized()
    if access.imodel.secured_by not in {None, kind}:
        raise errors.data_conflict("Role Permissions and User Permissions cannot be configured at the same time.")
    rows.configure(context.connection, access.imodel.number, kind, permissions)
    records = rows.configured_permissions(context.connection, access.imodel.number, kind)
    return ApiResponse(json={_MEMBERS[kind]: representations.configured_permissions(records)})


def _read_names(entry: Fields) -> list[str]:
    entry.require("permissions")
    names = entry.texts("permissions", empty=True) or []
    for name in names:
        if name not in _NAMES:
            entry.problem(errors.bad_choice("permissions", name, _NAMES))
    return [name for name in _NAMES if name in names]
