from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.application import Application
    from ..models.named_version_links import NamedVersionLinks


T = TypeVar("T", bound="NamedVersion")


@_attrs_define
class NamedVersion:
    """A point of the history that bears a name."""

    id: str | Unset = UNSET
    """ Id given by the service. """
    display_name: str | Unset = UNSET
    """ Text to show; equals `name`. """
    changeset_id: None | str | Unset = UNSET
    """ Id of the changeset that is named; null for the baseline. """
    changeset_index: int | Unset = UNSET
    """ Index of the changeset that is named; 0 for the baseline. """
    name: str | Unset = UNSET
    """ Name, which no other Named Version of the iModel has. """
    description: None | str | Unset = UNSET
    """ Free text; null when there is none. """
    created_date_time: datetime.datetime | None | Unset = UNSET
    state: str | Unset = UNSET
    """ Whether user interfaces shall show a Named Version. `visible`: to be shown; `hidden`: kept from end users,
    though the API goes on listing it. """
    application: Application | None | Unset = UNSET
    """ Program that made it; null when not known. """
    field_links: NamedVersionLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.application import Application
        from ..models.named_version_links import NamedVersionLinks

        id = self.id

        display_name = self.display_name

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        changeset_index = self.changeset_index

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        created_date_time: None | str | Unset
        if isinstance(self.created_date_time, Unset):
            created_date_time = UNSET
        elif isinstance(self.created_date_time, datetime.datetime):
            created_date_time = self.created_date_time.isoformat()
        else:
            created_date_time = self.created_date_time

        state = self.state

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
        elif isinstance(self.field_links, NamedVersionLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if display_name is not UNSET:
            field_dict["displayName"] = display_name
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id
        if changeset_index is not UNSET:
            field_dict["changesetIndex"] = changeset_index
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if created_date_time is not UNSET:
            field_dict["createdDateTime"] = created_date_time
        if state is not UNSET:
            field_dict["state"] = state
        if application is not UNSET:
            field_dict["application"] = application
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.application import Application
        from ..models.named_version_links import NamedVersionLinks

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        display_name = d.pop("displayName", UNSET)

        def _parse_changeset_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changeset_id = _parse_changeset_id(d.pop("changesetId", UNSET))

        changeset_index = d.pop("changesetIndex", UNSET)

        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_created_date_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                created_date_time_type_0 = datetime.datetime.fromisoformat(data)

                return created_date_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        created_date_time = _parse_created_date_time(d.pop("createdDateTime", UNSET))

        state = d.pop("state", UNSET)

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

        def _parse_field_links(data: object) -> NamedVersionLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = NamedVersionLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NamedVersionLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        named_version = cls(
            id=id,
            display_name=display_name,
            changeset_id=changeset_id,
            changeset_index=changeset_index,
            name=name,
            description=description,
            created_date_time=created_date_time,
            state=state,
            application=application,
            field_links=field_links,
        )

        named_version.additional_properties = d
        return named_version

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
