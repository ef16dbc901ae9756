from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_group_links import ChangesetGroupLinks


T = TypeVar("T", bound="ChangesetGroup")


@_attrs_define
class ChangesetGroup:
    """A bracket around changesets that belong together."""

    id: str | Unset = UNSET
    """ Id given by the service. """
    state: str | Unset = UNSET
    """ Whether a changeset group takes changesets, and if not, who closed it. `inProgress`: open; `completed`:
    closed by its user; `timedOut`: closed by the service because nobody did in time; `forciblyClosed`: closed by
    the service because the iModel was about to be cloned. """
    description: None | str | Unset = UNSET
    """ What it is for; null when not told. """
    creator_id: str | Unset = UNSET
    """ Id of the user who opened it. """
    created_date_time: datetime.datetime | None | Unset = UNSET
    field_links: ChangesetGroupLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.changeset_group_links import ChangesetGroupLinks

        id = self.id

        state = self.state

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        creator_id = self.creator_id

        created_date_time: None | str | Unset
        if isinstance(self.created_date_time, Unset):
            created_date_time = UNSET
        elif isinstance(self.created_date_time, datetime.datetime):
            created_date_time = self.created_date_time.isoformat()
        else:
            created_date_time = self.created_date_time

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, ChangesetGroupLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if state is not UNSET:
            field_dict["state"] = state
        if description is not UNSET:
            field_dict["description"] = description
        if creator_id is not UNSET:
            field_dict["creatorId"] = creator_id
        if created_date_time is not UNSET:
            field_dict["createdDateTime"] = created_date_time
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_group_links import ChangesetGroupLinks

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        state = d.pop("state", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        creator_id = d.pop("creatorId", UNSET)

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

        def _parse_field_links(data: object) -> ChangesetGroupLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = ChangesetGroupLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChangesetGroupLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        changeset_group = cls(
            id=id,
            state=state,
            description=description,
            creator_id=creator_id,
            created_date_time=created_date_time,
            field_links=field_links,
        )

        changeset_group.additional_properties = d
        return changeset_group

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
