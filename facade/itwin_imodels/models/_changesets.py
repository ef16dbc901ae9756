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
    """Whether a changeset's file is there."""

    WAITING_FOR_FILE = "waitingForFile"
    FILE_UPLOADED = "fileUploaded"


class ContainingChanges(IntFlag):
    """Kinds of changes in a changeset, as its author says."""

    REGULAR = 0
    SCHEMA = 1
    DEFINITION = 2
    SPATIAL_DATA = 4
    SHEETS_AND_DRAWINGS = 8
    VIEWS_AND_MODELS = 16
    GLOBAL_PROPERTIES = 32
    SCHEMA_SYNC = 64


class ChangesetGroupState(StrEnum):
    """Whether a changeset group takes changesets."""

    IN_PROGRESS = "inProgress"
    COMPLETED = "completed"
    TIMED_OUT = "timedOut"
    FORCIBLY_CLOSED = "forciblyClosed"


def _files(files: Iterable[str] | None) -> tuple[str, ...] | None:
    if files is None or isinstance(files, tuple):
        return files
    return tuple(checks.several("changed_files", files, "names of files"))


def _counted(files: tuple[str, ...] | None) -> str:
    return repr(files) if files is None else f"<{len(files)} files>"


@attrs.frozen(kw_only=True)
class SynchronizationInfo:
    """Which source files a connector synchronized with a changeset.

    Args:
        task_id: Id of the synchronization run; not empty.
        changed_files: The source files that changed; None when it is not said.

    Raises:
        ValueError: The id is empty, or the list of files is.
    """

    task_id: str
    changed_files: tuple[str, ...] | None = attrs.field(default=None, converter=_files, repr=_counted)

    def __attrs_post_init__(self) -> None:
        """Check that something is said."""
        checks.text("task_id", self.task_id, most=None)
        if self.changed_files is not None and not self.changed_files:
            raise ValueError("changed_files must not be empty; leave it out instead")


@attrs.frozen(kw_only=True, repr=False)
class MinimalChangeset(Entity):
    """The short form of a changeset: all but what has to be looked up.

    Attributes:
        imodel_id: Its iModel.
        id: Its id: 40 hexadecimal digits that follow from its content and its parent.
        index: Its place in the timeline, from 1; 0 stands for the baseline.
        display_name: Its name for people.
        parent_id: The changeset before it; empty for the first one.
        description: Its description.
        state: Whether its file is there.
        containing_changes: The kinds of changes in it.
        file_size: Size of its file in bytes.
        briefcase_id: The briefcase that pushed it.
        group_id: The changeset group it belongs to.
        creator_id: The user who pushed it.
        push_date_time: When it was pushed.
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
        application: The application by which it was pushed.
        synchronization_info: What its author says of its source.
        named_version_id: The Named Version on it.
        checkpoint_changeset: Id or index of the changeset that its own or the nearest earlier checkpoint is of; 0 is
            the baseline. None in answers to a push.
        download: Where to get its file, for callers with `imodels_read`. None in answers to a push.
    """

    application: Application | None
    synchronization_info: SynchronizationInfo | None
    named_version_id: str | None
    checkpoint_changeset: str | int | None
    download: StorageLink | None


@attrs.frozen(kw_only=True, repr=False)
class CreatedChangeset(Changeset):
    """A changeset just created, which waits for its file.

    Attributes:
        upload: Where its file goes.
    """

    upload: StorageLink | None


@attrs.frozen(kw_only=True, repr=False)
class ChangesetGroup(Entity):
    """Changesets that belong together.

    Attributes:
        imodel_id: Its iModel.
        id: Its id.
        state: Whether it takes changesets.
        description: Its description.
        creator_id: The user who created it.
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
    """Data of an application's own that is kept with a changeset.

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
