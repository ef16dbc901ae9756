# Made from facade/itwin_imodels/_aio/resources/thumbnails.py by 'make unasync'. Change that file, not this one.
"""Thumbnails."""

from typing import Literal

from itwin_imodels._operations import files as wire
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import Thumbnail

__all__ = ["Thumbnails"]


class Thumbnails(Resource):
    """Thumbnail images of iModels: `client.thumbnails`."""

    def download(self, imodel_id: str, *, size: Literal["small", "large"] = "small") -> Thumbnail:
        """Download the thumbnail of an iModel, or a stock image if it has none.

        Args:
            imodel_id: Id of the iModel.
            size: `small` (400 x 250 pixels) or `large` (800 x 500).

        Returns:
            The image, with its media type.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            picture = client.thumbnails.download(imodel_id, size="large")
            ```

        Service operation: Get iModel Thumbnail.
        """
        return self._session.send(wire.get_thumbnail(imodel_id, size=size))

    def upload(self, imodel_id: str, content: bytes) -> None:
        """Replace the thumbnail of an iModel.

        Args:
            imodel_id: Id of the iModel.
            content: A PNG or JPEG image of at most 5 MiB; its type is detected from its first bytes.

        Raises:
            Forbidden: The caller lacks `imodels_manage`.
            NotFound: The iModel does not exist.
            NotInitialized: The iModel is still being created.
            ValueError: The content is not a PNG or JPEG image, or is too large.

        Example:
            ```python
            client.thumbnails.upload(imodel_id, picture.content)
            ```

        Service operation: Upload iModel Thumbnail.
        """
        self._session.send(wire.put_thumbnail(imodel_id, content))
