# Made from facade/itwin_imodels/_aio/resources/all.py by 'make unasync'. Change that file, not this one.
"""The parts of a client: its resources."""

from functools import cached_property

from itwin_imodels._sync.resources.briefcases import Briefcases
from itwin_imodels._sync.resources.changesets import ChangesetGroups, Changesets, ExtendedData
from itwin_imodels._sync.resources.checkpoints import Checkpoints
from itwin_imodels._sync.resources.files import BaselineFiles, Thumbnails
from itwin_imodels._sync.resources.imodels import Favorites, IModels, Operations, Recents
from itwin_imodels._sync.resources.locks import Locks
from itwin_imodels._sync.resources.named_versions import NamedVersions
from itwin_imodels._sync.resources.people import Permissions, Shares, Users
from itwin_imodels._sync.session import Session

__all__ = ["Parts"]


class Parts:
    """Gives a client its resources; its workflows are made of them."""

    def __init__(self, session: Session) -> None:
        """Bind them to a client."""
        self._session = session

    @cached_property
    def imodels(self) -> IModels:
        """IModels."""
        return IModels(self._session)

    @cached_property
    def operations(self) -> Operations:
        """How far the creation of iModels is."""
        return Operations(self._session)

    @cached_property
    def baseline_files(self) -> BaselineFiles:
        """The files that timelines begin with."""
        return BaselineFiles(self._session)

    @cached_property
    def briefcases(self) -> Briefcases:
        """Numbered working copies."""
        return Briefcases(self._session)

    @cached_property
    def changesets(self) -> Changesets:
        """Timelines."""
        return Changesets(self._session)

    @cached_property
    def changeset_groups(self) -> ChangesetGroups:
        """Changesets that belong together."""
        return ChangesetGroups(self._session)

    @cached_property
    def changeset_extended_data(self) -> ExtendedData:
        """Data of applications kept with changesets."""
        return ExtendedData(self._session)

    @cached_property
    def named_versions(self) -> NamedVersions:
        """Names for points of timelines."""
        return NamedVersions(self._session)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Whole databases at points of timelines."""
        return Checkpoints(self._session)

    @cached_property
    def locks(self) -> Locks:
        """Who may change what."""
        return Locks(self._session)

    @cached_property
    def thumbnails(self) -> Thumbnails:
        """Pictures of iModels."""
        return Thumbnails(self._session)

    @cached_property
    def users(self) -> Users:
        """Who works with iModels."""
        return Users(self._session)

    @cached_property
    def permissions(self) -> Permissions:
        """Who may do what."""
        return Permissions(self._session)

    @cached_property
    def shares(self) -> Shares:
        """Keys by which anybody may read an iModel."""
        return Shares(self._session)

    @cached_property
    def favorites(self) -> Favorites:
        """The caller's favorite iModels."""
        return Favorites(self._session)

    @cached_property
    def recents(self) -> Recents:
        """The iModels that the caller used last."""
        return Recents(self._session)
