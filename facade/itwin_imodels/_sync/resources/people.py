# Made from facade/itwin_imodels/_aio/resources/people.py by 'make unasync'. Change that file, not this one.
"""Users, permissions and shares."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._core import checks
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import people as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels._operations.creator import Created, creator_of
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels._sync.settling import create
from itwin_imodels.models import Briefcase, MinimalUser, Permission, PermissionGrant, Share, User

__all__ = ["Permissions", "Shares", "Users"]


class Users(Resource):
    """Who works with an iModel: `client.users`."""

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[User]: ...

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[MinimalUser]: ...

    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[Any]:
        """List everybody who ever worked with an iModel, applications included.

        Args:
            imodel_id: The iModel.
            order_by: `given_name` or `surname`, each with `asc` or `desc`.
            detail: `full` with statistics, or `minimal` for id and display name alone.
            page_size: Entities of one request, 1 to 1000.
            limit: Entities in total at most.

        Returns:
            A list that is read while it is iterated.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.

        Example:
            ```python
            for user in client.users.list(imodel_id):
                print(user.email, user.statistics)
            ```

        Service operation: Get iModel Users.
        """
        build = partial(wire.list_users, imodel_id, order_by=order_by, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    def get(self, imodel_id: str, user_id: str) -> User:
        """Get a user of an iModel.

        Args:
            imodel_id: The iModel.
            user_id: The user.

        Raises:
            NotFound: There is no such iModel or user.

        Example:
            ```python
            user = client.users.get(imodel_id, changeset.creator_id)
            ```

        Service operation: Get iModel User Details.
        """
        return self._session.send(wire.get_user(imodel_id, user_id))

    def get_creator(self, entity: Created) -> User | None:
        """Get the user who created an entity.

        Args:
            entity: An iModel, baseline file, changeset, changeset group or Named Version.

        Returns:
            The user, or None when the service does not say who it was.

        Raises:
            NotFound: The user is not known to the iModel any more.

        Example:
            ```python
            creator = client.users.get_creator(changeset)
            ```

        Service operation: Get iModel User Details.
        """
        imodel_id, user_id = creator_of(entity)
        return None if user_id is None else self.get(imodel_id, user_id)

    def get_owner(self, briefcase: Briefcase) -> User:
        """Get the user who acquired a briefcase.

        Args:
            briefcase: The briefcase.

        Raises:
            NotFound: The user is not known to the iModel any more.

        Example:
            ```python
            owner = client.users.get_owner(briefcase)
            ```

        Service operation: Get iModel User Details.
        """
        return self.get(briefcase.imodel_id, briefcase.owner_id)


class Permissions(Resource):
    """Who may do what with an iModel: `client.permissions`."""

    def get(self, imodel_id: str) -> tuple[Permission | str, ...]:
        """Tell what the caller may do with an iModel.

        Args:
            imodel_id: The iModel.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            may_push = "imodels_write" in client.permissions.get(imodel_id)
            ```

        Service operation: Get iModel Permissions.
        """
        return self._session.send(wire.get_permissions(imodel_id))

    def get_roles(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Tell which permissions roles have on an iModel of its own.

        Args:
            imodel_id: The iModel.

        Returns:
            A grant for each role; none when the permissions are those of the iTwin.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            grants = client.permissions.get_roles(imodel_id)
            ```

        Service operation: Get iModel Role Permissions.
        """
        return self._session.send(wire.get_role_permissions(imodel_id))

    def update_roles(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
        """Give roles permissions on an iModel, which then replace those of its iTwin.

        Args:
            imodel_id: The iModel.
            grants: A grant for each role to change; one without permissions is taken away. Other roles keep theirs.

        Returns:
            The grants as they are now.

        Raises:
            Conflict: Users have permissions on it; the two kinds exclude each other.
            Forbidden: It needs `imodels_manage`.
            NotFound: There is no such iModel.

        Example:
            ```python
            grant = PermissionGrant(id=role_id, permissions=["imodels_read"])
            client.permissions.update_roles(imodel_id, [grant])
            ```

        Service operation: Update iModel Role Permissions.
        """
        return self._session.send(wire.update_role_permissions(imodel_id, grants))

    def get_users(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Tell which permissions single users have on an iModel of its own.

        Args:
            imodel_id: The iModel.

        Returns:
            A grant for each user; none when the permissions are those of the iTwin.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            grants = client.permissions.get_users(imodel_id)
            ```

        Service operation: Get iModel User Permissions.
        """
        return self._session.send(wire.get_user_permissions(imodel_id))

    def update_users(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
        """Give single users permissions on an iModel, which then replace those of its iTwin.

        Args:
            imodel_id: The iModel.
            grants: A grant for each user to change; one without permissions is taken away. Other users keep theirs.

        Returns:
            The grants as they are now.

        Raises:
            Conflict: Roles have permissions on it; the two kinds exclude each other.
            Forbidden: It needs `imodels_manage`.
            NotFound: There is no such iModel.

        Example:
            ```python
            grant = PermissionGrant(id=user_id, permissions=["imodels_read"])
            client.permissions.update_users(imodel_id, [grant])
            ```

        Service operation: Update iModel User Permissions.
        """
        return self._session.send(wire.update_user_permissions(imodel_id, grants))


class Shares(Resource):
    """Keys by which anybody may read an iModel: `client.shares`. Use one as `auth=ShareKey(share.share_key)`."""

    def list(self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None) -> Pager[Share]:
        """List the caller's shares of an iModel.

        Args:
            imodel_id: The iModel.
            page_size: Entities of one request, 1 to 1000.
            limit: Entities in total at most.

        Returns:
            A list that is read while it is iterated.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.
            ValueError: An argument is out of its bounds.

        Example:
            ```python
            for share in client.shares.list(imodel_id):
                print(share.name, share.expires_at)
            ```

        Service operation: Get iModel Shares.
        """
        return self._list(lambda top: wire.list_shares(imodel_id, top=top), page_size=page_size, limit=limit)

    def get(self, imodel_id: str, share_id: str) -> Share:
        """Get a share.

        Args:
            imodel_id: The iModel.
            share_id: The share.

        Raises:
            NotFound: There is no such iModel or share, or it is somebody else's.

        Example:
            ```python
            share = client.shares.get(imodel_id, share_id)
            ```

        Service operation: Get iModel Share.
        """
        return self._session.send(wire.get_share(imodel_id, share_id))

    def create(
        self,
        imodel_id: str,
        name: str,
        *,
        expires_at: datetime | str,
        permission: Permission | str = Permission.WEBVIEW,
    ) -> Share:
        """Make a key by which anybody may read an iModel.

        If the answer is lost and the caller has one share of this name, time and permission, that is returned.

        Args:
            imodel_id: The iModel.
            name: Its name, 1 to 255 characters.
            expires_at: Until when it works, at most 6 months from now; text is read as a date and time. Without a time
                zone it is UTC.
            permission: `imodels_webview`, or `imodels_read` for downloads too.

        Returns:
            The share with its key.

        Raises:
            Forbidden: It needs `imodels_manage`.
            NotFound: There is no such iModel.
            ValidationFailed: The service does not take the time.
            ValueError: An argument is out of its bounds.

        Example:
            ```python
            share = client.shares.create(imodel_id, "Review", expires_at="2027-01-31")
            ```

        Service operation: Create iModel Share.
        """
        call = wire.create_share(imodel_id, name=name, expires_at=expires_at, permission=permission)
        wanted = (name, checks.moment("expires_at", expires_at), permission)

        def created(_: TimeSpan) -> Sequence[Share]:
            return [
                each
                for each in self.list(imodel_id)
                if each.share_key and (each.name, each.expires_at, each.permission) == wanted
            ]

        return create(self._session, imodel_id, call, created)

    def update(self, imodel_id: str, share_id: str, *, expires_at: datetime | str) -> Share:
        """Change until when a share works.

        Args:
            imodel_id: The iModel.
            share_id: The share.
            expires_at: Until when, at most 6 months from now; text is read as a date and time. Without a time zone it
                is UTC.

        Returns:
            The share as it is now.

        Raises:
            NotFound: There is no such iModel or share, or it is somebody else's.
            ValidationFailed: The service does not take the time.

        Example:
            ```python
            client.shares.update(imodel_id, share.id, expires_at="2027-02-28")
            ```

        Service operation: Update iModel Share.
        """
        return self._session.send(wire.update_share(imodel_id, share_id, expires_at=expires_at))

    def revoke(self, imodel_id: str, share_id: str) -> None:
        """Make a share's key invalid.

        Args:
            imodel_id: The iModel.
            share_id: The share.

        Raises:
            NotFound: There is no such iModel or share, or it is somebody else's.

        Example:
            ```python
            client.shares.revoke(imodel_id, share.id)
            ```

        Service operation: Revoke iModel Share.
        """
        self._session.send(wire.revoke_share(imodel_id, share_id))
