# Made from facade/itwin_imodels/_aio/resources/__init__.py by 'make unasync'. Change that file, not this one.
"""The resources of a client, with one method for each operation. Modules are imported on first use."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
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

__all__ = [
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
    "Permissions",
    "Recents",
    "Shares",
    "Thumbnails",
    "Users",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "baseline_files": ("BaselineFiles",),
            "briefcases": ("Briefcases",),
            "changeset_groups": ("ChangesetGroups",),
            "changesets": ("Changesets",),
            "checkpoints": ("Checkpoints",),
            "extended_data": ("ExtendedData",),
            "favorites": ("Favorites",),
            "imodels": ("IModels",),
            "itwins": ("ITwins",),
            "locks": ("Locks",),
            "named_versions": ("NamedVersions",),
            "operations": ("Operations",),
            "permissions": ("Permissions",),
            "recents": ("Recents",),
            "shares": ("Shares",),
            "thumbnails": ("Thumbnails",),
            "users": ("Users",),
        },
    )
