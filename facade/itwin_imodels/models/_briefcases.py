"""Briefcases."""

from datetime import datetime
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels.models._application import Application


@attrs.frozen(kw_only=True, repr=False)
class MinimalBriefcase(Entity):
    """The short form of a briefcase.

    Attributes:
        imodel_id: Its iModel.
        briefcase_id: Its number, at least 2.
        display_name: Its display name.
    """

    _SHOWN: ClassVar = ("briefcase_id", "display_name")

    imodel_id: str
    briefcase_id: int
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class Briefcase(MinimalBriefcase):
    """A numbered working copy of an iModel.

    Attributes:
        owner_id: Id of the user who acquired it.
        acquired_date_time: When it was acquired.
        device_name: Name of the device that it was acquired for; None if not set.
        application: The application through which it was acquired; None if unknown.
        file_size: Size of the database in bytes; None if unknown. Deprecated by the service.
    """

    owner_id: str
    acquired_date_time: datetime
    device_name: str | None
    application: Application | None
    file_size: int | None
