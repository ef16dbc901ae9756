"""Who may do what.

Permissions are configured on an iTwin for its members, and may be configured on an iModel for roles or for users; what
is configured on the iModel then stands in place of what the iTwin says. That a permission includes the weaker ones is
concluded from the documentation's wording "at least imodels_webview".
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What can be granted."""

    WEBVIEW = "imodels_webview"
    READ = "imodels_read"
    WRITE = "imodels_write"
    MANAGE = "imodels_manage"
    DELETE = "imodels_delete"


ON_IMODEL: Final = (Permission.WEBVIEW, Permission.READ, Permission.WRITE, Permission.MANAGE)
"""What can be granted on an iModel, each including those before it. Deletion is granted on iTwins only."""

EVERYTHING: Final = frozenset(Permission)
NOTHING: Final[frozenset[Permission]] = frozenset()

BY_ROLE: Final = "role"
BY_USER: Final = "user"


def granted(names: Iterable[str]) -> frozenset[Permission]:
    """Turn names into permissions, adding those that each includes."""
    given = {Permission(name) for name in names}
    ranks = [ON_IMODEL.index(permission) for permission in given if permission in ON_IMODEL]
    return frozenset(given) | frozenset(ON_IMODEL[: max(ranks, default=-1) + 1])


def on_imodel(
    on_itwin: frozenset[Permission], configured: Mapping[str, Iterable[str]] | None, *, kind: str | None
) -> frozenset[Permission]:
    """Say what a caller may do with an iModel.

    Args:
        on_itwin: What the caller may do in the iTwin.
        configured: What the iModel grants the caller, by role or user id; None when nothing is configured on it.
        kind: Whether roles or users are configured.

    Returns:
        The permissions; deletion is in it when the iTwin grants it.
    """
    if configured is None:
        return on_itwin
    if kind == BY_ROLE and Permission.WEBVIEW not in on_itwin:
        return NOTHING
    own = granted(name for names in configured.values() for name in names)
    return own | (on_itwin & {Permission.DELETE})


def listed(permissions: frozenset[Permission]) -> list[str]:
    """Name the permissions in the order of their reach, as the service does: without deletion."""
    return [permission.value for permission in ON_IMODEL if permission in permissions]
