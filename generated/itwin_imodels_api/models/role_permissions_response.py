from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.role_permission import RolePermission


T = TypeVar("T", bound="RolePermissionsResponse")


@_attrs_define
class RolePermissionsResponse:
    """Answer with the role permissions of the iModel. The name of the array is NOT established."""

    role_permissions: list[RolePermission] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role_permissions: list[dict[str, Any]] | None | Unset
        if isinstance(self.role_permissions, Unset):
            role_permissions = UNSET
        elif isinstance(self.role_permissions, list):
            role_permissions = []
            for role_permissions_type_0_item_data in self.role_permissions:
                role_permissions_type_0_item = (
                    role_permissions_type_0_item_data.to_dict()
                )
                role_permissions.append(role_permissions_type_0_item)

        else:
            role_permissions = self.role_permissions

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if role_permissions is not UNSET:
            field_dict["rolePermissions"] = role_permissions

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.role_permission import RolePermission

        d = dict(src_dict)

        def _parse_role_permissions(
            data: object,
        ) -> list[RolePermission] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                role_permissions_type_0 = []
                _role_permissions_type_0 = data
                for role_permissions_type_0_item_data in _role_permissions_type_0:
                    role_permissions_type_0_item = RolePermission.from_dict(
                        role_permissions_type_0_item_data
                    )

                    role_permissions_type_0.append(role_permissions_type_0_item)

                return role_permissions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RolePermission] | None | Unset, data)

        role_permissions = _parse_role_permissions(d.pop("rolePermissions", UNSET))

        role_permissions_response = cls(
            role_permissions=role_permissions,
        )

        role_permissions_response.additional_properties = d
        return role_permissions_response

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
