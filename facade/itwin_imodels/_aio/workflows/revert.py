"""Taking a timeline back to an earlier point, by one more changeset."""

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
    """One push of the inverse of all changesets after a point."""

    def __init__(self, session: AsyncSession, plan: rules.RevertPlan, progress: ProgressCallback | None) -> None:
        """Prepare the push.

        Args:
            session: Sends the requests.
            plan: What the caller asks for.
            progress: Called with the bytes of the changesets' files that are present and those of all.
        """
        self._session = session
        self._plan = plan
        self._imodel_id = plan.push.imodel_id
        self._progress = progress

    async def run(self) -> Changeset | None:
        """Pull the changesets after the point, invert them, and push the result if it changes anything."""
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
