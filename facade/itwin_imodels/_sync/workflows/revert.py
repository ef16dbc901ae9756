# Made from facade/itwin_imodels/_aio/workflows/revert.py by 'make unasync'. Change that file, not this one.
"""Restore the content at an earlier changeset by pushing one more changeset."""

from itwin_imodels._core.background import blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.workflows.pull import Pull
from itwin_imodels._sync.workflows.push import Push
from itwin_imodels._sync.workflows.timeline_point import TimelinePoints
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels._workflows import revert as rules
from itwin_imodels.models import Changeset, TimelinePoint

__all__ = ["Revert"]


class Revert:
    """The push of one changeset that reverts all changesets after a point in the timeline."""

    def __init__(self, session: Session, plan: rules.RevertPlan, progress: ProgressCallback | None) -> None:
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

    def run(self) -> Changeset | None:
        """Pull the changesets after the point, invert them, and push the result unless it is empty."""
        point = self._point()
        limit = TimeLimit(None, f"reverting iModel {self._imodel_id}")
        pull = Pull(self._session, self._imodel_id, self._plan.directory, limit=limit, progress=self._progress)
        pulled = pull.run(after=point.index, until=None)
        if not pulled:
            return None
        inverse = blocking(rules.write_inverse, self._plan, point, pulled)
        if inverse is None:
            return None
        plan = rules.push_plan(self._plan, point, pulled)
        push = Push.of_file(self._session, plan, inverse, pulled[-1].changeset.id)
        return push.run()

    def _point(self) -> TimelinePoint:
        to = self._plan.to
        points = TimelinePoints(self._session, self._imodel_id)
        if isinstance(to, int):
            return points.at(index=to)
        return points.at(id=to)
