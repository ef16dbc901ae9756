"""Rules for the workflows in `_aio/workflows`, without network access. Modules are imported on first use."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._workflows.checkpoint import DownloadSettings, check_can_keep_block_list
    from itwin_imodels._workflows.create import NewIModel, template_of
    from itwin_imodels._workflows.push import PushPlan
    from itwin_imodels._workflows.revert import RevertPlan
    from itwin_imodels._workflows.stale import StaleCriteria

__all__ = [
    "DownloadSettings",
    "NewIModel",
    "PushPlan",
    "RevertPlan",
    "StaleCriteria",
    "check_can_keep_block_list",
    "template_of",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "checkpoint": ("DownloadSettings", "check_can_keep_block_list"),
            "create": ("NewIModel", "template_of"),
            "push": ("PushPlan",),
            "revert": ("RevertPlan",),
            "stale": ("StaleCriteria",),
        },
    )
