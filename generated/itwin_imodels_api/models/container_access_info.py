from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ContainerAccessInfo")


@_attrs_define
class ContainerAccessInfo:
    """Access to a checkpoint's blocks in an Azure container; deprecated since 2025-02-27, see `DirectoryAccessInfo`."""

    account: str | Unset = UNSET
    """ Name of the Azure storage account. """
    container: str | Unset = UNSET
    """ Name of the container. """
    sas: str | Unset = UNSET
    """ Shared access signature; a secret. """
    db_name: str | Unset = UNSET
    """ Name of the checkpoint within the container. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        account = self.account

        container = self.container

        sas = self.sas

        db_name = self.db_name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if account is not UNSET:
            field_dict["account"] = account
        if container is not UNSET:
            field_dict["container"] = container
        if sas is not UNSET:
            field_dict["sas"] = sas
        if db_name is not UNSET:
            field_dict["dbName"] = db_name

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        account = d.pop("account", UNSET)

        container = d.pop("container", UNSET)

        sas = d.pop("sas", UNSET)

        db_name = d.pop("dbName", UNSET)

        container_access_info = cls(
            account=account,
            container=container,
            sas=sas,
            db_name=db_name,
        )

        container_access_info.additional_properties = d
        return container_access_info

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
