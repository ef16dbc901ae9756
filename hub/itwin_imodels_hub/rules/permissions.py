"""Permission rules.

Permissions are configured on an iTwin for its members, and optionally on an iModel for roles or users. Permissions of
the iModel replace those of the iTwin. That a permission includes the weaker ones is inferred from the wording "at least
imodels_webview" in the documentation.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """A permission that can be granted."""

    WEBVIEW = "imodels_webview"
    READ = "imodels_read"
    WRITE = "imodels_write"
    MANAGE = "imodels_manage"
    DELETE = "imodels_delete"


class Administration(StrEnum):
    """A permission to administer the members and roles of an iTwin."""

    MANAGE_ROLES = "administration_manage_roles"
    INVITE_MEMBER = "administration_invite_member"
    REMOVE_MEMBER = "administration_remove_member"


NAMES: Final = (*Permission, *Administration)
"""All permissions that a role can have."""

ON_IMODEL: Final = (Permission.WEBVIEW, Permission.READ, Permission.WRITE, Permission.MANAGE)
"""Permissions that can be granted on an iModel; each includes those before it. Deletion is granted on iTwins only."""

EVERYTHING: Final = frozenset(Permission)
NOTHING: Final[frozenset[Permission]] = frozenset()

BY_ROLE: Final = "role"
BY_USER: Final = "user"


def require_known(names: Iterable[str], known: Sequence[str]) -> None:
    """Check names of permissions.

    Raises:
        ValueError: A name is unknown.
    """
    if unknown := set(names).difference(known):
        raise ValueError(f"unknown permissions {', '.join(sorted(unknown))}; known: {', '.join(known)}")


def with_implied(names: Iterable[str]) -> frozenset[Permission]:
    """Return the named permissions on iModels and all that they include; other names are ignored."""
    known = frozenset(names)
    valid = {permission for permission in Permission if permission in known}
    ranks = [ON_IMODEL.index(permission) for permission in valid if permission in ON_IMODEL]
    return frozenset(valid) | frozenset(ON_IMODEL[: max(ranks, default=-1) + 1])


def on_imodel(
    on_itwin: frozenset[Permission], configured: Mapping[str, Iterable[str]] | None, *, kind: str | None
) -> frozenset[Permission]:
    """Return the permissions of a caller on an iModel.

    Args:
        on_itwin: Permissions of the caller in the iTwin.
        configured: Permission names that the iModel grants the caller, by role or user id; None if the iModel has no
            permissions of its own.
        kind: Whether roles or users are configured.

    Returns:
        The permissions of the iModel, and deletion if the iTwin grants it. Callers who manage the iTwin see all its
            iModels. Callers without any permission in the iTwin, or without `imodels_webview` if roles are
            configured, see none of them, even if the iModel grants permissions.
    """
    if configured is None:
        return on_itwin
    if not on_itwin or (kind == BY_ROLE and Permission.WEBVIEW not in on_itwin):
        return NOTHING
    own = with_implied(name for names in configured.values() for name in names)
    seen = with_implied([Permission.WEBVIEW]) if Permission.MANAGE in on_itwin else NOTHING
    return own | seen | (on_itwin & {Permission.DELETE})


def ordered_names(permissions: frozenset[Permission]) -> list[str]:
    """Return the names of the permissions, weakest first and without deletion, as the service lists them."""
    return [permission.value for permission in ON_IMODEL if permission in permissions]
