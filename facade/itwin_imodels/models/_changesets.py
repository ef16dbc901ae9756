"""Changesets, their groups and their extended data."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import IntFlag, StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.entity import Entity
from itwin_imodels.models._application import Application
from itwin_imodels.models._links import StorageLink


class ChangesetState(StrEnum):
    """Whether the file of a changeset has been uploaded."""

    WAITING_FOR_FILE = "waitingForFile"
    FILE_UPLOADED = "fileUploaded"


class ContainingChanges(IntFlag):
    """Kinds of changes in a changeset, as stated by its author."""

    REGULAR = 0
    SCHEMA = 1
    DEFINITION = 2
    SPATIAL_DATA = 4
    SHEETS_AND_DRAWINGS = 8
    VIEWS_AND_MODELS = 16
    GLOBAL_PROPERTIES = 32
    SCHEMA_SYNC = 64


class ChangesetGroupState(StrEnum):
    """Whether a changeset group accepts changesets."""

    IN_PROGRESS = "inProgress"
    COMPLETED = "completed"
    TIMED_OUT = "timedOut"
    FORCIBLY_CLOSED = "forciblyClosed"


def _files(files: Iterable[str] | None) -> tuple[str, ...] | None:
    if files is None or isinstance(files, tuple):
        return files
    return tuple(checks.several("changed_files", files, "file names"))


def _counted(files: tuple[str, ...] | None) -> str:
    return repr(files) if files is None else f"<{len(files)} files>"


@attrs.frozen(kw_only=True)
class SynchronizationInfo:
    """The synchronization run of a connector that produced a changeset.

    Args:
        task_id: Id of the synchronization run; not empty.
        changed_files: The source files that changed; None if unknown.

    Raises:
        ValueError: The id or the list of files is empty.
    """

    task_id: str
    changed_files: tuple[str, ...] | None = attrs.field(default=None, converter=_files, repr=_counted)

    def __attrs_post_init__(self) -> None:
        """Check that the id and the list are not empty."""
        checks.text("task_id", self.task_id, maximum=None)
        if self.changed_files is not None and not self.changed_files:
            raise ValueError("changed_files must not be empty; omit it instead")


@attrs.frozen(kw_only=True, repr=False)
class MinimalChangeset(Entity):
    """The short form of a changeset, which the service returns at lower cost.

    Attributes:
        imodel_id: Its iModel.
        id: Its id: 40 hexadecimal digits, computed from its content and the id of its parent.
        index: Its position in the timeline, starting at 1.
        display_name: Its display name.
        parent_id: Id of the changeset before it; empty for the first one.
        description: Its description; None if not set.
        state: Whether its file has been uploaded.
        containing_changes: The kinds of changes in it.
        file_size: Size of its file in bytes.
        briefcase_id: Number of the briefcase that pushed it.
        group_id: Id of the changeset group that it belongs to; None if it does not belong to one.
        creator_id: Id of the user who pushed it; None if unknown.
        push_date_time: When it was pushed; None before its upload is confirmed.
    """

    _SHOWN: ClassVar = ("index", "id", "description")

    imodel_id: str
    id: str
    index: int
    display_name: str
    parent_id: str
    description: str | None
    state: ChangesetState | str
    containing_changes: ContainingChanges
    file_size: int
    briefcase_id: int
    group_id: str | None
    creator_id: str | None
    push_date_time: datetime | None


@attrs.frozen(kw_only=True, repr=False)
class Changeset(MinimalChangeset):
    """A changeset.

    Attributes:
        application: The application through which it was pushed; None if unknown.
        synchronization_info: The synchronization run of the connector that produced it; None if there is none, and in
            responses to a push.
        named_version_id: Id of its Named Version; None if there is none, and in responses to a push.
        checkpoint_changeset: Id or index of the changeset whose checkpoint to use: its own or the nearest earlier one;
            0 is the baseline. None in responses to a push.
        download: Link to its file; None if the caller lacks `imodels_read`, and in responses to a push.
    """

    application: Application | None
    synchronization_info: SynchronizationInfo | None
    named_version_id: str | None
    checkpoint_changeset: str | int | None
    download: StorageLink | None


@attrs.frozen(kw_only=True, repr=False)
class CreatedChangeset(Changeset):
    """A newly created changeset that is waiting for its file.

    Attributes:
        upload: Link to upload its file to; None if the service returned no link.
    """

    upload: StorageLink | None


@attrs.frozen(kw_only=True, repr=False)
class ChangesetGroup(Entity):
    """A group of changesets that were pushed for one purpose.

    Attributes:
        imodel_id: Its iModel.
        id: Its id.
        state: Whether it accepts changesets.
        description: Its description; None if not set.
        creator_id: Id of the user who created it; None if unknown.
        created_date_time: When it was created.
    """

    _SHOWN: ClassVar = ("id", "state", "description")

    imodel_id: str
    id: str
    state: ChangesetGroupState | str
    description: str | None
    creator_id: str | None
    created_date_time: datetime


@attrs.frozen(kw_only=True, repr=False)
class ChangesetExtendedData(Entity):
    """JSON data that an application attached to a changeset.

    Attributes:
        imodel_id: Its iModel.
        changeset_id: Id of its changeset.
        changeset_index: Index of its changeset.
        data: The data: a JSON object.
    """

    _SHOWN: ClassVar = ("changeset_index", "changeset_id")

    imodel_id: str
    changeset_id: str
    changeset_index: int
    data: Mapping[str, object] = attrs.field(hash=False)
