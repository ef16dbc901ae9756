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
        briefcase_id: Its number, 2 or more.
        display_name: Its name for people.
    """

    _SHOWN: ClassVar = ("briefcase_id", "display_name")

    imodel_id: str
    briefcase_id: int
    display_name: str


@attrs.frozen(kw_only=True, repr=False)
class Briefcase(MinimalBriefcase):
    """A numbered working copy of an iModel.

    Attributes:
        owner_id: The user who acquired it.
        acquired_date_time: When it was acquired.
        device_name: The device it is on.
        application: The application by which it was acquired.
        file_size: Deprecated by the service: size of the database in bytes.
    """

    owner_id: str
    acquired_date_time: datetime
    device_name: str | None
    application: Application | None
    file_size: int | None
