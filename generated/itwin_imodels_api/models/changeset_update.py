from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.changeset_update_state import (
    ChangesetUpdateState,
    check_changeset_update_state,
)

T = TypeVar("T", bound="ChangesetUpdate")


@_attrs_define
class ChangesetUpdate:
    """Confirmation that a changeset's file was uploaded."""

    state: ChangesetUpdateState
    """ `fileUploaded`; nothing else can be set. """
    briefcase_id: int
    """ Number of the briefcase that announced the changeset. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state: str = self.state

        briefcase_id = self.briefcase_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "briefcaseId": briefcase_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        state = check_changeset_update_state(d.pop("state"))

        briefcase_id = d.pop("briefcaseId")

        changeset_update = cls(
            state=state,
            briefcase_id=briefcase_id,
        )

        changeset_update.additional_properties = d
        return changeset_update

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
