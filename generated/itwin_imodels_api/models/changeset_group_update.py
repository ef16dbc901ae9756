from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.changeset_group_update_state import (
    ChangesetGroupUpdateState,
    check_changeset_group_update_state,
)

T = TypeVar("T", bound="ChangesetGroupUpdate")


@_attrs_define
class ChangesetGroupUpdate:
    """The request to close a changeset group."""

    state: ChangesetGroupUpdateState
    """ `completed`; nothing else can be set, although a third party's copy of the definition names all states here.
    """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state: str = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        state = check_changeset_group_update_state(d.pop("state"))

        changeset_group_update = cls(
            state=state,
        )

        changeset_group_update.additional_properties = d
        return changeset_group_update

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
