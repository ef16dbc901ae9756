"""The resources of a client: one method for each operation. Each is loaded when it is first used."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
    from itwin_imodels._aio.resources.changesets import AsyncChangesetGroups, AsyncChangesets, AsyncExtendedData
    from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
    from itwin_imodels._aio.resources.files import AsyncBaselineFiles, AsyncThumbnails
    from itwin_imodels._aio.resources.imodels import AsyncFavorites, AsyncIModels, AsyncOperations, AsyncRecents
    from itwin_imodels._aio.resources.locks import AsyncLocks
    from itwin_imodels._aio.resources.named_versions import AsyncNamedVersions
    from itwin_imodels._aio.resources.people import AsyncPermissions, AsyncShares, AsyncUsers

__all__ = [
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
            "briefcases": ("AsyncBriefcases",),
            "changesets": ("AsyncChangesetGroups", "AsyncChangesets", "AsyncExtendedData"),
            "checkpoints": ("AsyncCheckpoints",),
            "files": ("AsyncBaselineFiles", "AsyncThumbnails"),
            "imodels": ("AsyncFavorites", "AsyncIModels", "AsyncOperations", "AsyncRecents"),
            "locks": ("AsyncLocks",),
            "named_versions": ("AsyncNamedVersions",),
            "people": ("AsyncPermissions", "AsyncShares", "AsyncUsers"),
        },
    )
