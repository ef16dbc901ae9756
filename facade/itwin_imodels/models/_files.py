"""Baseline files and thumbnails."""

from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels.models._links import StorageLink


class BaselineFileState(StrEnum):
    """The state of a baseline file."""

    INITIALIZED = "initialized"
    INITIALIZATION_SCHEDULED = "initializationScheduled"
    WAITING_FOR_FILE = "waitingForFile"
    INITIALIZATION_FAILED = "initializationFailed"
    FILE_IS_BRIEFCASE = "fileIsBriefcase"


@attrs.frozen(kw_only=True, repr=False)
class BaselineFile(Entity):
    """The database file with which the timeline of an iModel begins.

    Attributes:
        imodel_id: Its iModel.
        id: Its id.
        display_name: Its display name.
        file_size: Its size in bytes; None if unknown.
        state: The progress of its upload and initialization.
        creator_id: Id of the user who created it; None if unknown.
        download: Link to it; None until it is initialized, and if the caller lacks `imodels_read`.
    """

    _SHOWN: ClassVar = ("id", "state", "file_size")

    imodel_id: str
    id: str
    display_name: str
    file_size: int | None
    state: BaselineFileState | str
    creator_id: str | None
    download: StorageLink | None


@attrs.frozen(kw_only=True)
class Thumbnail:
    """A thumbnail image of an iModel.

    Attributes:
        content: The bytes of the image.
        content_type: The media type of the image, such as `image/png`.
    """

    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    content_type: str
