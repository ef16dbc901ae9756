from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReleaseLocksChunkResponse")


@_attrs_define
class ReleaseLocksChunkResponse:
    """Tells whether locks are left."""

    is_last_chunk: bool | Unset = UNSET
    """ True when nothing is left, false to ask for another call. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_last_chunk = self.is_last_chunk

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if is_last_chunk is not UNSET:
            field_dict["isLastChunk"] = is_last_chunk

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        is_last_chunk = d.pop("isLastChunk", UNSET)

        release_locks_chunk_response = cls(
            is_last_chunk=is_last_chunk,
        )

        release_locks_chunk_response.additional_properties = d
        return release_locks_chunk_response

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
