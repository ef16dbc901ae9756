from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ClonedFrom")


@_attrs_define
class ClonedFrom:
    """What a clone was copied from."""

    i_model_id: str | Unset = UNSET
    """ The iModel that was copied. """
    changeset_id: str | Unset = UNSET
    """ The changeset up to which it was copied; empty text for the baseline alone. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        i_model_id = self.i_model_id

        changeset_id = self.changeset_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if i_model_id is not UNSET:
            field_dict["iModelId"] = i_model_id
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        i_model_id = d.pop("iModelId", UNSET)

        changeset_id = d.pop("changesetId", UNSET)

        cloned_from = cls(
            i_model_id=i_model_id,
            changeset_id=changeset_id,
        )

        cloned_from.additional_properties = d
        return cloned_from

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
