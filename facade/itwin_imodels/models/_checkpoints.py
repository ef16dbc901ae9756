"""Checkpoints."""

from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels._core.secrets import shown_url
from itwin_imodels.models._links import StorageLink


class CheckpointState(StrEnum):
    """Whether a checkpoint can be had."""

    SUCCESSFUL = "successful"
    SCHEDULED = "scheduled"
    FAILED = "failed"
    NOT_GENERATED = "notGenerated"


@attrs.frozen(kw_only=True)
class DirectoryAccess:
    """Where the blocks of a checkpoint are, and what opens them for some hours.

    Attributes:
        base_url: Address of the storage container.
        storage: Name of the storage account.
        base_directory: Folder of the checkpoint in the container.
        storage_type: The kind of storage: `azure`, `google`; kinds that are new to this client pass through.
        credential: SAS token (azure) or authorization (google). A secret, so `repr` leaves it out.
    """

    base_url: str = attrs.field(repr=shown_url)
    storage: str | None
    base_directory: str
    storage_type: str
    credential: str | None = attrs.field(repr=False, eq=False)


@attrs.frozen(kw_only=True, repr=False)
class Checkpoint(Entity):
    """The whole database at one point of the timeline.

    Attributes:
        imodel_id: Its iModel.
        changeset_index: Index of the changeset it is of; 0 is the baseline.
        changeset_id: Id of that changeset; None for the baseline.
        state: Whether it can be had.
        size: Its size in bytes; None or 0 when the service does not know.
        db_name: Name of the database among the blocks.
        directory_access: Where its blocks are ("V2").
        download: Where it is as one file ("V1").
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
