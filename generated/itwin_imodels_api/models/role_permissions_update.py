from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.role_permission import RolePermission


T = TypeVar("T", bound="RolePermissionsUpdate")


@_attrs_define
class RolePermissionsUpdate:
    """Role permissions to configure. The name of the array stems from a third party, what lies in it is NOT established."""

    role_permissions: list[RolePermission]
    """ One entry per role. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role_permissions = []
        for role_permissions_item_data in self.role_permissions:
            role_permissions_item = role_permissions_item_data.to_dict()
            role_permissions.append(role_permissions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "rolePermissions": role_permissions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.role_permission import RolePermission

        d = dict(src_dict)
        role_permissions = []
        _role_permissions = d.pop("rolePermissions")
        for role_permissions_item_data in _role_permissions:
            role_permissions_item = RolePermission.from_dict(role_permissions_item_data)

            role_permissions.append(role_permissions_item)

        role_permissions_update = cls(
            role_permissions=role_permissions,
        )

        role_permissions_update.additional_properties = d
        return role_permissions_update

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
