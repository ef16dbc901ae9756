from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SynchronizationInfo")


@_attrs_define
class SynchronizationInfo:
    """Which run of a synchronizing application a changeset came from."""

    task_id: str | Unset = UNSET
    """ Id of the run. """
    changed_files: list[str] | None | Unset = UNSET
    """ Names of the source files that had changed; null when not told. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        task_id = self.task_id

        changed_files: list[str] | None | Unset
        if isinstance(self.changed_files, Unset):
            changed_files = UNSET
        elif isinstance(self.changed_files, list):
            changed_files = self.changed_files

        else:
            changed_files = self.changed_files

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if task_id is not UNSET:
            field_dict["taskId"] = task_id
        if changed_files is not UNSET:
            field_dict["changedFiles"] = changed_files

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        task_id = d.pop("taskId", UNSET)

        def _parse_changed_files(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                changed_files_type_0 = cast(list[str], data)

                return changed_files_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        changed_files = _parse_changed_files(d.pop("changedFiles", UNSET))

        synchronization_info = cls(
            task_id=task_id,
            changed_files=changed_files,
        )

        synchronization_info.additional_properties = d
        return synchronization_info

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
