# Made from facade/itwin_imodels/_aio/workflows/__init__.py by 'make unasync'. Change that file, not this one.
"""The workflows of a client, which combine several operations. Modules are imported on first use."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._sync.workflows.authoring import Authoring, AuthoringSession
    from itwin_imodels._sync.workflows.changeset_group import OpenGroup
    from itwin_imodels._sync.workflows.checkpoint import CheckpointDownload
    from itwin_imodels._sync.workflows.checkpoint_sources import CheckpointSources
    from itwin_imodels._sync.workflows.checkpoint_wait import CheckpointWait
    from itwin_imodels._sync.workflows.create import Creation
    from itwin_imodels._sync.workflows.lock import LockHolders, LockSet
    from itwin_imodels._sync.workflows.mirror import MirrorUpdate
    from itwin_imodels._sync.workflows.pending_imodel import CreationWait, PendingIModel
    from itwin_imodels._sync.workflows.pull import Pull
    from itwin_imodels._sync.workflows.push import Push
    from itwin_imodels._sync.workflows.push_chain import PushChain
    from itwin_imodels._sync.workflows.revert import Revert
    from itwin_imodels._sync.workflows.stale import StaleBriefcases
    from itwin_imodels._sync.workflows.timeline_point import TimelinePoints

__all__ = [
    "Authoring",
    "AuthoringSession",
    "CheckpointDownload",
    "CheckpointSources",
    "CheckpointWait",
    "Creation",
    "CreationWait",
    "LockHolders",
    "LockSet",
    "MirrorUpdate",
    "OpenGroup",
    "PendingIModel",
    "Pull",
    "Push",
    "PushChain",
    "Revert",
    "StaleBriefcases",
    "TimelinePoints",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "authoring": ("Authoring", "AuthoringSession"),
            "changeset_group": ("OpenGroup",),
            "checkpoint": ("CheckpointDownload",),
            "checkpoint_sources": ("CheckpointSources",),
            "checkpoint_wait": ("CheckpointWait",),
            "create": ("Creation",),
            "lock": ("LockHolders", "LockSet"),
            "mirror": ("MirrorUpdate",),
            "pending_imodel": ("CreationWait", "PendingIModel"),
            "pull": ("Pull",),
            "push": ("Push",),
            "push_chain": ("PushChain",),
            "revert": ("Revert",),
            "stale": ("StaleBriefcases",),
            "timeline_point": ("TimelinePoints",),
        },
    )
