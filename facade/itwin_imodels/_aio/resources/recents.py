"""iModels that the caller used recently."""

from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import personal as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels.models import (
    IModel,
    MinimalIModel,
)

__all__ = ["AsyncRecents"]


class AsyncRecents(AsyncResource):
    """The iModels that the caller used most recently: `client.recents`."""

    @overload
    def list(
        self,
        itwin_id: str,
        *,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[IModel]: ...

    @overload
    def list(
        self,
        itwin_id: str,
        *,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[MinimalIModel]: ...

    def list(
        self,
        itwin_id: str,
        *,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Any]:
        """List the iModels of an iTwin that the caller used most recently, newest first. The service keeps 25 per user.

        Args:
            itwin_id: The iTwin that they belong to.
            detail: `full`, or `minimal` for id and display name only.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iTwin does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            last_used = await client.recents.list(itwin_id).first()
            ```

        Service operation: Get My Recently Used iModels.
        """
        build = partial(wire.list_recents, itwin_id=itwin_id, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def add(self, imodel_id: str) -> None:
        """Record that the caller has just used an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            await client.recents.add(imodel_id)
            ```

        Service operation: Add iModel to My Recents.
        """
        await self._session.send(wire.add_recent(imodel_id))

    async def remove(self, imodel_id: str) -> None:
        """Remove an iModel from those that the caller used most recently.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            await client.recents.remove(imodel_id)
            ```

        Service operation: Remove iModel from My Recents.
        """
        await self._session.send(wire.remove_recent(imodel_id))
