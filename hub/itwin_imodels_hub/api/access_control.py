"""A part of the Access Control API: roles, members and owners of iTwins.

The paths are those of version 2 below `/accesscontrol/itwins/{iTwinId}`. Operations that a hub does not need (groups,
jobs, shares, invitations) and undocumented ones are not supported. Members are added by the e-mail address of a user of
the hub, who may belong to any organization. The service invites unknown people; the hub rejects their addresses.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.bodies import Fields
from itwin_imodels_hub.api.context import NO_CONTENT, ApiResponse, Context
from itwin_imodels_hub.api.operations import operation_of
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import NAMES, Administration
from itwin_imodels_hub.store import members
from itwin_imodels_hub.store.itwins import has_all_permissions, itwin_by_id, permission_names_in
from itwin_imodels_hub.store.records import RoleRecord, UserRecord
from itwin_imodels_hub.store.users import user_by_address

PREFIX: Final = "/accesscontrol/itwins"
_NAMES: Final = tuple(str(name) for name in NAMES)
_MAX_ASSIGNMENTS: Final = 50


def get_known_permissions(_: Context) -> ApiResponse:
    """Get all permissions that a role can have."""
    return ApiResponse(json={"permissions": list(_NAMES)})


def get_own_permissions(context: Context) -> ApiResponse:
    """Get the permissions of the caller on an iTwin; requires no permission."""
    itwin_id = _itwin_id_in_path(context)
    own = permission_names_in(context.connection, itwin_id, context.user)
    return ApiResponse(json={"permissions": [name for name in _NAMES if name in own]})


# Roles.


def get_roles(context: Context) -> ApiResponse:
    """Get the roles of an iTwin."""
    itwin_id = _authorized_itwin_id(context, Administration.MANAGE_ROLES)
    return ApiResponse(json={"roles": [_role(role) for role in members.roles_in(context.connection, itwin_id)]})


def get_role(context: Context) -> ApiResponse:
    """Get a role; requires the permission to manage roles."""
    return ApiResponse(json={"role": _role(_role_in_path(context))})


def create_role(context: Context) -> ApiResponse:
    """Create a role; as in the service, it has no permissions until an update sets them."""
    itwin_id = _authorized_itwin_id(context, Administration.MANAGE_ROLES)
    with context.fields(strict=False) as fields:
        role = RoleRecord(
            itwin_id=itwin_id,
            id=context.services.ids.new(),
            display_name=fields.required_text("displayName"),
            description=fields.text("description") or "",
            permissions=[],
        )
    members.add_role(context.connection, role)
    return ApiResponse(status=201, json={"role": _role(role)})


def update_role(context: Context) -> ApiResponse:
    """Update a role; `permissions` replaces the whole list."""
    role = _role_in_path(context)
    with context.fields() as fields:
        name = fields.text("displayName", blank=False)
        description = fields.text("description")
        names = fields.texts("permissions", empty=True)
        for each in names or []:
            if each not in _NAMES:
                fields.problem(errors.bad_choice("permissions", each, _NAMES))
    values = {"display_name": name, "description": description, "permissions": names}
    sent = {key: value for key, value in values.items() if value is not None}
    if sent:
        members.change_role(context.connection, role.itwin_id, role.id, sent)
    return ApiResponse(json={"role": _role(members.find_role(context.connection, role.itwin_id, role.id) or role)})


def delete_role(context: Context) -> ApiResponse:
    """Delete a role; requires the permission to manage roles."""
    role = _role_in_path(context)
    members.delete_role(context.connection, role.itwin_id, role.id)
    return NO_CONTENT


# Members.


def get_members(context: Context) -> ApiResponse:
    """Get the users who are members of an iTwin."""
    itwin_id = _authorized_itwin_id(context)
    with context.query() as query:
        window = read_window(context, query, token=False)
    page = members.members_of(context.connection, itwin_id, window)
    items = _members(context, itwin_id, page.items)
    return ApiResponse(json={"members": items, "_links": page_links(context, query, window, page)})


def get_member(context: Context) -> ApiResponse:
    """Get a member; requires any permission on the iTwin."""
    itwin_id = _authorized_itwin_id(context)
    return _member_answer(context, itwin_id, _member_in_path(context, itwin_id))


def add_members(context: Context) -> ApiResponse:
    """Add members by e-mail address, all or none; the roles of an existing member are replaced."""
    itwin_id = _authorized_itwin_id(context, Administration.INVITE_MEMBER)
    added: dict[str, UserRecord] = {}
    with context.fields(strict=False) as fields:
        fields.require("members")
        entries = fields.objects("members") or []
        chosen = [(_read_user(context, entry), _read_roles(context, itwin_id, entry)) for entry in entries]
        if sum(len(role_ids) for _, role_ids in chosen) > _MAX_ASSIGNMENTS:
            hint = f"At most {_MAX_ASSIGNMENTS} roles can be assigned at once."
            fields.problem(errors.bad_property("members", hint))
    for user, role_ids in chosen:
        if user is not None:
            members.set_roles(context.connection, itwin_id, user.id, role_ids)
            added[user.id] = user
    items = _members(context, itwin_id, list(added.values()))
    return ApiResponse(status=201, json={"members": items, "invitations": []})


def update_member(context: Context) -> ApiResponse:
    """Replace the roles of a member."""
    itwin_id = _authorized_itwin_id(context, Administration.INVITE_MEMBER)
    user = _member_in_path(context, itwin_id)
    with context.fields() as fields:
        role_ids = _read_roles(context, itwin_id, fields)
    members.set_roles(context.connection, itwin_id, user.id, role_ids)
    return _member_answer(context, itwin_id, user)


def remove_member(context: Context) -> ApiResponse:
    """Remove a member; an owner remains an owner."""
    itwin_id = _authorized_itwin_id(context, Administration.REMOVE_MEMBER)
    members.remove_member(context.connection, itwin_id, _member_in_path(context, itwin_id).id)
    return NO_CONTENT


# Owners.


def get_owners(context: Context) -> ApiResponse:
    """Get the owners of an iTwin."""
    itwin_id = _authorized_itwin_id(context)
    with context.query() as query:
        window = read_window(context, query, token=False)
    page = members.owners_of(context.connection, itwin_id, window)
    items = [_person(user) for user in page.items]
    return ApiResponse(json={"members": items, "_links": page_links(context, query, window, page)})


def add_owner(context: Context) -> ApiResponse:
    """Add an owner by e-mail address; only owners and administrators of the organization may do so."""
    itwin_id = _administered_itwin_id(context)
    with context.fields() as fields:
        user = _read_user(context, fields)
    if user is None:
        raise errors.unexpected()
    members.add_owner(context.connection, itwin_id, user.id)
    return ApiResponse(status=201, json={"member": _person(user), "invitation": None})


def remove_owner(context: Context) -> ApiResponse:
    """Remove an owner; only owners and administrators of the organization may do so."""
    itwin_id = _administered_itwin_id(context)
    user_id = parse_uuid(context.request.path["memberId"])
    if user_id is None or not members.is_owner(context.connection, itwin_id, user_id):
        raise _no_member()
    members.remove_owner(context.connection, itwin_id, user_id)
    return NO_CONTENT


def _itwin_id_in_path(context: Context) -> str:
    itwin_id = parse_uuid(context.request.path["iTwinId"])
    if itwin_id is None or itwin_by_id(context.connection, itwin_id) is None:
        raise errors.itwin_not_found()
    return itwin_id


def _authorized_itwin_id(context: Context, needed: Administration | None = None) -> str:
    """Return the id of the iTwin in the path.

    Raises:
        ServiceError: The caller has no permission on the iTwin, or lacks the required one.
    """
    itwin_id = _itwin_id_in_path(context)
    names = permission_names_in(context.connection, itwin_id, context.user)
    if not names:
        raise errors.itwin_not_found()
    if needed is not None and needed not in names:
        raise errors.insufficient_permissions()
    return itwin_id


def _administered_itwin_id(context: Context) -> str:
    """Return the id of the iTwin in the path, for owners and administrators of the organization only."""
    itwin_id = _authorized_itwin_id(context)
    if not has_all_permissions(context.connection, itwin_id, context.user):
        raise errors.insufficient_permissions()
    return itwin_id


def _role_in_path(context: Context) -> RoleRecord:
    itwin_id = _authorized_itwin_id(context, Administration.MANAGE_ROLES)
    role_id = parse_uuid(context.request.path["roleId"])
    role = members.find_role(context.connection, itwin_id, role_id) if role_id else None
    if role is None:
        raise errors.not_found("Role")
    return role


def _member_in_path(context: Context, itwin_id: str) -> UserRecord:
    user_id = parse_uuid(context.request.path["memberId"])
    user = members.find_member(context.connection, itwin_id, user_id) if user_id else None
    if user is None:
        raise _no_member()
    return user


def _no_member() -> errors.ServiceError:
    return errors.not_found("Team Member")


def _read_user(context: Context, fields: Fields) -> UserRecord | None:
    address = fields.required_text("email")
    user = user_by_address(context.connection, address) if address else None
    if address and user is None:
        fields.problem(errors.bad_property("email", "The hub has no user with this address."))
    return user


def _read_roles(context: Context, itwin_id: str, fields: Fields) -> list[str]:
    fields.require("roleIds")
    known = {role.id for role in members.roles_in(context.connection, itwin_id)}
    role_ids = [(text, parse_uuid(text)) for text in fields.texts("roleIds", empty=True) or []]
    for text, role_id in role_ids:
        if role_id not in known:
            fields.problem(errors.bad_parameter("roleIds", text))
    return [role_id for _, role_id in role_ids if role_id]


def _members(context: Context, itwin_id: str, users: Sequence[UserRecord]) -> list[dict[str, object]]:
    roles = members.roles_by_member(context.connection, itwin_id, [user.id for user in users])
    return [{**_person(user), "roles": [_role_of_member(role) for role in roles[user.id]]} for user in users]


def _member_answer(context: Context, itwin_id: str, user: UserRecord) -> ApiResponse:
    (member,) = _members(context, itwin_id, [user])
    return ApiResponse(json={"member": member})


def _person(user: UserRecord) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "givenName": user.given_name,
        "surname": user.surname,
        "organization": user.organization,
    }


def _role_of_member(role: RoleRecord) -> dict[str, object]:
    return {"id": role.id, "displayName": role.display_name, "description": role.description}


def _role(role: RoleRecord) -> dict[str, object]:
    return {**_role_of_member(role), "permissions": role.permissions, "type": "Custom"}


_operation = partial(operation_of, error_code="InvalidiTwinsMemberRequest")

OPERATIONS: Final = (
    _operation("get-permissions", "GET /permissions", get_known_permissions),
    _operation("get-itwin-permissions", "GET /{iTwinId}/permissions", get_own_permissions),
    _operation("get-itwin-roles", "GET /{iTwinId}/roles", get_roles),
    _operation("create-itwin-role", "POST /{iTwinId}/roles", create_role, "Cannot create role."),
    _operation("get-itwin-role", "GET /{iTwinId}/roles/{roleId}", get_role),
    _operation("update-itwin-role", "PATCH /{iTwinId}/roles/{roleId}", update_role, "Cannot update role."),
    _operation("delete-itwin-role", "DELETE /{iTwinId}/roles/{roleId}", delete_role),
    _operation("get-itwin-user-members", "GET /{iTwinId}/members/users", get_members, "Cannot get members."),
    _operation("add-itwin-user-members", "POST /{iTwinId}/members/users", add_members, "Cannot add members."),
    _operation("get-itwin-user-member", "GET /{iTwinId}/members/users/{memberId}", get_member),
    _operation(
        "update-itwin-user-member", "PATCH /{iTwinId}/members/users/{memberId}", update_member, "Cannot update member."
    ),
    _operation("remove-itwin-user-member", "DELETE /{iTwinId}/members/users/{memberId}", remove_member),
    _operation("get-itwin-owner-members", "GET /{iTwinId}/members/owners", get_owners, "Cannot get owners."),
    _operation("add-itwin-owner-member", "POST /{iTwinId}/members/owners", add_owner, "Cannot add owner."),
    _operation("remove-itwin-owner-member", "DELETE /{iTwinId}/members/owners/{memberId}", remove_owner),
)
