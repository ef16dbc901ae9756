from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.created_i_model_links import CreatedIModelLinks
    from ..models.extent import Extent


T = TypeVar("T", bound="CreatedIModel")


@_attrs_define
class CreatedIModel:
    """An iModel as its creation answers it; differs from `IModel` in its links only."""

    id: str | Unset = UNSET
    """ Id given by the service; stays for life. """
    display_name: str | Unset = UNSET
    """ Text to show; equals `name`. """
    data_center_location: str | Unset = UNSET
    """ Region where the data is kept, given by the iTwin. Seen elsewhere on the platform: East US, North Europe,
    West Europe, Southeast Asia, Australia East, UK South, Canada Central, Central India; expect others. """
    name: str | Unset = UNSET
    """ Name, which no other iModel of the iTwin has. """
    description: None | str | Unset = UNSET
    """ Free text; null when there is none. """
    state: str | Unset = UNSET
    """ Whether an iModel can be worked with. `initialized`: ready; `notInitialized`: still being prepared; changes
    are refused with 409 `iModelNotInitialized`. """
    created_date_time: datetime.datetime | None | Unset = UNSET
    last_changeset_push_date_time: datetime.datetime | None | Unset = UNSET
    """ When the last changeset came in; null while there is none. New in 2026, so older installations leave it out.
    """
    i_twin_id: str | Unset = UNSET
    """ The iTwin that owns it. """
    is_secured: bool | Unset = UNSET
    """ True when it has permissions of its own, which then count instead of the iTwin's. """
    extent: Extent | None | Unset = UNSET
    """ Rectangle on the Earth; null when never set. """
    containers_enabled: int | Unset = UNSET
    """ Which extra containers the iModel uses, as a sum of the flags in `x-flags`; 0 for none. """
    field_links: CreatedIModelLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.created_i_model_links import CreatedIModelLinks
        from ..models.extent import Extent

        id = self.id

        display_name = self.display_name

        data_center_location = self.data_center_location

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        state = self.state

        created_date_time: None | str | Unset
        if isinstance(self.created_date_time, Unset):
            created_date_time = UNSET
        elif isinstance(self.created_date_time, datetime.datetime):
            created_date_time = self.created_date_time.isoformat()
        else:
            created_date_time = self.created_date_time

        last_changeset_push_date_time: None | str | Unset
        if isinstance(self.last_changeset_push_date_time, Unset):
            last_changeset_push_date_time = UNSET
        elif isinstance(self.last_changeset_push_date_time, datetime.datetime):
            last_changeset_push_date_time = (
                self.last_changeset_push_date_time.isoformat()
            )
        else:
            last_changeset_push_date_time = self.last_changeset_push_date_time

        i_twin_id = self.i_twin_id

        is_secured = self.is_secured

        extent: dict[str, Any] | None | Unset
        if isinstance(self.extent, Unset):
            extent = UNSET
        elif isinstance(self.extent, Extent):
            extent = self.extent.to_dict()
        else:
            extent = self.extent

        containers_enabled = self.containers_enabled

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, CreatedIModelLinks):
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
        if data_center_location is not UNSET:
            field_dict["dataCenterLocation"] = data_center_location
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if state is not UNSET:
            field_dict["state"] = state
        if created_date_time is not UNSET:
            field_dict["createdDateTime"] = created_date_time
        if last_changeset_push_date_time is not UNSET:
            field_dict["lastChangesetPushDateTime"] = last_changeset_push_date_time
        if i_twin_id is not UNSET:
            field_dict["iTwinId"] = i_twin_id
        if is_secured is not UNSET:
            field_dict["isSecured"] = is_secured
        if extent is not UNSET:
            field_dict["extent"] = extent
        if containers_enabled is not UNSET:
            field_dict["containersEnabled"] = containers_enabled
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.created_i_model_links import CreatedIModelLinks
        from ..models.extent import Extent

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        display_name = d.pop("displayName", UNSET)

        data_center_location = d.pop("dataCenterLocation", UNSET)

        name = d.pop("name", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        state = d.pop("state", UNSET)

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

        def _parse_last_changeset_push_date_time(
            data: object,
        ) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_changeset_push_date_time_type_0 = datetime.datetime.fromisoformat(
                    data
                )

                return last_changeset_push_date_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_changeset_push_date_time = _parse_last_changeset_push_date_time(
            d.pop("lastChangesetPushDateTime", UNSET)
        )

        i_twin_id = d.pop("iTwinId", UNSET)

        is_secured = d.pop("isSecured", UNSET)

        def _parse_extent(data: object) -> Extent | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                extent_type_0 = Extent.from_dict(data)

                return extent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Extent | None | Unset, data)

        extent = _parse_extent(d.pop("extent", UNSET))

        containers_enabled = d.pop("containersEnabled", UNSET)

        def _parse_field_links(data: object) -> CreatedIModelLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = CreatedIModelLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CreatedIModelLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        created_i_model = cls(
            id=id,
            display_name=display_name,
            data_center_location=data_center_location,
            name=name,
            description=description,
            state=state,
            created_date_time=created_date_time,
            last_changeset_push_date_time=last_changeset_push_date_time,
            i_twin_id=i_twin_id,
            is_secured=is_secured,
            extent=extent,
            containers_enabled=containers_enabled,
            field_links=field_links,
        )

        created_i_model.additional_properties = d
        return created_i_model

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
