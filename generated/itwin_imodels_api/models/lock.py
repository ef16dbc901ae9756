from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.locked_objects import LockedObjects


T = TypeVar("T", bound="Lock")


@_attrs_define
class Lock:
    """What one briefcase holds; in a list it may continue on the next page."""

    briefcase_id: int | Unset = UNSET
    """ Number of the briefcase that holds them. """
    locked_objects: list[LockedObjects] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        briefcase_id = self.briefcase_id

        locked_objects: list[dict[str, Any]] | None | Unset
        if isinstance(self.locked_objects, Unset):
            locked_objects = UNSET
        elif isinstance(self.locked_objects, list):
            locked_objects = []
            for locked_objects_type_0_item_data in self.locked_objects:
                locked_objects_type_0_item = locked_objects_type_0_item_data.to_dict()
                locked_objects.append(locked_objects_type_0_item)

        else:
            locked_objects = self.locked_objects

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if briefcase_id is not UNSET:
            field_dict["briefcaseId"] = briefcase_id
        if locked_objects is not UNSET:
            field_dict["lockedObjects"] = locked_objects

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.locked_objects import LockedObjects

        d = dict(src_dict)
        briefcase_id = d.pop("briefcaseId", UNSET)

        def _parse_locked_objects(data: object) -> list[LockedObjects] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                locked_objects_type_0 = []
                _locked_objects_type_0 = data
                for locked_objects_type_0_item_data in _locked_objects_type_0:
                    locked_objects_type_0_item = LockedObjects.from_dict(
                        locked_objects_type_0_item_data
                    )

                    locked_objects_type_0.append(locked_objects_type_0_item)

                return locked_objects_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[LockedObjects] | None | Unset, data)

        locked_objects = _parse_locked_objects(d.pop("lockedObjects", UNSET))

        lock = cls(
            briefcase_id=briefcase_id,
            locked_objects=locked_objects,
        )

        lock.additional_properties = d
        return lock

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
