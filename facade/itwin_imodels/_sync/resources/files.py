# Made from facade/itwin_imodels/_aio/resources/files.py by 'make unasync'. Change that file, not this one.
"""Baseline files and thumbnails."""

from typing import Literal

from itwin_imodels._operations import files as wire
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import BaselineFile, Thumbnail

__all__ = ["BaselineFiles", "Thumbnails"]


class BaselineFiles(Resource):
    """The files that timelines begin with: `client.baseline_files`."""

    def get(self, imodel_id: str) -> BaselineFile:
        """Get the baseline file of an iModel.

        Args:
            imodel_id: The iModel.

        Raises:
            NotFound: There is no such iModel, or it has no baseline file.

        Example:
            ```python
            baseline_file = client.baseline_files.get(imodel_id)
            ```

        Service operation: Get iModel Baseline File Details.
        """
        return self._session.send(wire.get_baseline(imodel_id))

    def complete(self, imodel_id: str) -> BaselineFile:
        """Tell that the baseline file of an iModel is uploaded; the service then initializes the iModel.

        Args:
            imodel_id: The iModel.

        Returns:
            The baseline file, whose initialization is scheduled.

        Raises:
            Conflict: The file has not the size that was announced (`DataConflict`).
            NotFound: There is no such iModel, or no file in storage (`FileNotFound`).
            ValidationFailed: No upload is in progress (`InvalidChange`).

        Example:
            ```python
            client.baseline_files.complete(imodel_id)
            ```

        Service operation: Complete iModel Baseline File Upload.
        """
        return self._session.send(wire.complete_baseline(imodel_id))


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
