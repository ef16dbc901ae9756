"""Checkpoints."""

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import named_versions as wire
from itwin_imodels.models import Changeset, Checkpoint, MinimalBriefcase, MinimalNamedVersion

__all__ = ["AsyncCheckpoints"]


class AsyncCheckpoints(AsyncResource):
    """Checkpoints, complete databases at points in the timeline: `client.checkpoints`."""

    async def get(self, imodel_id: str, changeset: str | int) -> Checkpoint:
        """Get the checkpoint of a changeset.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id (string) or index (integer) of the changeset; 0 is the baseline.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The iModel or the changeset does not exist, or the changeset has no checkpoint
                (`CheckpointNotFound`).

        Example:
            ```python
            checkpoint = await client.checkpoints.get(imodel_id, 0)
            ```

        Service operation: Get Changeset Checkpoint.
        """
        return await self._session.send(wire.get_changeset_checkpoint(imodel_id, changeset))

    async def latest(self, imodel_id: str) -> Checkpoint:
        """Get the newest checkpoint of an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The iModel does not exist, or has no checkpoint (`CheckpointNotFound`).

        Example:
            ```python
            checkpoint = await client.checkpoints.latest(imodel_id)
            ```

        Service operation: Get Briefcase Checkpoint.
        """
        return await self._session.send(wire.get_latest_checkpoint(imodel_id))

    async def get_for_briefcase(self, briefcase: MinimalBriefcase) -> Checkpoint:
        """Get the newest checkpoint, from which to create the working copy of a briefcase.

        Args:
            briefcase: The briefcase.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The iModel does not exist, or has no checkpoint (`CheckpointNotFound`).

        Example:
            ```python
            checkpoint = await client.checkpoints.get_for_briefcase(briefcase)
            ```

        Service operation: Get Briefcase Checkpoint.
        """
        return await self.latest(briefcase.imodel_id)

    async def get_for_changeset(self, changeset: Changeset) -> Checkpoint | None:
        """Get the checkpoint of a changeset or, if it has none, the nearest earlier one.

        Args:
            changeset: A changeset returned by `changesets.get()` or a full list.

        Returns:
            The checkpoint, or None if the changeset does not name one.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The checkpoint no longer exists (`CheckpointNotFound`).

        Example:
            ```python
            checkpoint = await client.checkpoints.get_for_changeset(changeset)
            ```

        Service operation: Get Changeset Checkpoint.
        """
        if changeset.checkpoint_changeset is None:
            return None
        return await self.get(changeset.imodel_id, changeset.checkpoint_changeset)

    async def get_for_named_version(self, imodel_id: str, named_version: str | MinimalNamedVersion) -> Checkpoint:
        """Get the checkpoint of a Named Version.

        Args:
            imodel_id: Id of the iModel.
            named_version: The Named Version, or its id.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NotFound: The iModel or the Named Version does not exist, or the Named Version has no checkpoint
                (`CheckpointNotFound`).

        Example:
            ```python
            checkpoint = await client.checkpoints.get_for_named_version(imodel_id, named_version.id)
            ```

        Service operation: Get Named Version Checkpoint.
        """
        return await self._session.send(wire.get_named_version_checkpoint(imodel_id, _id(named_version)))

    async def create_for_named_version(self, imodel_id: str, named_version: str | MinimalNamedVersion) -> Checkpoint:
        """Request the generation of a Named Version's checkpoint, unless it already exists.

        The service generates it in the background; `client.wait_for_checkpoint()` waits for it.

        Args:
            imodel_id: Id of the iModel.
            named_version: The Named Version, or its id.

        Returns:
            The checkpoint, which is scheduled or already exists.

        Raises:
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel or the Named Version does not exist.

        Example:
            ```python
            checkpoint = await client.checkpoints.create_for_named_version(imodel_id, named_version.id)
            ```

        Service operation: Update Named Version Checkpoint.
        """
        return await self._session.send(wire.create_named_version_checkpoint(imodel_id, _id(named_version)))


def _id(named_version: str | MinimalNamedVersion) -> str:
    return named_version.id if isinstance(named_version, MinimalNamedVersion) else named_version
