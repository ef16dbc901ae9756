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
    """Whether an iModel can be worked on."""

    INITIALIZED = "initialized"
    NOT_INITIALIZED = "notInitialized"


class CreationMode(StrEnum):
    """From what an iModel is created."""

    EMPTY = "empty"
    FROM_IMODEL_VERSION = "fromiModelVersion"
    FROM_BASELINE = "fromBaseline"


class IModelCreationState(StrEnum):
    """How far the creation of an iModel is."""

    SUCCESSFUL = "successful"
    WAITING_FOR_FILE = "waitingForFile"
    SCHEDULED = "scheduled"
    FAILED = "failed"
    MAIN_IMODEL_IS_MISSING_FEDERATION_GUIDS = "mainIModelIsMissingFederationGuids"


class ContainerTypes(IntFlag):
    """Kinds of containers that an iModel may have beside its database."""

    NONE = 0
    SCHEMA_SYNC = 1
    CODE_STORE = 2
    VIEW_STORE = 4


@attrs.frozen(kw_only=True)
class Point:
    """A place on Earth.

    Args:
        latitude: Degrees north, -90 to 90.
        longitude: Degrees east, -180 to 180.

    Raises:
        ValueError: A coordinate is out of its bounds.
    """

    latitude: float
    longitude: float

    def __attrs_post_init__(self) -> None:
        """Check the bounds."""
        _degrees("latitude", self.latitude, _LATITUDES)
        _degrees("longitude", self.longitude, _LONGITUDES)


@attrs.frozen(kw_only=True)
class Extent:
    """The part of the Earth that an iModel covers, between two corners.

    Args:
        south_west: One corner.
        north_east: The opposite corner.
    """

    south_west: Point
    north_east: Point


@attrs.frozen(kw_only=True)
class IModelTemplate:
    """An iModel from which another one is created; its changesets are merged into the new baseline.

    Args:
        imodel_id: The iModel.
        changeset_id: Its last changeset to take; None takes its baseline alone.

    Raises:
        ValueError: An id is not one.
    """

    imodel_id: str
    changeset_id: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check the ids."""
        checks.identifier("imodel_id", self.imodel_id)
        checks.optional_changeset_id("changeset_id", self.changeset_id)


@attrs.frozen(kw_only=True, repr=False)
class MinimalIModel(Entity):
    """The short form of an iModel.

    Attributes:
        id: Its id.
        display_name: Its name for people.
    """

    _SHOWN: ClassVar = ("id", "display_name")

    id: str
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class IModel(MinimalIModel):
    """An iModel.

    Attributes:
        name: Its name, unique in its iTwin.
        description: Its description.
        state: Whether it can be worked on.
        itwin_id: The iTwin it belongs to.
        created_date_time: When it was created.
        last_changeset_push_date_time: When its newest changeset was pushed; None without changesets.
        data_center_location: Where it is kept.
        is_secured: Whether it has permissions of its own, which replace those of its iTwin.
        extent: The part of the Earth that it covers.
        containers_enabled: The kinds of containers it has.
        creator_id: The user who created it.
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
    """An iModel just created.

    Attributes:
        upload: Where its baseline file goes, when it is created from one.
    """

    upload: StorageLink | None


@attrs.frozen(kw_only=True)
class CopiedIModel:
    """An iModel that the service has begun to make as a clone or a fork.

    Attributes:
        imodel_id: The new iModel.
        source_id: The iModel it is made from.
    """

    imodel_id: str
    source_id: str


@attrs.frozen(kw_only=True)
class CopySource:
    """What an iModel was cloned or forked from.

    Attributes:
        imodel_id: The source.
        changeset_id: The last changeset that was taken; None for its baseline alone.
        relationship_id: Of a fork: the relationship between the two.
    """

    imodel_id: str
    changeset_id: str | None
    relationship_id: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class CreateOperation(Entity):
    """How far the creation of an iModel is.

    Attributes:
        imodel_id: The iModel.
        state: How far it is.
        cloned_from: What it is a clone of.
        forked_from: What it is a fork of.
    """

    _SHOWN: ClassVar = ("imodel_id", "state")

    imodel_id: str
    state: IModelCreationState | str
    cloned_from: CopySource | None
    forked_from: CopySource | None
