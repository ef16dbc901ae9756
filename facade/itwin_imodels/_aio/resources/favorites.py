"""Favorite iModels of the caller."""

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

__all__ = ["AsyncFavorites"]


class AsyncFavorites(AsyncResource):
    """The caller's favorite iModels: `client.favorites`."""

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
        """List the caller's favorites in an iTwin.

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
            names = [imodel.name async for imodel in client.favorites.list(itwin_id)]
            ```

        Service operation: Get My Favorite iModels.
        """
        build = partial(wire.list_favorites, itwin_id=itwin_id, detail=detail)
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def add(self, imodel_id: str) -> None:
        """Add an iModel to the caller's favorites. This has no effect if it is already a favorite.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            await client.favorites.add(imodel_id)
            ```

        Service operation: Add iModel to My Favorites.
        """
        await self._session.send(wire.add_favorite(imodel_id))

    async def remove(self, imodel_id: str) -> None:
        """Remove an iModel from the caller's favorites.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            await client.favorites.remove(imodel_id)
            ```

        Service operation: Remove iModel from My Favorites.
        """
        await self._session.send(wire.remove_favorite(imodel_id))
