"""Restore the content at an earlier changeset by pushing one more changeset."""

from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.pull import AsyncPull
from itwin_imodels._aio.workflows.push import AsyncPush
from itwin_imodels._aio.workflows.timeline_point import AsyncTimelinePoints
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels._workflows import revert as rules
from itwin_imodels.models import Changeset, TimelinePoint

__all__ = ["AsyncRevert"]


class AsyncRevert:
    """The push of one changeset that reverts all changesets after a point in the timeline."""

    def __init__(self, session: AsyncSession, plan: rules.RevertPlan, progress: ProgressCallback | None) -> None:
        """Prepare the push.

        Args:
            session: Sends the requests.
            plan: The options of the revert.
            progress: Called with the number of bytes present and the total size of the pulled files.
        """
        self._session = session
        self._plan = plan
        self._imodel_id = plan.push.imodel_id
        self._progress = progress

    async def run(self) -> Changeset | None:
        """Pull the changesets after the point, invert them, and push the result unless it is empty."""
        point = await self._point()
        limit = TimeLimit(None, f"reverting iModel {self._imodel_id}")
        pull = AsyncPull(self._session, self._imodel_id, self._plan.directory, limit=limit, progress=self._progress)
        pulled = await pull.run(after=point.index, until=None)
        if not pulled:
            return None
        inverse = await async_blocking(rules.write_inverse, self._plan, point, pulled)
        if inverse is None:
            return None
        plan = rules.push_plan(self._plan, point, pulled)
        push = await AsyncPush.of_file(self._session, plan, inverse, pulled[-1].changeset.id)
        return await push.run()

    async def _point(self) -> TimelinePoint:
        to = self._plan.to
        points = AsyncTimelinePoints(self._session, self._imodel_id)
        if isinstance(to, int):
            return await points.at(index=to)
        return await points.at(id=to)
