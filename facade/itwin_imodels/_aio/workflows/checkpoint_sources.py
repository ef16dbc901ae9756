"""Finding the database to download for a point in the timeline."""

from itwin_imodels._aio.resources.baseline_files import AsyncBaselineFiles
from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.checkpoint_wait import AsyncCheckpointWait
from itwin_imodels._aio.workflows.timeline_point import AsyncTimelinePoints
from itwin_imodels._core import checks
from itwin_imodels._workflows import checkpoint_sources as rules
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource, Kind
from itwin_imodels._workflows.checkpoint_wait import NO_CHECKPOINT
from itwin_imodels.errors import NotFound, OperationFailed, WaitTimeout
from itwin_imodels.models import Changeset, Checkpoint, MinimalNamedVersion, TimelinePoint

__all__ = ["AsyncCheckpointSources"]


class AsyncCheckpointSources:
    """The databases of an iModel that can be downloaded for points in its timeline."""

    def __init__(
        self, session: AsyncSession, imodel_id: str, *, kind: Kind = "auto", preceding: bool, timeout: float
    ) -> None:
        """Check the arguments.

        Args:
            session: Sends the requests.
            imodel_id: Id of the iModel.
            kind: The accepted forms of a checkpoint.
            preceding: Whether a checkpoint of an earlier point is accepted.
            timeout: Seconds to wait while the service generates the checkpoint of a point; 0 does not wait.
        """
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._kind = rules.checked_kind(kind)
        self._preceding = preceding
        self._timeout = checks.seconds("checkpoint_timeout", timeout)
        self._points = AsyncTimelinePoints(session, imodel_id)
        self._wait = AsyncCheckpointWait(session, imodel_id, timeout)
        self._changesets = AsyncChangesets(session)
        self._checkpoints = AsyncCheckpoints(session)
        self._baseline_files = AsyncBaselineFiles(session)

    async def point(
        self, changeset: str | int | None, named_version: str | MinimalNamedVersion | None
    ) -> TimelinePoint:
        """Return the point of a changeset or a Named Version; by default, that of the newest changeset."""
        if changeset is not None and named_version is not None:
            raise ValueError("changeset and named_version are mutually exclusive")
        if named_version is not None:
            return await self._points.at(named_version=named_version)
        if isinstance(changeset, str):
            return await self._points.at(id=changeset)
        return await self._points.at(latest=changeset is None, index=changeset)

    async def source(self, point: TimelinePoint) -> CheckpointSource:
        """Return the database to download for a point."""
        source = await self._source(point)
        rules.check_before("the checkpoint named by the service", source.index, point.index + 1)
        return source

    async def _source(self, point: TimelinePoint) -> CheckpointSource:
        if point.is_baseline:
            return await self._baseline()
        if not self._preceding:
            return rules.exact_source_of(await self._wait.of_changeset(point.changeset_id), self._kind)
        own = await self._own(point) if self._timeout else None
        return own or await self._nearest(point)

    async def _own(self, point: TimelinePoint) -> CheckpointSource | None:
        """Wait for the checkpoint of the point itself, not an earlier one; return None if there is none."""
        try:
            generated = await self._wait.of_changeset(point.changeset_id)
        except NotFound as error:
            if error.code != NO_CHECKPOINT:
                raise
        except (OperationFailed, WaitTimeout):
            pass  # an earlier one is accepted
        else:
            return rules.source_of(generated, self._kind)
        return None

    async def _nearest(self, point: TimelinePoint) -> CheckpointSource:
        """Step back along the links of the changesets until a checkpoint is available in an accepted form."""
        changeset = point.changeset
        while changeset is not None and (place := changeset.checkpoint_changeset):
            checkpoint = await self._checkpoint(place)
            if checkpoint is None:
                index = await self._index_of(changeset, place)
            else:
                index = checkpoint.changeset_index
                source = rules.source_of(checkpoint, self._kind)
                if source is not None and index <= changeset.index:
                    return source
            below = rules.check_before("the checkpoint named by the service", index, changeset.index + 1)
            changeset = await self._newest_before(below)
        return await self._baseline()

    async def _checkpoint(self, place: str | int) -> Checkpoint | None:
        try:
            return await self._checkpoints.get(self._imodel_id, place)
        except NotFound as error:
            if error.code != NO_CHECKPOINT:
                raise
            return None

    async def _index_of(self, changeset: Changeset, place: str | int) -> int:
        if isinstance(place, int):
            return place
        if place.lower() == changeset.id.lower():
            return changeset.index
        return (await self._changesets.get(self._imodel_id, place)).index

    async def _newest_before(self, index: int) -> Changeset | None:
        if index <= 1:
            return None
        changeset = await self._changesets.list(self._imodel_id, last_index=index - 1, order_by="index desc").first()
        if changeset is not None:
            rules.check_before("the newest changeset listed", changeset.index, index)
        return changeset

    async def _baseline(self) -> CheckpointSource:
        """Return the checkpoint of the baseline or, if it is not available, the baseline file itself."""
        checkpoint = await self._checkpoint(0)
        source = None if checkpoint is None else rules.source_of(checkpoint, self._kind)
        if source is not None:
            return source
        rules.check_accepts_one_file(self._imodel_id, self._kind)
        return rules.source_of_baseline(await self._baseline_files.get(self._imodel_id))
