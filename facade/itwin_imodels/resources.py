"""The parts of a client, for annotations; a client makes them itself."""

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.changesets import AsyncChangesetGroups, AsyncChangesets, AsyncExtendedData
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.resources.files import AsyncBaselineFiles, AsyncThumbnails
from itwin_imodels._aio.resources.imodels import AsyncFavorites, AsyncIModels, AsyncOperations, AsyncRecents
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.resources.named_versions import AsyncNamedVersions
from itwin_imodels._aio.resources.people import AsyncPermissions, AsyncShares, AsyncUsers
from itwin_imodels._aio.workflows.authoring import AsyncAuthoringSession
from itwin_imodels._aio.workflows.pending_imodel import AsyncPendingIModel
from itwin_imodels._core.paging import Page
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.briefcases import Briefcases
from itwin_imodels._sync.resources.changesets import ChangesetGroups, Changesets, ExtendedData
from itwin_imodels._sync.resources.checkpoints import Checkpoints
from itwin_imodels._sync.resources.files import BaselineFiles, Thumbnails
from itwin_imodels._sync.resources.imodels import Favorites, IModels, Operations, Recents
from itwin_imodels._sync.resources.locks import Locks
from itwin_imodels._sync.resources.named_versions import NamedVersions
from itwin_imodels._sync.resources.people import Permissions, Shares, Users
from itwin_imodels._sync.workflows.authoring import AuthoringSession
from itwin_imodels._sync.workflows.pending_imodel import PendingIModel
from itwin_imodels._workflows.authoring import PushOptions

__all__ = [
    "AsyncAuthoringSession",
    "AsyncBaselineFiles",
    "AsyncBriefcases",
    "AsyncChangesetGroups",
    "AsyncChangesets",
    "AsyncCheckpoints",
    "AsyncExtendedData",
    "AsyncFavorites",
    "AsyncIModels",
    "AsyncLocks",
    "AsyncNamedVersions",
    "AsyncOperations",
    "AsyncPager",
    "AsyncPendingIModel",
    "AsyncPermissions",
    "AsyncRecents",
    "AsyncShares",
    "AsyncThumbnails",
    "AsyncUsers",
    "AuthoringSession",
    "BaselineFiles",
    "Briefcases",
    "ChangesetGroups",
    "Changesets",
    "Checkpoints",
    "ExtendedData",
    "Favorites",
    "IModels",
    "Locks",
    "NamedVersions",
    "Operations",
    "Page",
    "Pager",
    "PendingIModel",
    "Permissions",
    "PushOptions",
    "Recents",
    "Shares",
    "Thumbnails",
    "Users",
]
