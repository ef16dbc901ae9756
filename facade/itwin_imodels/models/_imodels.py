"""iModels and their creation."""

from datetime import datetime
from enum import IntFlag, StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.entity import Entity
from itwin_imodels.models._links import StorageLink

_LATITUDES = (-90, 90)
_LONGITUDES = (-180, 180)


def _degrees(name: str, value: object, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}, not {value!r}")


class IModelState(StrEnum):
    """Whether an iModel is ready for use."""

    INITIALIZED = "initialized"
    NOT_INITIALIZED = "notInitialized"


class CreationMode(StrEnum):
    """The source that an iModel is created from."""

    EMPTY = "empty"
    FROM_IMODEL_VERSION = "fromiModelVersion"
    FROM_BASELINE = "fromBaseline"


class IModelCreationState(StrEnum):
    """The state of the creation of an iModel."""

    SUCCESSFUL = "successful"
    WAITING_FOR_FILE = "waitingForFile"
    SCHEDULED = "scheduled"
    FAILED = "failed"
    MAIN_IMODEL_IS_MISSING_FEDERATION_GUIDS = "mainIModelIsMissingFederationGuids"


class ContainerTypes(IntFlag):
    """Kinds of containers that an iModel can have in addition to its database."""

    NONE = 0
    SCHEMA_SYNC = 1
    CODE_STORE = 2
    VIEW_STORE = 4


@attrs.frozen(kw_only=True)
class Point:
    """A point on Earth.

    Args:
        latitude: Degrees north, -90 to 90.
        longitude: Degrees east, -180 to 180.

    Raises:
        ValueError: A coordinate is out of range.
    """

    latitude: float
    longitude: float

    def __attrs_post_init__(self) -> None:
        """Check the range of both coordinates."""
        _degrees("latitude", self.latitude, _LATITUDES)
        _degrees("longitude", self.longitude, _LONGITUDES)


@attrs.frozen(kw_only=True)
class Extent:
    """The rectangle on Earth that an iModel covers.

    Args:
        south_west: Its south-west corner.
        north_east: Its north-east corner.
    """

    south_west: Point
    north_east: Point


@attrs.frozen(kw_only=True)
class IModelTemplate:
    """An iModel to create another one from; its changesets are merged into the new baseline.

    Args:
        imodel_id: The template iModel.
        changeset_id: Id of the last changeset to include; None includes only the baseline.

    Raises:
        ValueError: An id is invalid.
    """

    imodel_id: str
    changeset_id: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check that the ids are valid."""
        checks.identifier("imodel_id", self.imodel_id)
        checks.optional_changeset_id("changeset_id", self.changeset_id)


@attrs.frozen(kw_only=True, repr=False)
class MinimalIModel(Entity):
    """The short form of an iModel.

    Attributes:
        id: Its id.
        display_name: Its display name.
    """

    _SHOWN: ClassVar = ("id", "display_name")

    id: str
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class IModel(MinimalIModel):
    """An iModel.

    Attributes:
        name: Its name, unique in its iTwin.
        description: Its description; None if not set.
        state: Whether it is ready for use.
        itwin_id: Id of the iTwin that it belongs to.
        created_date_time: When it was created.
        last_changeset_push_date_time: When its newest changeset was pushed; None if it has no changesets.
        data_center_location: The data center that stores it; None if unknown.
        is_secured: Whether it has its own permissions, which replace those of its iTwin.
        extent: The area on Earth that it covers; None if not set.
        containers_enabled: The kinds of containers that it has.
        creator_id: Id of the user who created it; None if unknown.
    """

    name: str
    description: str | None
    state: IModelState | str
    itwin_id: str
    created_date_time: datetime
    last_changeset_push_date_time: datetime | None
    data_center_location: str | None
    is_secured: bool
    extent: Extent | None
    containers_enabled: ContainerTypes
    creator_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class CreatedIModel(IModel):
    """A newly created iModel.

    Attributes:
        upload: Link to upload its baseline file to; None unless it is created from one.
    """

    upload: StorageLink | None


@attrs.frozen(kw_only=True)
class CopiedIModel:
    """A clone or a fork that the service has started to create.

    Attributes:
        imodel_id: Id of the clone or the fork.
        source_id: Id of the iModel that it is copied from.
    """

    imodel_id: str
    source_id: str


@attrs.frozen(kw_only=True)
class CopySource:
    """The source that an iModel was cloned or forked from.

    Attributes:
        imodel_id: The source iModel.
        changeset_id: Id of the last changeset that was copied; None if only the baseline was.
        relationship_id: Id of the relationship between the fork and its main iModel; None for a clone.
    """

    imodel_id: str
    changeset_id: str | None
    relationship_id: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class CreateOperation(Entity):
    """The creation of an iModel as a background operation of the service.

    Attributes:
        imodel_id: Id of the iModel.
        state: The state of the creation.
        cloned_from: The source of a clone; None otherwise.
        forked_from: The source of a fork; None otherwise.
    """

    _SHOWN: ClassVar = ("imodel_id", "state")

    imodel_id: str
    state: IModelCreationState | str
    cloned_from: CopySource | None
    forked_from: CopySource | None
