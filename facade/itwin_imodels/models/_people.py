"""Users, permissions and shares."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.entity import Entity


class Permission(StrEnum):
    """A permission on an iModel."""

    WEBVIEW = "imodels_webview"
    READ = "imodels_read"
    WRITE = "imodels_write"
    MANAGE = "imodels_manage"
    DELETE = "imodels_delete"


@attrs.frozen(kw_only=True)
class ApplicationStatistics:
    """The locks that a user holds through one application.

    Attributes:
        id: Client id of the application; None if unknown.
        name: Its name; None if unknown.
        owns_locks: Whether the user holds locks.
        owns_exclusive_root_element_lock: Whether the user holds an exclusive lock on the root element, `0x1`.
    """

    id: str | None
    name: str | None
    owns_locks: bool
    owns_exclusive_root_element_lock: bool


@attrs.frozen(kw_only=True)
class UserStatistics:
    """The activity of a user in an iModel.

    Attributes:
        pushed_changesets_count: Number of changesets pushed.
        last_changeset_push_date: When the last of them was pushed; None if there are none.
        created_versions_count: Number of Named Versions created.
        briefcases_count: Number of briefcases held.
        last_access_time: When the user last accessed the iModel; None if the service does not report it.
        applications: The locks that the user holds, by application.
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
        imodel_id: Id of the iModel.
        id: Id of the user.
        display_name: The user's display name.
    """

    _SHOWN: ClassVar = ("id", "display_name")

    imodel_id: str
    id: str
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class User(MinimalUser):
    """A person or an application that has worked with an iModel.

    Attributes:
        given_name: Given name; None if unknown.
        surname: Surname; None if unknown.
        email: E-mail address; None if unknown.
        statistics: The user's activity in the iModel; None if the service does not report it.
    """

    given_name: str | None
    surname: str | None
    email: str | None
    statistics: UserStatistics | None


def _permissions(values: Iterable[Permission | str]) -> tuple[Permission | str, ...]:
    return tuple(checks.several("permissions", values, "permissions"))


@attrs.frozen(kw_only=True)
class PermissionGrant:
    """The permissions of a role or a user on an iModel.

    Args:
        id: Id of the role or the user.
        permissions: The permissions; those unknown to this client are kept as strings.

    Raises:
        ValueError: The id is empty.
    """

    id: str
    permissions: tuple[Permission | str, ...] = attrs.field(converter=_permissions)

    def __attrs_post_init__(self) -> None:
        """Check that the id is not empty."""
        checks.identifier("id", self.id)


@attrs.frozen(kw_only=True, repr=False)
class Share(Entity):
    """A key that grants anyone read access to an iModel.

    Attributes:
        imodel_id: Id of the iModel.
        id: Id of the share.
        name: Its name; None if unknown.
        share_key: The key; secret, so `repr` omits it. None if the service does not return it.
        expires_at: When it expires; None if unknown.
        permission: The permission that it grants: `imodels_webview` or `imodels_read`; None if unknown.
    """

    _SHOWN: ClassVar = ("id", "name", "permission", "expires_at")

    imodel_id: str
    id: str
    name: str | None
    share_key: str | None
    expires_at: datetime | None
    permission: Permission | str | None
