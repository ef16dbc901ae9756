from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReleaseLocksChunk")


@_attrs_define
class ReleaseLocksChunk:
    """Which briefcase shall lose a portion of its locks."""

    briefcase_id: int
    """ Number of the briefcase to free of locks. """
    changeset_id: None | str | Unset = UNSET
    """ Changeset with the last edit of the objects, kept for the next one to lock them. By the vendor's client an
    older one, or none, leaves the kept value alone (the lock is abandoned); the documentation only warns that an
    older one makes acquiring fail. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        briefcase_id = self.briefcase_id

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "briefcaseId": briefcase_id,
            }
        )
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        briefcase_id = d.pop("briefcaseId")

        def _parse_changeset_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changeset_id = _parse_changeset_id(d.pop("changesetId", UNSET))

        release_locks_chunk = cls(
            briefcase_id=briefcase_id,
            changeset_id=changeset_id,
        )

        release_locks_chunk.additional_properties = d
        return release_locks_chunk

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
