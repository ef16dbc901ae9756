"""Users of an iModel."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import people as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels._operations.creator import Created, creator_of
from itwin_imodels.models import Briefcase, MinimalUser, User

__all__ = ["AsyncUsers"]


class AsyncUsers(AsyncResource):
    """Users who have worked with an iModel: `client.users`."""

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[User]: ...

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[MinimalUser]: ...

    def list(
        self,
        imodel_id: str,
        *,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Any]:
        """List the users who have ever worked with an iModel, including applications.

        Args:
            imodel_id: Id of the iModel.
            order_by: `given_name` or `surname`, each optionally with `asc` or `desc`.
            detail: `full`, with statistics, or `minimal` for id and display name only.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.

        Example:
            ```python
            async for user in client.users.list(imodel_id):
                print(user.email, user.statistics)
            ```

        Service operation: Get iModel Users.
        """
        build = partial(wire.list_users, imodel_id, order_by=order_by, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, user_id: str) -> User:
        """Get a user of an iModel.

        Args:
            imodel_id: Id of the iModel.
            user_id: Id of the user.

        Raises:
            NotFound: The iModel or the user does not exist.

        Example:
            ```python
            user = await client.users.get(imodel_id, changeset.creator_id)
            ```

        Service operation: Get iModel User Details.
        """
        return await self._session.send(wire.get_user(imodel_id, user_id))

    async def get_creator(self, entity: Created) -> User | None:
        """Get the user who created an entity.

        Args:
            entity: An iModel, baseline file, changeset, changeset group or Named Version.

        Returns:
            The user, or None if the service does not report who it was.

        Raises:
            NotFound: The user is no longer known to the iModel.

        Example:
            ```python
            creator = await client.users.get_creator(changeset)
            ```

        Service operation: Get iModel User Details.
        """
        imodel_id, user_id = creator_of(entity)
        return None if user_id is None else await self.get(imodel_id, user_id)

    async def get_owner(self, briefcase: Briefcase) -> User:
        """Get the user who acquired a briefcase.

        Args:
            briefcase: The briefcase.

        Raises:
            NotFound: The user is no longer known to the iModel.

        Example:
            ```python
            owner = await client.users.get_owner(briefcase)
            ```

        Service operation: Get iModel User Details.
        """
        return await self.get(briefcase.imodel_id, briefcase.owner_id)
