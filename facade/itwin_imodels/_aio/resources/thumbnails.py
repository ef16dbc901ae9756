"""Thumbnails."""

from typing import Literal

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import files as wire
from itwin_imodels.models import Thumbnail

__all__ = ["AsyncThumbnails"]


class AsyncThumbnails(AsyncResource):
    """Pictures of iModels: `client.thumbnails`."""

    async def download(self, imodel_id: str, *, size: Literal["small", "large"] = "small") -> Thumbnail:
        """Get the picture of an iModel; a stock picture when it has none of its own.

        Args:
            imodel_id: The iModel.
            size: `small` (400 x 250 pixels) or `large` (800 x 500).

        Returns:
            The picture's bytes and media type.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            picture = await client.thumbnails.download(imodel_id, size="large")
            ```

        Service operation: Get iModel Thumbnail.
        """
        return await self._session.send(wire.get_thumbnail(imodel_id, size=size))

    async def upload(self, imodel_id: str, content: bytes) -> None:
        """Replace the picture of an iModel.

        Args:
            imodel_id: The iModel.
            content: A PNG or JPEG picture of at most 5 MiB; which of them is seen from its first bytes.

        Raises:
            Forbidden: It needs `imodels_manage`.
            NotFound: There is no such iModel.
            ValueError: It is no such picture, or too large.

        Example:
            ```python
            await client.thumbnails.upload(imodel_id, picture.content)
            ```

        Service operation: Upload iModel Thumbnail.
        """
        await self._session.send(wire.put_thumbnail(imodel_id, content))
