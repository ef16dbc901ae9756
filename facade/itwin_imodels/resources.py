"""Types for annotations: the objects that a client provides, and the options of a push.

Only the client creates the objects.
"""

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.baseline_files import AsyncBaselineFiles
from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.changeset_groups import AsyncChangesetGroups
from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.resources.extended_data import AsyncExtendedData
from itwin_imodels._aio.resources.favorites import AsyncFavorites
from itwin_imodels._aio.resources.imodels import AsyncIModels
from itwin_imodels._aio.resources.itwins import AsyncITwins
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.resources.named_versions import AsyncNamedVersions
from itwin_imodels._aio.resources.operations import AsyncOperations
from itwin_imodels._aio.resources.permissions import AsyncPermissions
from itwin_imodels._aio.resources.recents import AsyncRecents
from itwin_imodels._aio.resources.shares import AsyncShares
from itwin_imodels._aio.resources.thumbnails import AsyncThumbnails
from itwin_imodels._aio.resources.users import AsyncUsers
from itwin_imodels._aio.workflows.authoring import AsyncAuthoringSession
from itwin_imodels._aio.workflows.pending_imodel import AsyncPendingIModel
from itwin_imodels._core.paging import Page
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.baseline_files import BaselineFiles
from itwin_imodels._sync.resources.briefcases import Briefcases
from itwin_imodels._sync.resources.changeset_groups import ChangesetGroups
from itwin_imodels._sync.resources.changesets import Changesets
from itwin_imodels._sync.resources.checkpoints import Checkpoints
from itwin_imodels._sync.resources.extended_data import ExtendedData
from itwin_imodels._sync.resources.favorites import Favorites
from itwin_imodels._sync.resources.imodels import IModels
from itwin_imodels._sync.resources.itwins import ITwins
from itwin_imodels._sync.resources.locks import Locks
from itwin_imodels._sync.resources.named_versions import NamedVersions
from itwin_imodels._sync.resources.operations import Operations
from itwin_imodels._sync.resources.permissions import Permissions
from itwin_imodels._sync.resources.recents import Recents
from itwin_imodels._sync.resources.shares import Shares
from itwin_imodels._sync.resources.thumbnails import Thumbnails
from itwin_imodels._sync.resources.users import Users
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
    "AsyncITwins",
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
    "ITwins",
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
