"""Shares of an iModel."""

from collections.abc import Sequence
from datetime import datetime

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._aio.settling import create
from itwin_imodels._core import checks
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import people as wire
from itwin_imodels.models import Permission, Share

__all__ = ["AsyncShares"]


class AsyncShares(AsyncResource):
    """Keys by which anybody may read an iModel: `client.shares`. Use one as `auth=ShareKey(share.share_key)`."""

    def list(self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None) -> AsyncPager[Share]:
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
            async for share in client.shares.list(imodel_id):
                print(share.name, share.expires_at)
            ```

        Service operation: Get iModel Shares.
        """
        return self._list(lambda top: wire.list_shares(imodel_id, top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, share_id: str) -> Share:
        """Get a share.

        Args:
            imodel_id: The iModel.
            share_id: The share.

        Raises:
            NotFound: There is no such iModel or share, or it is somebody else's.

        Example:
            ```python
            share = await client.shares.get(imodel_id, share_id)
            ```

        Service operation: Get iModel Share.
        """
        return await self._session.send(wire.get_share(imodel_id, share_id))

    async def create(
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
            share = await client.shares.create(imodel_id, "Review", expires_at="2027-01-31")
            ```

        Service operation: Create iModel Share.
        """
        call = wire.create_share(imodel_id, name=name, expires_at=expires_at, permission=permission)
        wanted = (name, checks.moment("expires_at", expires_at), permission)

        async def created(_: TimeSpan) -> Sequence[Share]:
            return [
                each
                async for each in self.list(imodel_id)
                if each.share_key and (each.name, each.expires_at, each.permission) == wanted
            ]

        return await create(self._session, imodel_id, call, created)

    async def update(self, imodel_id: str, share_id: str, *, expires_at: datetime | str) -> Share:
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
            await client.shares.update(imodel_id, share.id, expires_at="2027-02-28")
            ```

        Service operation: Update iModel Share.
        """
        return await self._session.send(wire.update_share(imodel_id, share_id, expires_at=expires_at))

    async def revoke(self, imodel_id: str, share_id: str) -> None:
        """Make a share's key invalid.

        Args:
            imodel_id: The iModel.
            share_id: The share.

        Raises:
            NotFound: There is no such iModel or share, or it is somebody else's.

        Example:
            ```python
            await client.shares.revoke(imodel_id, share.id)
            ```

        Service operation: Revoke iModel Share.
        """
        await self._session.send(wire.revoke_share(imodel_id, share_id))
