"""Users, permissions and shares."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.entity import Entity


class Permission(StrEnum):
    """What somebody may do with an iModel."""

    WEBVIEW = "imodels_webview"
    READ = "imodels_read"
    WRITE = "imodels_write"
    MANAGE = "imodels_manage"
    DELETE = "imodels_delete"


@attrs.frozen(kw_only=True)
class ApplicationStatistics:
    """What a user holds through one application.

    Attributes:
        id: Client id of the application.
        name: Its name.
        owns_locks: Whether the user holds locks.
        owns_exclusive_root_element_lock: Whether the user holds the whole iModel.
    """

    id: str | None
    name: str | None
    owns_locks: bool
    owns_exclusive_root_element_lock: bool


@attrs.frozen(kw_only=True)
class UserStatistics:
    """What a user did in an iModel.

    Attributes:
        pushed_changesets_count: Changesets pushed.
        last_changeset_push_date: When the last of them was pushed.
        created_versions_count: Named Versions created.
        briefcases_count: Briefcases held.
        last_access_time: When the user was last seen; not every service tells.
        applications: What the user holds, by application.
    """

    pushed_changesets_count: int
    last_changeset_push_date: datetime | None
    created_versions_count: int
    briefcases_count: int
    last_access_time: datetime | None
    applications: tuple[ApplicationStatistics, ...] = attrs.field(repr=lambda found: f"<{len(found)} applications>")


@attrs.frozen(kw_only=True, repr=False)
class MinimalUser(Entity):
    """The short form of a user.

    Attributes:
        imodel_id: The iModel.
        id: The user's id.
        display_name: The user's name for people.
    """

    _SHOWN: ClassVar = ("id", "display_name")

    imodel_id: str
    id: str
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class User(MinimalUser):
    """Somebody, or an application, that has worked with an iModel.

    Attributes:
        given_name: Given name.
        surname: Surname.
        email: E-mail address.
        statistics: What the user did in the iModel.
    """

    given_name: str | None
    surname: str | None
    email: str | None
    statistics: UserStatistics | None


def _permissions(values: Iterable[Permission | str]) -> tuple[Permission | str, ...]:
    return tuple(checks.several("permissions", values, "permissions"))


@attrs.frozen(kw_only=True)
class PermissionGrant:
    """What a role or a user may do with an iModel.

    Args:
        id: The role or the user.
        permissions: What it may do; permissions that are new to this client pass through.

    Raises:
        ValueError: The id is empty.
    """

    id: str
    permissions: tuple[Permission | str, ...] = attrs.field(converter=_permissions)

    def __attrs_post_init__(self) -> None:
        """Check the id."""
        checks.identifier("id", self.id)


@attrs.frozen(kw_only=True, repr=False)
class Share(Entity):
    """A key by which anybody may read an iModel.

    Attributes:
        imodel_id: The iModel.
        id: Its id.
        name: Its name.
        share_key: The key; a secret, so `repr` leaves it out.
        expires_at: Until when it works.
        permission: What it allows: `imodels_webview` or `imodels_read`.
    """

    _SHOWN: ClassVar = ("id", "name", "permission", "expires_at")

    imodel_id: str
    id: str
    name: str | None
    share_key: str | None
    expires_at: datetime | None
    permission: Permission | str | None
