# Made from facade/itwin_imodels/_aio/resources/thumbnails.py by 'make unasync'. Change that file, not this one.
"""Thumbnails."""

from typing import Literal

from itwin_imodels._operations import files as wire
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import Thumbnail

__all__ = ["Thumbnails"]


class Thumbnails(Resource):
    """Pictures of iModels: `client.thumbnails`."""

    def download(self, imodel_id: str, *, size: Literal["small", "large"] = "small") -> Thumbnail:
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
            picture = client.thumbnails.download(imodel_id, size="large")
            ```

        Service operation: Get iModel Thumbnail.
        """
        return self._session.send(wire.get_thumbnail(imodel_id, size=size))

    def upload(self, imodel_id: str, content: bytes) -> None:
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
            client.thumbnails.upload(imodel_id, picture.content)
            ```

        Service operation: Upload iModel Thumbnail.
        """
        self._session.send(wire.put_thumbnail(imodel_id, content))
