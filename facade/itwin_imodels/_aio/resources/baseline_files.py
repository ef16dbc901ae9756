"""Baseline files."""

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import files as wire
from itwin_imodels.models import BaselineFile

__all__ = ["AsyncBaselineFiles"]


class AsyncBaselineFiles(AsyncResource):
    """Baseline files, the files that timelines begin with: `client.baseline_files`."""

    async def get(self, imodel_id: str) -> BaselineFile:
        """Get the baseline file of an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist, or has no baseline file.

        Example:
            ```python
            baseline_file = await client.baseline_files.get(imodel_id)
            ```

        Service operation: Get iModel Baseline File Details.
        """
        return await self._session.send(wire.get_baseline(imodel_id))

    async def complete(self, imodel_id: str) -> BaselineFile:
        """Confirm the upload of an iModel's baseline file; the service then initializes the iModel.

        Args:
            imodel_id: Id of the iModel.

        Returns:
            The baseline file, whose initialization is scheduled.

        Raises:
            Conflict: The file does not have the announced size (`DataConflict`).
            Forbidden: The caller lacks `imodels_manage` in the iTwin.
            NotFound: The iModel does not exist, or its file is not in the storage (`FileNotFound`).
            ValidationFailed: No upload is in progress (`InvalidChange`).

        Example:
            ```python
            await client.baseline_files.complete(imodel_id)
            ```

        Service operation: Complete iModel Baseline File Upload.
        """
        return await self._session.send(wire.complete_baseline(imodel_id))
