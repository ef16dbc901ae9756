# Made from facade/itwin_imodels/_aio/workflows/checkpoint_sources.py by 'make unasync'. Change that file, not this one.
"""Waiting for checkpoints and finding them."""

from itwin_imodels._core import checks
from itwin_imodels._sync.polling import wait_until
from itwin_imodels._sync.workflows.timeline_point import Versioning
from itwin_imodels._workflows import checkpoint as rules
from itwin_imodels._workflows import checkpoint_sources as sources
from itwin_imodels._workflows.checkpoint_sources import Kind, Source
from itwin_imodels._workflows.timeline_point import check_one_selector
from itwin_imodels.errors import NotFound, OperationFailed, WaitTimeout
from itwin_imodels.models import Changeset, Checkpoint, MinimalNamedVersion, TimelinePoint

__all__ = ["CheckpointSources"]

_TIMEOUT = 600.0


class CheckpointSources(Versioning):
    """The verb of a client that waits for a checkpoint, and how the one to take is found."""

    def wait_for_checkpoint(
        self,
        imodel_id: str,
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        timeout: float = _TIMEOUT,
    ) -> Checkpoint:
        """Wait until the checkpoint of a changeset or a Named Version is made."""
        checks.identifier("imodel_id", imodel_id)
        check_one_selector(changeset=changeset is not None, named_version=named_version is not None)
        checks.seconds("timeout", timeout)
        if named_version is None:
            return self._made_checkpoint(imodel_id, checks.changeset(changeset or 0), timeout)
        found = self._named_version(imodel_id, named_version)

        def look() -> Checkpoint:
            return self.checkpoints.get_for_named_version(imodel_id, found.id)

        what = f"the checkpoint of Named Version {found.id} of iModel {imodel_id}"
        return rules.check_made(wait_until(look, rules.is_over, timeout=timeout, what=what))

    def _wanted(
        self, imodel_id: str, changeset: str | int | None, named_version: str | MinimalNamedVersion | None
    ) -> TimelinePoint:
        if named_version is not None:
            return self.changeset_at(imodel_id, named_version=named_version)
        if isinstance(changeset, str):
            return self.changeset_at(imodel_id, id=changeset)
        return self.changeset_at(imodel_id, latest=changeset is None, index=changeset)

    def _made_checkpoint(self, imodel_id: str, changeset: str | int, timeout: float) -> Checkpoint:
        """The checkpoint of exactly one changeset, once it is made."""

        def look() -> Checkpoint:
            return self.checkpoints.get(imodel_id, changeset)

        what = f"the checkpoint of changeset {changeset} of iModel {imodel_id}"
        return rules.check_made(wait_until(look, rules.is_over, timeout=timeout, what=what))

    def _source(self, wanted: TimelinePoint, timeout: float, kind: Kind, *, preceding: bool) -> Source:
        if wanted.is_baseline:
            return self._baseline(wanted.imodel_id, kind)
        if not preceding:
            made = self._made_checkpoint(wanted.imodel_id, wanted.changeset_id, timeout)
            return sources.exact_source_of(made, kind)
        own = self._own(wanted, timeout, kind) if timeout else None
        return own or self._nearest(wanted, kind)

    def _own(self, wanted: TimelinePoint, timeout: float, kind: Kind) -> Source | None:
        """The checkpoint of a point itself, waited for; None when it has none."""
        try:
            made = self._made_checkpoint(wanted.imodel_id, wanted.changeset_id, timeout)
        except NotFound as error:
            if error.code != rules.NO_CHECKPOINT:
                raise
        except (OperationFailed, WaitTimeout):
            pass  # an earlier one will do
        else:
            return sources.source_of(made, kind)
        return None

    def _nearest(self, wanted: TimelinePoint, kind: Kind) -> Source:
        """Step back along the service's links until a checkpoint can be had in the form that is asked for."""
        changeset = wanted.changeset
        while changeset is not None:
            place = changeset.checkpoint_changeset
            if not place:
                break
            try:
                checkpoint = self.checkpoints.get(wanted.imodel_id, place)
            except NotFound as error:
                if error.code != rules.NO_CHECKPOINT:
                    raise
                index = self._index_of(changeset, place)
            else:
                index = checkpoint.changeset_index
                source = sources.source_of(checkpoint, kind)
                if source is not None and index <= changeset.index:
                    return source
            below = sources.check_before("the checkpoint named by the service", index, changeset.index + 1)
            changeset = self._newest_before(wanted.imodel_id, below)
        return self._baseline(wanted.imodel_id, kind)

    def _index_of(self, changeset: Changeset, place: str | int) -> int:
        if isinstance(place, int):
            return place
        if place.lower() == changeset.id.lower():
            return changeset.index
        return (self.changesets.get(changeset.imodel_id, place)).index

    def _newest_before(self, imodel_id: str, index: int) -> Changeset | None:
        if index <= 1:
            return None
        found = self.changesets.list(imodel_id, last_index=index - 1, order_by="index desc").first()
        if found is not None:
            sources.check_before("the newest changeset listed", found.index, index)
        return found

    def _baseline(self, imodel_id: str, kind: Kind) -> Source:
        """The baseline's checkpoint; the baseline file itself when that has none, or not in the form asked for."""
        try:
            source = sources.source_of(self.checkpoints.get(imodel_id, 0), kind)
        except NotFound as error:
            if error.code != rules.NO_CHECKPOINT:
                raise
            source = None
        if source is not None:
            return source
        sources.check_baseline_file_will_do(imodel_id, kind)
        return sources.source_of_baseline(self.baseline_files.get(imodel_id))
