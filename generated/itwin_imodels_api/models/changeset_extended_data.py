from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangesetExtendedData")


@_attrs_define
class ChangesetExtendedData:
    """Application data attached to a changeset."""

    changeset_id: str | Unset = UNSET
    """ Id of the changeset. """
    changeset_index: int | Unset = UNSET
    """ Index of the changeset. """
    data: str | Unset = UNSET
    """ Base64 of a JSON object in UTF-8. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changeset_id = self.changeset_id

        changeset_index = self.changeset_index

        data = self.data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id
        if changeset_index is not UNSET:
            field_dict["changesetIndex"] = changeset_index
        if data is not UNSET:
            field_dict["data"] = data

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        changeset_id = d.pop("changesetId", UNSET)

        changeset_index = d.pop("changesetIndex", UNSET)

        data = d.pop("data", UNSET)

        changeset_extended_data = cls(
            changeset_id=changeset_id,
            changeset_index=changeset_index,
            data=data,
        )

        changeset_extended_data.additional_properties = d
        return changeset_extended_data

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
