"""The parts of a client: its resources."""

from functools import cached_property

from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.changesets import AsyncChangesetGroups, AsyncChangesets, AsyncExtendedData
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.resources.files import AsyncBaselineFiles, AsyncThumbnails
from itwin_imodels._aio.resources.imodels import AsyncFavorites, AsyncIModels, AsyncOperations, AsyncRecents
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.resources.named_versions import AsyncNamedVersions
from itwin_imodels._aio.resources.people import AsyncPermissions, AsyncShares, AsyncUsers
from itwin_imodels._aio.session import AsyncSession

__all__ = ["AsyncParts"]


class AsyncParts:
    """Gives a client its resources; its workflows are made of them."""

    def __init__(self, session: AsyncSession) -> None:
        """Bind them to a client."""
        self._session = session

    @cached_property
    def imodels(self) -> AsyncIModels:
        """IModels."""
        return AsyncIModels(self._session)

    @cached_property
    def operations(self) -> AsyncOperations:
        """How far the creation of iModels is."""
        return AsyncOperations(self._session)

    @cached_property
    def baseline_files(self) -> AsyncBaselineFiles:
        """The files that timelines begin with."""
        return AsyncBaselineFiles(self._session)

    @cached_property
    def briefcases(self) -> AsyncBriefcases:
        """Numbered working copies."""
        return AsyncBriefcases(self._session)

    @cached_property
    def changesets(self) -> AsyncChangesets:
        """Timelines."""
        return AsyncChangesets(self._session)

    @cached_property
    def changeset_groups(self) -> AsyncChangesetGroups:
        """Changesets that belong together."""
        return AsyncChangesetGroups(self._session)

    @cached_property
    def changeset_extended_data(self) -> AsyncExtendedData:
        """Data of applications kept with changesets."""
        return AsyncExtendedData(self._session)

    @cached_property
    def named_versions(self) -> AsyncNamedVersions:
        """Names for points of timelines."""
        return AsyncNamedVersions(self._session)

    @cached_property
    def checkpoints(self) -> AsyncCheckpoints:
        """Whole databases at points of timelines."""
        return AsyncCheckpoints(self._session)

    @cached_property
    def locks(self) -> AsyncLocks:
        """Who may change what."""
        return AsyncLocks(self._session)

    @cached_property
    def thumbnails(self) -> AsyncThumbnails:
        """Pictures of iModels."""
        return AsyncThumbnails(self._session)

    @cached_property
    def users(self) -> AsyncUsers:
        """Who works with iModels."""
        return AsyncUsers(self._session)

    @cached_property
    def permissions(self) -> AsyncPermissions:
        """Who may do what."""
        return AsyncPermissions(self._session)

    @cached_property
    def shares(self) -> AsyncShares:
        """Keys by which anybody may read an iModel."""
        return AsyncShares(self._session)

    @cached_property
    def favorites(self) -> AsyncFavorites:
        """The caller's favorite iModels."""
        return AsyncFavorites(self._session)

    @cached_property
    def recents(self) -> AsyncRecents:
        """The iModels that the caller used last."""
        return AsyncRecents(self._session)
