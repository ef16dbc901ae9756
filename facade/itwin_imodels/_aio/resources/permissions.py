"""Permissions on an iModel."""

from collections.abc import Iterable

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import people as wire
from itwin_imodels.models import Permission, PermissionGrant

__all__ = ["AsyncPermissions"]


class AsyncPermissions(AsyncResource):
    """Who may do what with an iModel: `client.permissions`."""

    async def get(self, imodel_id: str) -> tuple[Permission | str, ...]:
        """Tell what the caller may do with an iModel.

        Args:
            imodel_id: The iModel.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            may_push = "imodels_write" in await client.permissions.get(imodel_id)
            ```

        Service operation: Get iModel Permissions.
        """
        return await self._session.send(wire.get_permissions(imodel_id))

    async def get_roles(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Tell which permissions roles have on an iModel of its own.

        Args:
            imodel_id: The iModel.

        Returns:
            A grant for each role; none when the permissions are those of the iTwin.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            grants = await client.permissions.get_roles(imodel_id)
            ```

        Service operation: Get iModel Role Permissions.
        """
        return await self._session.send(wire.get_role_permissions(imodel_id))

    async def update_roles(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
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
            await client.permissions.update_roles(imodel_id, [grant])
            ```

        Service operation: Update iModel Role Permissions.
        """
        return await self._session.send(wire.update_role_permissions(imodel_id, grants))

    async def get_users(self, imodel_id: str) -> tuple[PermissionGrant, ...]:
        """Tell which permissions single users have on an iModel of its own.

        Args:
            imodel_id: The iModel.

        Returns:
            A grant for each user; none when the permissions are those of the iTwin.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            grants = await client.permissions.get_users(imodel_id)
            ```

        Service operation: Get iModel User Permissions.
        """
        return await self._session.send(wire.get_user_permissions(imodel_id))

    async def update_users(self, imodel_id: str, grants: Iterable[PermissionGrant]) -> tuple[PermissionGrant, ...]:
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
            await client.permissions.update_users(imodel_id, [grant])
            ```

        Service operation: Update iModel User Permissions.
        """
        return await self._session.send(wire.update_user_permissions(imodel_id, grants))
