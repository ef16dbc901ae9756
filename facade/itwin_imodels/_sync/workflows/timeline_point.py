# Made from facade/itwin_imodels/_aio/workflows/timeline_point.py by 'make unasync'. Change that file, not this one.
"""Points in the timeline: the baseline, the newest changeset, or one selected by index, id or Named Version."""

from contextlib import suppress

from itwin_imodels._core import checks
from itwin_imodels._sync.resources.changesets import Changesets
from itwin_imodels._sync.resources.named_versions import NamedVersions
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.workflows.timeline_end import newest_pushed
from itwin_imodels._workflows import timeline_point as rules
from itwin_imodels._workflows.timeline_end import is_pushed
from itwin_imodels.errors import NameNotFound, NotFound
from itwin_imodels.models import MinimalNamedVersion, TimelinePoint

__all__ = ["TimelinePoints"]


class TimelinePoints:
    """The points in an iModel's timeline."""

    def __init__(self, session: Session, imodel_id: str) -> None:
        """Select the iModel."""
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._changesets = Changesets(session)
        self._named_versions = NamedVersions(session)

    def at(
        self,
        *,
        first: bool = False,
        latest: bool = False,
        named_version: str | MinimalNamedVersion | None = None,
        index: int | None = None,
        id: str | None = None,
    ) -> TimelinePoint:
        """Return the point selected by exactly one of the arguments; see `client.changeset_at()`."""
        rules.check_one_selector(
            first=first,
            latest=latest,
            named_version=named_version is not None,
            index=index is not None,
            id=id is not None,
        )
        if latest:
            newest = self._changesets.latest(self._imodel_id)
            if newest is not None and not is_pushed(newest):
                newest = newest_pushed(self._changesets, self._imodel_id)
            return rules.point_of(self._imodel_id, newest)
        place: str | int | None = index
        if named_version is not None:
            place = (self.named_version(named_version)).changeset_id
        elif id is not None:
            place = checks.optional_changeset_id("id", id)
        if not place:
            return rules.baseline(self._imodel_id)
        return rules.point_of(self._imodel_id, self._changesets.get(self._imodel_id, place))

    def named_version(self, selector: str | MinimalNamedVersion) -> MinimalNamedVersion:
        """Return a Named Version, given as an object, by id or by name.

        Raises:
            NameNotFound: No Named Version has this name.
            NotFound: No Named Version has this id.
            ValueError: The Named Version belongs to another iModel.
        """
        if isinstance(selector, MinimalNamedVersion):
            return rules.checked_named_version(self._imodel_id, selector)
        checks.text("named_version", selector)
        if not rules.may_be_id(selector):
            return self._named(selector)
        try:
            return self._named_versions.get(self._imodel_id, selector)
        except NotFound as error:
            if error.code != rules.NO_NAMED_VERSION:
                raise
            with suppress(NameNotFound):
                return self._named(selector)
            raise

    def _named(self, name: str) -> MinimalNamedVersion:
        for version in self._named_versions.list(self._imodel_id, name=name):
            if version.name == name:
                return version
        raise rules.no_named_version(self._imodel_id, name)
