from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AzureDirectoryAccessInfo")


@_attrs_define
class AzureDirectoryAccessInfo:
    """The secret for a directory in Azure storage."""

    sas_token: str | Unset = UNSET
    """ Shared access signature; a secret that expires. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sas_token = self.sas_token

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if sas_token is not UNSET:
            field_dict["sasToken"] = sas_token

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        sas_token = d.pop("sasToken", UNSET)

        azure_directory_access_info = cls(
            sas_token=sas_token,
        )

        azure_directory_access_info.additional_properties = d
        return azure_directory_access_info

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
