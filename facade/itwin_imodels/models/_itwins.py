"""iTwins, which contain iModels."""

from datetime import datetime
from typing import ClassVar

import attrs

from itwin_imodels._core.entity import Entity


@attrs.frozen(kw_only=True, repr=False)
class ITwin(Entity):
    """An iTwin: the asset or project that iModels belong to.

    Attributes:
        id: Its id.
        display_name: Its name. Several iTwins can have the same name.
        number: Its number, which is unique; by default its id. None if the service does not report it.
        class_name: `Thing`, `Endeavor` or `Account`; the service calls it `class`.
        sub_class: Its kind, such as `Asset`, `Project`, `Portfolio`, `Program`, `WorkPackage` or `Account`.
        type: Its type, which its owners can choose freely; None if not set.
        status: `Active`, `Inactive` or `Trial`; None if the service does not report it.
        parent_id: Id of its parent iTwin; None if the service does not report it.
        itwin_account_id: Id of its Account; None if the service does not report it.
        data_center_location: The data center that stores it; None if the service does not report it.
        geographic_location: A description of its location; None if not set.
        iana_time_zone: Its time zone, such as `Europe/Rome`; None if not set.
        created_date_time: When it was created; None if the service does not report it.
        created_by: Id of the user who created it; None if the service does not report it.
    """

    _SHOWN: ClassVar = ("id", "display_name", "sub_class")

    id: str
    display_name: str
    number: str | None
    class_name: str
    sub_class: str
    type: str | None
    status: str | None
    parent_id: str | None
    itwin_account_id: str | None
    data_center_location: str | None
    geographic_location: str | None
    iana_time_zone: str | None
    created_date_time: datetime | None
    created_by: str | None
