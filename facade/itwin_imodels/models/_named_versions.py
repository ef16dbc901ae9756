"""Named Versions."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels.models._application import Application


class NamedVersionState(StrEnum):
    """Whether a Named Version is shown to people."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


@attrs.frozen(kw_only=True, repr=False)
class MinimalNamedVersion(Entity):
    """The short form of a Named Version.

    Attributes:
        imodel_id: Its iModel.
        id: Its id.
        display_name: Its name for people.
        changeset_id: The changeset it is on; None on the baseline.
        changeset_index: Index of that changeset; 0 on the baseline.
    """

    _SHOWN: ClassVar = ("id", "display_name", "changeset_index")

    imodel_id: str
    id: str
    display_name: str
    changeset_id: str | None
    changeset_index: int


@attrs.frozen(kw_only=True, repr=False)
class NamedVersion(MinimalNamedVersion):
    """A name for a point of the timeline.

    Attributes:
        name: Its name, unique in its iModel.
        description: Its description.
        state: Whether it is shown to people.
        created_date_time: When it was created.
        application: The application by which it was created.
        creator_id: The user who created it.
    """

    name: str
    description: str | None
    state: NamedVersionState | str
    created_date_time: datetime
    application: Application | None
    creator_id: str | None
