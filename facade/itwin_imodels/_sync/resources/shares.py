# Made from facade/itwin_imodels/_aio/resources/shares.py by 'make unasync'. Change that file, not this one.
"""Shares of an iModel."""

from collections.abc import Sequence
from datetime import datetime

from itwin_imodels._core import checks
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import people as wire
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels._sync.settling import create
from itwin_imodels.models import Permission, Share

__all__ = ["Shares"]


class Shares(Resource):
    """Keys that grant anyone read access to an iModel: `client.shares`.

    To use a share, create a client with `auth=ShareKey(share.share_key)`.
    """

    def list(self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None) -> Pager[Share]:
        """List the caller's shares of an iModel.

        Args:
            imodel_id: Id of the iModel.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

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
            imodel_id: Id of the iModel.
            share_id: The share.

        Raises:
            NotFound: The iModel or the share does not exist, or the share belongs to another user.

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
        """Create a share: a key that grants anyone read access to an iModel.

        If the response is lost but the caller then has exactly one share with this name, expiry and permission, it is
        returned.

        Args:
            imodel_id: Id of the iModel.
            name: Name of the share, 1 to 255 characters.
            expires_at: When the share expires, at most 6 months from now; a datetime, or a string such as `2027-01-31`.
                Without a time zone, UTC is assumed.
            permission: `imodels_webview`, or `imodels_read` to allow downloads too.

        Returns:
            The share, including its key.

        Raises:
            Forbidden: The caller lacks `imodels_manage` in the iTwin.
            NotFound: The iModel does not exist.
            NotInitialized: The iModel is still being created.
            ValidationFailed: The service rejected the expiry.
            ValueError: An argument is invalid.

        Example:
            ```python
            share = client.shares.create(imodel_id, "Review", expires_at="2027-01-31")
            ```

        Service operation: Create iModel Share.
        """
        call = wire.create_share(imodel_id, name=name, expires_at=expires_at, permission=permission)
        expected = (name, checks.moment("expires_at", expires_at), permission)

        def created(_: TimeSpan) -> Sequence[Share]:
            return [
                each
                for each in self.list(imodel_id)
                if each.share_key and (each.name, each.expires_at, each.permission) == expected
            ]

        return create(self._session, imodel_id, call, created)

    def update(self, imodel_id: str, share_id: str, *, expires_at: datetime | str) -> Share:
        """Change the expiry of a share.

        Args:
            imodel_id: Id of the iModel.
            share_id: The share.
            expires_at: When the share expires, at most 6 months from now; a datetime, or a string such as `2027-01-31`.
                Without a time zone, UTC is assumed.

        Returns:
            The share after the change.

        Raises:
            NotFound: The iModel or the share does not exist, or the share belongs to another user.
            ValidationFailed: The service rejected the expiry.
            ValueError: The expiry is not a valid date and time.

        Example:
            ```python
            client.shares.update(imodel_id, share.id, expires_at="2027-02-28")
            ```

        Service operation: Update iModel Share.
        """
        return self._session.send(wire.update_share(imodel_id, share_id, expires_at=expires_at))

    def revoke(self, imodel_id: str, share_id: str) -> None:
        """Revoke a share. Its key becomes invalid.

        Args:
            imodel_id: Id of the iModel.
            share_id: The share.

        Raises:
            NotFound: The iModel or the share does not exist, or the share belongs to another user.

        Example:
            ```python
            client.shares.revoke(imodel_id, share.id)
            ```

        Service operation: Revoke iModel Share.
        """
        self._session.send(wire.revoke_share(imodel_id, share_id))
