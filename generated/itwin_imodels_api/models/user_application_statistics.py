from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserApplicationStatistics")


@_attrs_define
class UserApplicationStatistics:
    """Figures of a user for one application; added on 2025-05-13."""

    id: None | str | Unset = UNSET
    """ Id of the application; null when not known. """
    name: None | str | Unset = UNSET
    """ Name of the application; null when not known. """
    owns_locks: bool | Unset = UNSET
    """ Whether briefcases taken out with it hold any lock. """
    owns_exclusive_root_element_lock: bool | Unset = UNSET
    """ Whether one of them holds object `0x1`, the root, exclusively. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id: None | str | Unset
        if isinstance(self.id, Unset):
            id = UNSET
        else:
            id = self.id

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        owns_locks = self.owns_locks

        owns_exclusive_root_element_lock = self.owns_exclusive_root_element_lock

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if name is not UNSET:
            field_dict["name"] = name
        if owns_locks is not UNSET:
            field_dict["ownsLocks"] = owns_locks
        if owns_exclusive_root_element_lock is not UNSET:
            field_dict["ownsExclusiveRootElementLock"] = (
                owns_exclusive_root_element_lock
            )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        id = _parse_id(d.pop("id", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        owns_locks = d.pop("ownsLocks", UNSET)

        owns_exclusive_root_element_lock = d.pop("ownsExclusiveRootElementLock", UNSET)

        user_application_statistics = cls(
            id=id,
            name=name,
            owns_locks=owns_locks,
            owns_exclusive_root_element_lock=owns_exclusive_root_element_lock,
        )

        user_application_statistics.additional_properties = d
        return user_application_statistics

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
