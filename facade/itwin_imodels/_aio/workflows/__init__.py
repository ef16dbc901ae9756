"""The workflows of a client, which combine several operations. Modules are imported on first use."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._aio.workflows.authoring import AsyncAuthoring, AsyncAuthoringSession
    from itwin_imodels._aio.workflows.changeset_group import AsyncOpenGroup
    from itwin_imodels._aio.workflows.checkpoint import AsyncCheckpointDownload
    from itwin_imodels._aio.workflows.checkpoint_sources import AsyncCheckpointSources
    from itwin_imodels._aio.workflows.checkpoint_wait import AsyncCheckpointWait
    from itwin_imodels._aio.workflows.create import AsyncCreation
    from itwin_imodels._aio.workflows.lock import AsyncLockHolders, AsyncLockSet
    from itwin_imodels._aio.workflows.mirror import AsyncMirrorUpdate
    from itwin_imodels._aio.workflows.pending_imodel import AsyncCreationWait, AsyncPendingIModel
    from itwin_imodels._aio.workflows.pull import AsyncPull
    from itwin_imodels._aio.workflows.push import AsyncPush
    from itwin_imodels._aio.workflows.push_chain import AsyncPushChain
    from itwin_imodels._aio.workflows.revert import AsyncRevert
    from itwin_imodels._aio.workflows.stale import AsyncStaleBriefcases
    from itwin_imodels._aio.workflows.timeline_point import AsyncTimelinePoints

__all__ = [
    "AsyncAuthoring",
    "AsyncAuthoringSession",
    "AsyncCheckpointDownload",
    "AsyncCheckpointSources",
    "AsyncCheckpointWait",
    "AsyncCreation",
    "AsyncCreationWait",
    "AsyncLockHolders",
    "AsyncLockSet",
    "AsyncMirrorUpdate",
    "AsyncOpenGroup",
    "AsyncPendingIModel",
    "AsyncPull",
    "AsyncPush",
    "AsyncPushChain",
    "AsyncRevert",
    "AsyncStaleBriefcases",
    "AsyncTimelinePoints",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "authoring": ("AsyncAuthoring", "AsyncAuthoringSession"),
            "changeset_group": ("AsyncOpenGroup",),
            "checkpoint": ("AsyncCheckpointDownload",),
            "checkpoint_sources": ("AsyncCheckpointSources",),
            "checkpoint_wait": ("AsyncCheckpointWait",),
            "create": ("AsyncCreation",),
            "lock": ("AsyncLockHolders", "AsyncLockSet"),
            "mirror": ("AsyncMirrorUpdate",),
            "pending_imodel": ("AsyncCreationWait", "AsyncPendingIModel"),
            "pull": ("AsyncPull",),
            "push": ("AsyncPush",),
            "push_chain": ("AsyncPushChain",),
            "revert": ("AsyncRevert",),
            "stale": ("AsyncStaleBriefcases",),
            "timeline_point": ("AsyncTimelinePoints",),
        },
    )
