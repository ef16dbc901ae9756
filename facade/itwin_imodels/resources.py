"""The parts of a client, for annotations; a client makes them itself."""

from itwin_imodels._aio._authoring import AsyncAuthoringSession
from itwin_imodels._aio._creating import AsyncPendingIModel
from itwin_imodels._aio._pager import AsyncPager
from itwin_imodels._aio.briefcases import AsyncBriefcases
from itwin_imodels._aio.changesets import AsyncChangesetGroups, AsyncChangesets, AsyncExtendedData
from itwin_imodels._aio.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.files import AsyncBaselineFiles, AsyncThumbnails
from itwin_imodels._aio.imodels import AsyncFavorites, AsyncIModels, AsyncOperations, AsyncRecents
from itwin_imodels._aio.locks import AsyncLocks
from itwin_imodels._aio.named_versions import AsyncNamedVersions
from itwin_imodels._aio.people import AsyncPermissions, AsyncShares, AsyncUsers
from itwin_imodels._authoring import PushOptions
from itwin_imodels._paging import Page
from itwin_imodels._sync._authoring import AuthoringSession
from itwin_imodels._sync._creating import PendingIModel
from itwin_imodels._sync._pager import Pager
from itwin_imodels._sync.briefcases import Briefcases
from itwin_imodels._sync.changesets import ChangesetGroups, Changesets, ExtendedData
from itwin_imodels._sync.checkpoints import Checkpoints
from itwin_imodels._sync.files import BaselineFiles, Thumbnails
from itwin_imodels._sync.imodels import Favorites, IModels, Operations, Recents
from itwin_imodels._sync.locks import Locks
from itwin_imodels._sync.named_versions import NamedVersions
from itwin_imodels._sync.people import Permissions, Shares, Users

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
