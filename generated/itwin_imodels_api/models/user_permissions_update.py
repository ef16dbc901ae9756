from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.user_permission import UserPermission


T = TypeVar("T", bound="UserPermissionsUpdate")


@_attrs_define
class UserPermissionsUpdate:
    """User permissions to configure. The name of the array stems from a third party, what lies in it is NOT established."""

    user_permissions: list[UserPermission]
    """ One entry per user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_permissions = []
        for user_permissions_item_data in self.user_permissions:
            user_permissions_item = user_permissions_item_data.to_dict()
            user_permissions.append(user_permissions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "userPermissions": user_permissions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.user_permission import UserPermission

        d = dict(src_dict)
        user_permissions = []
        _user_permissions = d.pop("userPermissions")
        for user_permissions_item_data in _user_permissions:
            user_permissions_item = UserPermission.from_dict(user_permissions_item_data)

            user_permissions.append(user_permissions_item)

        user_permissions_update = cls(
            user_permissions=user_permissions,
        )

        user_permissions_update.additional_properties = d
        return user_permissions_update

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
