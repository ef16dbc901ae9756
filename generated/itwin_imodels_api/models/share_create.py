from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.share_create_permission import (
    ShareCreatePermission,
    check_share_create_permission,
)

T = TypeVar("T", bound="ShareCreate")


@_attrs_define
class ShareCreate:
    """What a new share shall allow, and until when. Names stem from a third party; that all three are required is assumed."""

    name: str
    """ Text to show. """
    expires_at: datetime.datetime
    """ When the key shall stop working, in UTC; six months from now at the latest. """
    permission: ShareCreatePermission
    """ What the key shall allow. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        expires_at = self.expires_at.isoformat()

        permission: str = self.permission

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "expiresAt": expires_at,
                "permission": permission,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        expires_at = datetime.datetime.fromisoformat(d.pop("expiresAt"))

        permission = check_share_create_permission(d.pop("permission"))

        share_create = cls(
            name=name,
            expires_at=expires_at,
            permission=permission,
        )

        share_create.additional_properties = d
        return share_create

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
