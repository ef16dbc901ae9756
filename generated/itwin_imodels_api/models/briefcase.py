from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.application import Application
    from ..models.briefcase_links import BriefcaseLinks


T = TypeVar("T", bound="Briefcase")


@_attrs_define
class Briefcase:
    """A numbered working copy that one user has taken out."""

    id: str | Unset = UNSET
    """ The number, as text. """
    briefcase_id: int | Unset = UNSET
    """ The number, 2 or more within this iModel. """
    display_name: str | Unset = UNSET
    """ Text to show: number and device. """
    owner_id: str | Unset = UNSET
    """ Id of the user who holds it. """
    acquired_date_time: datetime.datetime | None | Unset = UNSET
    file_size: int | Unset = UNSET
    """ Size in bytes; deprecated, so do not build on it. """
    device_name: None | str | Unset = UNSET
    """ Device it lives on; null when not told. """
    application: Application | None | Unset = UNSET
    """ Program that took it out; null when not known. """
    field_links: BriefcaseLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.application import Application
        from ..models.briefcase_links import BriefcaseLinks

        id = self.id

        briefcase_id = self.briefcase_id

        display_name = self.display_name

        owner_id = self.owner_id

        acquired_date_time: None | str | Unset
        if isinstance(self.acquired_date_time, Unset):
            acquired_date_time = UNSET
        elif isinstance(self.acquired_date_time, datetime.datetime):
            acquired_date_time = self.acquired_date_time.isoformat()
        else:
            acquired_date_time = self.acquired_date_time

        file_size = self.file_size

        device_name: None | str | Unset
        if isinstance(self.device_name, Unset):
            device_name = UNSET
        else:
            device_name = self.device_name

        application: dict[str, Any] | None | Unset
        if isinstance(self.application, Unset):
            application = UNSET
        elif isinstance(self.application, Application):
            application = self.application.to_dict()
        else:
            application = self.application

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, BriefcaseLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if briefcase_id is not UNSET:
            field_dict["briefcaseId"] = briefcase_id
        if display_name is not UNSET:
            field_dict["displayName"] = display_name
        if owner_id is not UNSET:
            field_dict["ownerId"] = owner_id
        if acquired_date_time is not UNSET:
            field_dict["acquiredDateTime"] = acquired_date_time
        if file_size is not UNSET:
            field_dict["fileSize"] = file_size
        if device_name is not UNSET:
            field_dict["deviceName"] = device_name
        if application is not UNSET:
            field_dict["application"] = application
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.application import Application
        from ..models.briefcase_links import BriefcaseLinks

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        briefcase_id = d.pop("briefcaseId", UNSET)

        display_name = d.pop("displayName", UNSET)

        owner_id = d.pop("ownerId", UNSET)

        def _parse_acquired_date_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                acquired_date_time_type_0 = datetime.datetime.fromisoformat(data)

                return acquired_date_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        acquired_date_time = _parse_acquired_date_time(d.pop("acquiredDateTime", UNSET))

        file_size = d.pop("fileSize", UNSET)

        def _parse_device_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        device_name = _parse_device_name(d.pop("deviceName", UNSET))

        def _parse_application(data: object) -> Application | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                application_type_0 = Application.from_dict(data)

                return application_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Application | None | Unset, data)

        application = _parse_application(d.pop("application", UNSET))

        def _parse_field_links(data: object) -> BriefcaseLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = BriefcaseLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BriefcaseLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        briefcase = cls(
            id=id,
            briefcase_id=briefcase_id,
            display_name=display_name,
            owner_id=owner_id,
            acquired_date_time=acquired_date_time,
            file_size=file_size,
            device_name=device_name,
            application=application,
            field_links=field_links,
        )

        briefcase.additional_properties = d
        return briefcase

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
