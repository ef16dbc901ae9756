"""Checkpoints."""

from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels._core.secrets import shown_url
from itwin_imodels.models._links import StorageLink


class CheckpointState(StrEnum):
    """Whether a checkpoint is available."""

    SUCCESSFUL = "successful"
    SCHEDULED = "scheduled"
    FAILED = "failed"
    NOT_GENERATED = "notGenerated"


@attrs.frozen(kw_only=True)
class DirectoryAccess:
    """The storage location of a checkpoint's blocks, with a temporary credential.

    Attributes:
        base_url: URL of the storage container.
        storage: Name of the storage account; None if the service does not name it.
        base_directory: Folder of the checkpoint in the container.
        storage_type: The type of storage, such as `azure` or `google`.
        credential: SAS token (`azure`) or authorization (`google`); secret, so `repr` omits it. None if missing.
    """

    base_url: str = attrs.field(repr=shown_url)
    storage: str | None
    base_directory: str
    storage_type: str
    credential: str | None = attrs.field(repr=False, eq=False)


@attrs.frozen(kw_only=True, repr=False)
class Checkpoint(Entity):
    """The complete database at a point in the timeline.

    Attributes:
        imodel_id: Its iModel.
        changeset_index: Index of its changeset; 0 is the baseline.
        changeset_id: Id of its changeset; None for the baseline.
        state: Whether it is available.
        size: Its size in bytes; None or 0 if unknown.
        db_name: Name of the database that the blocks form; None if it is not available as blocks.
        directory_access: Access to its blocks (version 2); None if it is not available in this form.
        download: Link to it as one file (version 1); None if it is not available in this form.
    """

    _SHOWN: ClassVar = ("changeset_index", "state", "size")

    imodel_id: str
    changeset_index: int
    changeset_id: str | None
    state: CheckpointState | str
    size: int | None
    db_name: str | None
    directory_access: DirectoryAccess | None
    download: StorageLink | None
