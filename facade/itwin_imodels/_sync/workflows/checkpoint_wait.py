# Made from facade/itwin_imodels/_aio/workflows/checkpoint_wait.py by 'make unasync'. Change that file, not this one.
"""Waiting for checkpoints."""

from itwin_imodels._core import checks
from itwin_imodels._core.waiting import Look
from itwin_imodels._sync.polling import wait_until
from itwin_imodels._sync.resources.checkpoints import Checkpoints
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.workflows.timeline_point import TimelinePoints
from itwin_imodels._workflows import checkpoint_wait as rules
from itwin_imodels._workflows.timeline_point import check_one_selector
from itwin_imodels.models import Checkpoint, MinimalNamedVersion

__all__ = ["CheckpointWait"]


class CheckpointWait:
    """A single wait for the service to generate a checkpoint."""

    def __init__(self, session: Session, imodel_id: str, timeout: float) -> None:
        """Check the arguments.

        Args:
            session: Sends the requests.
            imodel_id: Id of the iModel.
            timeout: Seconds to wait; 0 checks once.
        """
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._timeout = checks.seconds("timeout", timeout)
        self._session = session
        self._points = TimelinePoints(session, imodel_id)
        self._checkpoints = Checkpoints(session)

    def run(self, changeset: str | int | None, named_version: str | MinimalNamedVersion | None) -> Checkpoint:
        """Return the checkpoint of a changeset or a Named Version."""
        check_one_selector(changeset=changeset is not None, named_version=named_version is not None)
        if named_version is None:
            return self.of_changeset(checks.changeset(changeset or 0))
        version = self._points.named_version(named_version)

        def look() -> Checkpoint:
            return self._checkpoints.get_for_named_version(self._imodel_id, version.id)

        return self._generated(look, f"Named Version {version.id}")

    def of_changeset(self, changeset: str | int) -> Checkpoint:
        """Return the checkpoint of exactly one changeset."""

        def look() -> Checkpoint:
            return self._checkpoints.get(self._imodel_id, changeset)

        return self._generated(look, f"changeset {changeset}")

    def _generated(self, look: Look[Checkpoint], point: str) -> Checkpoint:
        what = f"the generation of the checkpoint of {point} of iModel {self._imodel_id}"
        left = self._session.left
        timeout = self._timeout if left is None else min(self._timeout, left)
        checkpoint = wait_until(
            look, rules.is_over, timeout=timeout, what=what, name=lambda checkpoint: str(checkpoint.state)
        )
        return rules.check_generated(checkpoint)
