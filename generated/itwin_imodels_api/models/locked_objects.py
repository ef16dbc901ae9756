from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LockedObjects")


@_attrs_define
class LockedObjects:
    """Objects claimed, or to be claimed, at one level."""

    lock_level: str | Unset = UNSET
    """ How strictly an object is claimed. `none`: occurs in requests only and releases; `shared`: any number of
    briefcases at a time; `exclusive`: a single briefcase. """
    object_ids: list[str] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        lock_level = self.lock_level

        object_ids: list[str] | None | Unset
        if isinstance(self.object_ids, Unset):
            object_ids = UNSET
        elif isinstance(self.object_ids, list):
            object_ids = self.object_ids

        else:
            object_ids = self.object_ids

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if lock_level is not UNSET:
            field_dict["lockLevel"] = lock_level
        if object_ids is not UNSET:
            field_dict["objectIds"] = object_ids

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        lock_level = d.pop("lockLevel", UNSET)

        def _parse_object_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                object_ids_type_0 = cast(list[str], data)

                return object_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        object_ids = _parse_object_ids(d.pop("objectIds", UNSET))

        locked_objects = cls(
            lock_level=lock_level,
            object_ids=object_ids,
        )

        locked_objects.additional_properties = d
        return locked_objects

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
