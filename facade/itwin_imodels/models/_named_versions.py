"""Named Versions."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels.models._application import Application


class NamedVersionState(StrEnum):
    """Whether user interfaces show a Named Version."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


@attrs.frozen(kw_only=True, repr=False)
class MinimalNamedVersion(Entity):
    """The short form of a Named Version.

    Attributes:
        imodel_id: Its iModel.
        id: Its id.
        display_name: Its display name.
        changeset_id: Id of its changeset; None for the baseline.
        changeset_index: Index of its changeset; 0 for the baseline.
    """

    _SHOWN: ClassVar = ("id", "display_name", "changeset_index")

    imodel_id: str
    id: str
    display_name: str
    changeset_id: str | None
    changeset_index: int


@attrs.frozen(kw_only=True, repr=False)
class NamedVersion(MinimalNamedVersion):
    """A name for a point in the timeline.

    Attributes:
        name: Its name, unique within its iModel.
        description: Its description; None if not set.
        state: Whether user interfaces show it.
        created_date_time: When it was created.
        application: The application through which it was created; None if unknown.
        creator_id: Id of the user who created it; None if unknown.
    """

    name: str
    description: str | None
    state: NamedVersionState | str
    created_date_time: datetime
    application: Application | None
    creator_id: str | None
