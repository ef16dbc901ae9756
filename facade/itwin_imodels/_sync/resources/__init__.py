# Made from facade/itwin_imodels/_aio/resources/__init__.py by 'make unasync'. Change that file, not this one.
"""The resources of a client: one method for each operation. Each is loaded when it is first used."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._sync.resources.briefcases import Briefcases
    from itwin_imodels._sync.resources.changesets import ChangesetGroups, Changesets, ExtendedData
    from itwin_imodels._sync.resources.checkpoints import Checkpoints
    from itwin_imodels._sync.resources.files import BaselineFiles, Thumbnails
    from itwin_imodels._sync.resources.imodels import Favorites, IModels, Operations, Recents
    from itwin_imodels._sync.resources.locks import Locks
    from itwin_imodels._sync.resources.named_versions import NamedVersions
    from itwin_imodels._sync.resources.people import Permissions, Shares, Users

__all__ = [
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
            "briefcases": ("Briefcases",),
            "changesets": ("ChangesetGroups", "Changesets", "ExtendedData"),
            "checkpoints": ("Checkpoints",),
            "files": ("BaselineFiles", "Thumbnails"),
            "imodels": ("Favorites", "IModels", "Operations", "Recents"),
            "locks": ("Locks",),
            "named_versions": ("NamedVersions",),
            "people": ("Permissions", "Shares", "Users"),
        },
    )
