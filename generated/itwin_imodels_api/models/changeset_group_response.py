from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_group import ChangesetGroup


T = TypeVar("T", bound="ChangesetGroupResponse")


@_attrs_define
class ChangesetGroupResponse:
    """Answer with one changeset group."""

    changeset_group: ChangesetGroup | None | Unset = UNSET
    """ The changeset group. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.changeset_group import ChangesetGroup

        changeset_group: dict[str, Any] | None | Unset
        if isinstance(self.changeset_group, Unset):
            changeset_group = UNSET
        elif isinstance(self.changeset_group, ChangesetGroup):
            changeset_group = self.changeset_group.to_dict()
        else:
            changeset_group = self.changeset_group

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changeset_group is not UNSET:
            field_dict["changesetGroup"] = changeset_group

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_group import ChangesetGroup

        d = dict(src_dict)

        def _parse_changeset_group(data: object) -> ChangesetGroup | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                changeset_group_type_0 = ChangesetGroup.from_dict(data)

                return changeset_group_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChangesetGroup | None | Unset, data)

        changeset_group = _parse_changeset_group(d.pop("changesetGroup", UNSET))

        changeset_group_response = cls(
            changeset_group=changeset_group,
        )

        changeset_group_response.additional_properties = d
        return changeset_group_response

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
