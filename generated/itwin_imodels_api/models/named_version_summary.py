from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NamedVersionSummary")


@_attrs_define
class NamedVersionSummary:
    """The short form of a Named Version in lists."""

    id: str | Unset = UNSET
    """ Id given by the service. """
    display_name: str | Unset = UNSET
    """ Text to show; equals `name`. """
    changeset_id: None | str | Unset = UNSET
    """ Id of the changeset that is named; null for the baseline. """
    changeset_index: int | Unset = UNSET
    """ Index of the changeset that is named; 0 for the baseline. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        display_name = self.display_name

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        changeset_index = self.changeset_index

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

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
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

        named_version_summary = cls(
            id=id,
            display_name=display_name,
            changeset_id=changeset_id,
            changeset_index=changeset_index,
        )

        named_version_summary.additional_properties = d
        return named_version_summary

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
