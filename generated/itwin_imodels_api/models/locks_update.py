from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.locked_objects import LockedObjects


T = TypeVar("T", bound="LocksUpdate")


@_attrs_define
class LocksUpdate:
    """Locks to acquire or to release for one briefcase."""

    briefcase_id: int | Unset = UNSET
    """ Number of the briefcase whose locks change. The documentation does not list it as required. """
    changeset_id: None | str | Unset = UNSET
    """ Newest changeset the briefcase has pulled or pushed; acquiring fails when a lock was last released with a
    later one. """
    locked_objects: list[LockedObjects] | Unset = UNSET
    """ What to acquire or release, by level; up to 1000 object ids in total. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        briefcase_id = self.briefcase_id

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        locked_objects: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.locked_objects, Unset):
            locked_objects = []
            for locked_objects_item_data in self.locked_objects:
                locked_objects_item = locked_objects_item_data.to_dict()
                locked_objects.append(locked_objects_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if briefcase_id is not UNSET:
            field_dict["briefcaseId"] = briefcase_id
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id
        if locked_objects is not UNSET:
            field_dict["lockedObjects"] = locked_objects

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.locked_objects import LockedObjects

        d = dict(src_dict)
        briefcase_id = d.pop("briefcaseId", UNSET)

        def _parse_changeset_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changeset_id = _parse_changeset_id(d.pop("changesetId", UNSET))

        _locked_objects = d.pop("lockedObjects", UNSET)
        locked_objects: list[LockedObjects] | Unset = UNSET
        if _locked_objects is not UNSET:
            locked_objects = []
            for locked_objects_item_data in _locked_objects:
                locked_objects_item = LockedObjects.from_dict(locked_objects_item_data)

                locked_objects.append(locked_objects_item)

        locks_update = cls(
            briefcase_id=briefcase_id,
            changeset_id=changeset_id,
            locked_objects=locked_objects,
        )

        locks_update.additional_properties = d
        return locks_update

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
