"""Permissions on an iModel."""

from collections.abc import Iterable

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import people as wire
from itwin_imodels.models import Permission, PermissionGrant

__all__ = ["AsyncPermissions"]


class AsyncPermissions(AsyncResource):
    """Permissions of the caller, of roles and of users on an iModel: `client.permissions`."""

    async def get(self, imodel_id: str) -> tuple[Permission | str, ...]:
        """Get the caller's permissions on an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            may_push = "imodels_write" in await client.permissions.get(imodel_id)
            ```

        Service operation: Get iModel Permissions.
        """
        return await self._session.send(wire.get_permissions(imodel_id))

    async def get_roles(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Get the permissions that roles have on an iModel itself.

        Args:
            imodel_id: Id of the iModel.

        Returns:
            A grant for each role; empty if the iModel has no permissions for roles.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            grants = await client.permissions.get_roles(imodel_id)
            ```

        Service operation: Get iModel Role Permissions.
        """
        return await self._session.send(wire.get_role_permissions(imodel_id))

    async def update_roles(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
        """Grant permissions on an iModel to roles. They replace the permissions of its iTwin.

        Args:
            imodel_id: Id of the iModel.
            grants: A grant for each role to change; a grant without permissions removes the role. Other roles keep
                their permissions.

        Returns:
            All grants after the change.

        Raises:
            Conflict: Individual users have permissions on the iModel; these cannot be combined with those of roles.
            Forbidden: The caller lacks `imodels_manage`.
            NotFound: The iModel does not exist.

        Example:
            ```python
            grant = PermissionGrant(id=role_id, permissions=["imodels_read"])
            await client.permissions.update_roles(imodel_id, [grant])
            ```

        Service operation: Update iModel Role Permissions.
        """
        return await self._session.send(wire.update_role_permissions(imodel_id, grants))

    async def get_users(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Get the permissions that individual users have on an iModel itself.

        Args:
            imodel_id: Id of the iModel.

        Returns:
            A grant for each user; empty if the iModel has no permissions for individual users.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            grants = await client.permissions.get_users(imodel_id)
            ```

        Service operation: Get iModel User Permissions.
        """
        return await self._session.send(wire.get_user_permissions(imodel_id))

    async def update_users(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
        """Grant permissions on an iModel to individual users. They replace the permissions of its iTwin.

        Args:
            imodel_id: Id of the iModel.
            grants: A grant for each user to change; a grant without permissions removes the user. Other users keep
                their permissions.

        Returns:
            All grants after the change.

        Raises:
            Conflict: Roles have permissions on the iModel; these cannot be combined with those of individual users.
            Forbidden: The caller lacks `imodels_manage`.
            NotFound: The iModel does not exist.

        Example:
            ```python
            grant = PermissionGrant(id=user_id, permissions=["imodels_read"])
            await client.permissions.update_users(imodel_id, [grant])
            ```

        Service operation: Update iModel User Permissions.
        """
        return await self._session.send(wire.update_user_permissions(imodel_id, grants))
