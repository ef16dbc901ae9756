"""The data types of the API, and the results of the client's workflows.

All of them are immutable. Every `datetime` has a time zone. Enumeration values unknown to this client are kept as
strings, and types with the attribute `extra` keep unknown members of a response in it.
"""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels.models._application import Application
    from itwin_imodels.models._briefcases import Briefcase, MinimalBriefcase
    from itwin_imodels.models._changesets import (
        Changeset,
        ChangesetExtendedData,
        ChangesetGroup,
        ChangesetGroupState,
        ChangesetState,
        ContainingChanges,
        CreatedChangeset,
        MinimalChangeset,
        SynchronizationInfo,
    )
    from itwin_imodels.models._checkpoints import Checkpoint, CheckpointState, DirectoryAccess
    from itwin_imodels.models._files import BaselineFile, BaselineFileState, Thumbnail
    from itwin_imodels.models._imodels import (
        ContainerTypes,
        CopiedIModel,
        CopySource,
        CreatedIModel,
        CreateOperation,
        CreationMode,
        Extent,
        IModel,
        IModelCreationState,
        IModelState,
        IModelTemplate,
        MinimalIModel,
        Point,
    )
    from itwin_imodels.models._itwins import ITwin
    from itwin_imodels.models._links import StorageLink
    from itwin_imodels.models._locks import Lock, LockLevel, ReleasedLocks
    from itwin_imodels.models._named_versions import MinimalNamedVersion, NamedVersion, NamedVersionState
    from itwin_imodels.models._people import (
        ApplicationStatistics,
        MinimalUser,
        Permission,
        PermissionGrant,
        Share,
        User,
        UserStatistics,
    )
    from itwin_imodels.models._workflows import (
        ChangeConflict,
        ConflictCause,
        DownloadedCheckpoint,
        LockHolder,
        MirroredChangeset,
        MirrorResult,
        PullCheck,
        PulledChangeset,
        StaleBriefcase,
        TimelinePoint,
    )

__all__ = [
    "Application",
    "ApplicationStatistics",
    "BaselineFile",
    "BaselineFileState",
    "Briefcase",
    "ChangeConflict",
    "Changeset",
    "ChangesetExtendedData",
    "ChangesetGroup",
    "ChangesetGroupState",
    "ChangesetState",
    "Checkpoint",
    "CheckpointState",
    "ConflictCause",
    "ContainerTypes",
    "ContainingChanges",
    "CopiedIModel",
    "CopySource",
    "CreateOperation",
    "CreatedChangeset",
    "CreatedIModel",
    "CreationMode",
    "DirectoryAccess",
    "DownloadedCheckpoint",
    "Extent",
    "IModel",
    "IModelCreationState",
    "IModelState",
    "IModelTemplate",
    "ITwin",
    "Lock",
    "LockHolder",
    "LockLevel",
    "MinimalBriefcase",
    "MinimalChangeset",
    "MinimalIModel",
    "MinimalNamedVersion",
    "MinimalUser",
    "MirrorResult",
    "MirroredChangeset",
    "NamedVersion",
    "NamedVersionState",
    "Permission",
    "PermissionGrant",
    "Point",
    "PullCheck",
    "PulledChangeset",
    "ReleasedLocks",
    "Share",
    "StaleBriefcase",
    "StorageLink",
    "SynchronizationInfo",
    "Thumbnail",
    "TimelinePoint",
    "User",
    "UserStatistics",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "_briefcases": ("Briefcase", "MinimalBriefcase"),
            "_changesets": (
                "Changeset",
                "ChangesetExtendedData",
                "ChangesetGroup",
                "ChangesetGroupState",
                "ChangesetState",
                "ContainingChanges",
                "CreatedChangeset",
                "MinimalChangeset",
                "SynchronizationInfo",
            ),
            "_checkpoints": ("Checkpoint", "CheckpointState", "DirectoryAccess"),
            "_application": ("Application",),
            "_files": ("BaselineFile", "BaselineFileState", "Thumbnail"),
            "_imodels": (
                "ContainerTypes",
                "CopiedIModel",
                "CopySource",
                "CreatedIModel",
                "CreateOperation",
                "CreationMode",
                "Extent",
                "IModel",
                "IModelCreationState",
                "IModelState",
                "IModelTemplate",
                "MinimalIModel",
                "Point",
            ),
            "_itwins": ("ITwin",),
            "_links": ("StorageLink",),
            "_locks": ("Lock", "LockLevel", "ReleasedLocks"),
            "_named_versions": ("MinimalNamedVersion", "NamedVersion", "NamedVersionState"),
            "_people": (
                "ApplicationStatistics",
                "MinimalUser",
                "Permission",
                "PermissionGrant",
                "Share",
                "User",
                "UserStatistics",
            ),
            "_workflows": (
                "ChangeConflict",
                "ConflictCause",
                "DownloadedCheckpoint",
                "LockHolder",
                "MirroredChangeset",
                "MirrorResult",
                "PullCheck",
                "PulledChangeset",
                "StaleBriefcase",
                "TimelinePoint",
            ),
        },
    )


def __dir__() -> list[str]:
    """Return all public names."""
    return sorted(__all__)
