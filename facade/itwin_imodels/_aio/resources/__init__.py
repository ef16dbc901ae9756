"""The resources of a client, with one method for each operation. Modules are imported on first use."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
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

__all__ = [
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
    "AsyncPermissions",
    "AsyncRecents",
    "AsyncShares",
    "AsyncThumbnails",
    "AsyncUsers",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "baseline_files": ("AsyncBaselineFiles",),
            "briefcases": ("AsyncBriefcases",),
            "changeset_groups": ("AsyncChangesetGroups",),
            "changesets": ("AsyncChangesets",),
            "checkpoints": ("AsyncCheckpoints",),
            "extended_data": ("AsyncExtendedData",),
            "favorites": ("AsyncFavorites",),
            "imodels": ("AsyncIModels",),
            "itwins": ("AsyncITwins",),
            "locks": ("AsyncLocks",),
            "named_versions": ("AsyncNamedVersions",),
            "operations": ("AsyncOperations",),
            "permissions": ("AsyncPermissions",),
            "recents": ("AsyncRecents",),
            "shares": ("AsyncShares",),
            "thumbnails": ("AsyncThumbnails",),
            "users": ("AsyncUsers",),
        },
    )
