"""Points of the timeline, by any of their names."""

from itwin_imodels._aio.resources.all import AsyncParts
from itwin_imodels._core import checks
from itwin_imodels._workflows import timeline_point as rules
from itwin_imodels.errors import NotFound
from itwin_imodels.models import MinimalNamedVersion, TimelinePoint

__all__ = ["AsyncVersioning"]


class AsyncVersioning(AsyncParts):
    """The verb of a client that finds points of the timeline."""

    async def changeset_at(
        self,
        imodel_id: str,
        *,
        first: bool = False,
        latest: bool = False,
        named_version: str | MinimalNamedVersion | None = None,
        index: int | None = None,
        id: str | None = None,
    ) -> TimelinePoint:
        """Find a point of the timeline, by exactly one of its names."""
        checks.identifier("imodel_id", imodel_id)
        rules.check_one_selector(
            first=first,
            latest=latest,
            named_version=named_version is not None,
            index=index is not None,
            id=id is not None,
        )
        if latest:
            return rules.point_of(imodel_id, await self.changesets.latest(imodel_id))
        place: str | int | None = index
        if named_version is not None:
            place = (await self._named_version(imodel_id, named_version)).changeset_id
        elif id is not None:
            place = checks.optional_changeset_id("id", id)
        if not place:
            return rules.baseline(imodel_id)
        return rules.point_of(imodel_id, await self.changesets.get(imodel_id, place))

    async def _named_version(self, imodel_id: str, wanted: str | MinimalNamedVersion) -> MinimalNamedVersion:
        """Find a Named Version by its id or its name."""
        if isinstance(wanted, MinimalNamedVersion):
            return rules.checked_named_version(imodel_id, wanted)
        checks.text("named_version", wanted)
        if rules.may_be_id(wanted):
            try:
                return await self.named_versions.get(imodel_id, wanted)
            except NotFound as error:
                if error.code != rules.NO_NAMED_VERSION:
                    raise
        async for found in self.named_versions.list(imodel_id, name=wanted):
            if found.name == wanted:
                return found
        raise rules.no_named_version(imodel_id, wanted)
