"""Users, permissions and shares."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, ServiceResponse, read_no_content, without_none
from itwin_imodels._operations.common import (
    Detail,
    Listed,
    entity_description,
    entity_reader,
    page_reader,
    prefer_header,
)
from itwin_imodels._operations.fields import Fields, known
from itwin_imodels.models import (
    ApplicationStatistics,
    MinimalUser,
    Permission,
    PermissionGrant,
    Share,
    User,
    UserStatistics,
)

_MINIMAL = frozenset({"id", "displayName", "_links"})
_FULL = _MINIMAL | {"givenName", "surname", "email", "statistics"}
_SHARE = frozenset({"id", "name", "shareKey", "expiresAt", "permission", "_links"})
_SHARE_PERMISSIONS = (Permission.WEBVIEW.value, Permission.READ.value)


def list_users(
    imodel_id: str, *, order_by: str | Sequence[str] | None, detail: Detail, top: int | None
) -> Call[Listed]:
    """Get iModel Users."""
    read = _full if detail == "full" else _minimal
    return Call(
        name="users.list",
        endpoint="users.get_imodel_users",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(
            order_by=checks.order_by(order_by, ("given_name", "surname")), prefer=prefer_header(detail), top=top
        ),
        read=page_reader("users", lambda fields: read(fields, imodel_id)),
    )


def get_user(imodel_id: str, user_id: str) -> Call[User]:
    """Get iModel User Details."""
    return Call(
        name="users.get",
        endpoint="users.get_imodel_user_details",
        entity=entity_description(
            checks.identifier("imodel_id", imodel_id), user=checks.identifier("user_id", user_id)
        ),
        path=(imodel_id, user_id),
        read=entity_reader("user", lambda fields: _full(fields, imodel_id), id=user_id),
    )


def get_permissions(imodel_id: str) -> Call[tuple[Permission | str, ...]]:
    """Get iModel Permissions."""
    return Call(
        name="permissions.get",
        endpoint="permissions.get_imodel_permissions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=lambda answer: _permissions(Fields.of(answer).values("permissions", str)),
    )


def get_role_permissions(imodel_id: str) -> Call[tuple[PermissionGrant, ...]]:
    """Get iModel Role Permissions."""
    return Call(
        name="permissions.get_roles",
        endpoint="permissions.get_imodel_role_permissions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=_grants("rolePermissions"),
    )


def update_role_permissions(imodel_id: str, grants: Iterable[PermissionGrant]) -> Call[tuple[PermissionGrant, ...]]:
    """Update iModel Role Permissions."""
    return Call(
        name="permissions.update_roles",
        endpoint="permissions.update_imodel_role_permissions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body={"rolePermissions": _grants_body(grants)},
        is_idempotent=True,
        read=_grants("rolePermissions"),
    )


def get_user_permissions(imodel_id: str) -> Call[tuple[PermissionGrant, ...]]:
    """Get iModel User Permissions."""
    return Call(
        name="permissions.get_users",
        endpoint="permissions.get_imodel_user_permissions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=_grants("userPermissions"),
    )


def update_user_permissions(imodel_id: str, grants: Iterable[PermissionGrant]) -> Call[tuple[PermissionGrant, ...]]:
    """Update iModel User Permissions."""
    return Call(
        name="permissions.update_users",
        endpoint="permissions.update_imodel_user_permissions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body={"userPermissions": _grants_body(grants)},
        is_idempotent=True,
        read=_grants("userPermissions"),
    )


def list_shares(imodel_id: str, *, top: int | None) -> Call[Listed]:
    """Get iModel Shares."""
    return Call(
        name="shares.list",
        endpoint="share.get_imodel_shares",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(top=top),
        read=page_reader("shares", lambda fields: _share(fields, imodel_id), has_links=False),
    )


def get_share(imodel_id: str, share_id: str) -> Call[Share]:
    """Get iModel Share."""
    return Call(
        name="shares.get",
        endpoint="share.get_imodel_share",
        entity=_about_share(imodel_id, share_id),
        path=(imodel_id, share_id),
        read=entity_reader("share", lambda fields: _share(fields, imodel_id), id=share_id),
    )


def create_share(imodel_id: str, *, name: str, expires_at: datetime | str, permission: Permission | str) -> Call[Share]:
    """Create iModel Share."""
    body = {
        "name": checks.text("name", name),
        "expiresAt": _time("expires_at", expires_at),
        "permission": checks.choice("permission", permission, _SHARE_PERMISSIONS),
    }
    return Call(
        name="shares.create",
        advice="find it with client.shares.list(), and use or revoke it",
        endpoint="share.create_imodel_share",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=body,
        read=entity_reader("share", lambda fields: _share(fields, imodel_id)),
    )


def update_share(imodel_id: str, share_id: str, *, expires_at: datetime | str) -> Call[Share]:
    """Update iModel Share."""
    return Call(
        name="shares.update",
        endpoint="share.update_imodel_share",
        entity=_about_share(imodel_id, share_id),
        path=(imodel_id, share_id),
        body={"expiresAt": _time("expires_at", expires_at)},
        is_idempotent=True,
        read=entity_reader("share", lambda fields: _share(fields, imodel_id), id=share_id),
    )


def revoke_share(imodel_id: str, share_id: str) -> Call[None]:
    """Revoke iModel Share."""
    return Call(
        name="shares.revoke",
        endpoint="share.revoke_imodel_share",
        entity=_about_share(imodel_id, share_id),
        path=(imodel_id, share_id),
        read=read_no_content,
    )


def _about_share(imodel_id: str, share_id: str) -> str:
    return entity_description(checks.identifier("imodel_id", imodel_id), share=checks.identifier("share_id", share_id))


def _time(name: str, value: datetime | str) -> str:
    return checks.moment(name, value).isoformat().replace("+00:00", "Z")


def _minimal(fields: Fields, imodel_id: str) -> MinimalUser:
    return MinimalUser(
        imodel_id=imodel_id, id=fields.text("id"), display_name=_display_name(fields), extra=fields.new_to(_MINIMAL)
    )


def _full(fields: Fields, imodel_id: str) -> User:
    return User(
        imodel_id=imodel_id,
        id=fields.text("id"),
        display_name=_display_name(fields),
        given_name=fields.optional_text("givenName"),
        surname=fields.optional_text("surname"),
        email=fields.optional_text("email"),
        statistics=fields.optional("statistics", _statistics),
        extra=fields.new_to(_FULL),
    )


def _display_name(fields: Fields) -> str:
    return fields.optional_text("displayName") or fields.optional_text("email") or fields.text("id")


def _statistics(fields: Fields) -> UserStatistics:
    return UserStatistics(
        pushed_changesets_count=fields.number("pushedChangesetsCount"),
        last_changeset_push_date=fields.optional_time("lastChangesetPushDate"),
        created_versions_count=fields.number("createdVersionsCount"),
        briefcases_count=fields.number("briefcasesCount"),
        last_access_time=fields.optional_time("lastAccessTime"),
        applications=tuple(_application(each) for each in fields.optional_items("applications")),
    )


def _application(fields: Fields) -> ApplicationStatistics:
    return ApplicationStatistics(
        id=fields.optional_text("id"),
        name=fields.optional_text("name"),
        owns_locks=fields.flag("ownsLocks", default=False),
        owns_exclusive_root_element_lock=fields.flag("ownsExclusiveRootElementLock", default=False),
    )


def _permissions(values: Iterable[str]) -> tuple[Permission | str, ...]:
    return tuple(known(Permission, each) for each in values)


def _grants(key: str) -> Callable[[ServiceResponse], tuple[PermissionGrant, ...]]:
    def read(answer: ServiceResponse) -> tuple[PermissionGrant, ...]:
        return tuple(
            each.checked(
                PermissionGrant,
                id=each.text("id"),
                permissions=_permissions(each.optional_values("permissions", str)),
            )
            for each in Fields.of(answer).items(key)
        )

    return read


def _grants_body(grants: Iterable[PermissionGrant]) -> list[object]:
    return [{"id": grant.id, "permissions": list(grant.permissions)} for grant in grants]


def _share(fields: Fields, imodel_id: str) -> Share:
    permission = fields.optional_text("permission")
    return Share(
        imodel_id=imodel_id,
        id=fields.text("id"),
        name=fields.optional_text("name"),
        share_key=fields.optional_text("shareKey"),
        expires_at=fields.optional_time("expiresAt"),
        permission=None if permission is None else known(Permission, permission),
        extra=fields.new_to(_SHARE),
    )
