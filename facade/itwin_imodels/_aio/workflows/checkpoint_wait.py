"""Waiting for checkpoints."""

from itwin_imodels._aio.polling import wait_until
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.timeline_point import AsyncTimelinePoints
from itwin_imodels._core import checks
from itwin_imodels._core.waiting import AsyncLook
from itwin_imodels._workflows import checkpoint_wait as rules
from itwin_imodels._workflows.timeline_point import check_one_selector
from itwin_imodels.models import Checkpoint, MinimalNamedVersion

__all__ = ["AsyncCheckpointWait"]


class AsyncCheckpointWait:
    """A single wait for the service to generate a checkpoint."""

    def __init__(self, session: AsyncSession, imodel_id: str, timeout: float) -> None:
        """Check the arguments.

        Args:
            session: Sends the requests.
            imodel_id: Id of the iModel.
            timeout: Seconds to wait; 0 checks once.
        """
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._timeout = checks.seconds("timeout", timeout)
        self._session = session
        self._points = AsyncTimelinePoints(session, imodel_id)
        self._checkpoints = AsyncCheckpoints(session)

    async def run(self, changeset: str | int | None, named_version: str | MinimalNamedVersion | None) -> Checkpoint:
        """Return the checkpoint of a changeset or a Named Version."""
        check_one_selector(changeset=changeset is not None, named_version=named_version is not None)
        if named_version is None:
            return await self.of_changeset(checks.changeset(changeset or 0))
        version = await self._points.named_version(named_version)

        async def look() -> Checkpoint:
            return await self._checkpoints.get_for_named_version(self._imodel_id, version.id)

        return await self._generated(look, f"Named Version {version.id}")

    async def of_changeset(self, changeset: str | int) -> Checkpoint:
        """Return the checkpoint of exactly one changeset."""

        async def look() -> Checkpoint:
            return await self._checkpoints.get(self._imodel_id, changeset)

        return await self._generated(look, f"changeset {changeset}")

    async def _generated(self, look: AsyncLook[Checkpoint], point: str) -> Checkpoint:
        what = f"the generation of the checkpoint of {point} of iModel {self._imodel_id}"
        left = self._session.left
        timeout = self._timeout if left is None else min(self._timeout, left)
        checkpoint = await wait_until(
            look, rules.is_over, timeout=timeout, what=what, name=lambda checkpoint: str(checkpoint.state)
        )
        return rules.check_generated(checkpoint)
