from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ConflictingLock")


@_attrs_define
class ConflictingLock:
    """One object that other briefcases hold."""

    object_id: str | Unset = UNSET
    """ The object, as hexadecimal text. """
    lock_level: str | Unset = UNSET
    """ How it is held now. """
    briefcase_ids: list[int] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_id = self.object_id

        lock_level = self.lock_level

        briefcase_ids: list[int] | None | Unset
        if isinstance(self.briefcase_ids, Unset):
            briefcase_ids = UNSET
        elif isinstance(self.briefcase_ids, list):
            briefcase_ids = self.briefcase_ids

        else:
            briefcase_ids = self.briefcase_ids

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if object_id is not UNSET:
            field_dict["objectId"] = object_id
        if lock_level is not UNSET:
            field_dict["lockLevel"] = lock_level
        if briefcase_ids is not UNSET:
            field_dict["briefcaseIds"] = briefcase_ids

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        object_id = d.pop("objectId", UNSET)

        lock_level = d.pop("lockLevel", UNSET)

        def _parse_briefcase_ids(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                briefcase_ids_type_0 = cast(list[int], data)

                return briefcase_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        briefcase_ids = _parse_briefcase_ids(d.pop("briefcaseIds", UNSET))

        conflicting_lock = cls(
            object_id=object_id,
            lock_level=lock_level,
            briefcase_ids=briefcase_ids,
        )

        conflicting_lock.additional_properties = d
        return conflicting_lock

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
