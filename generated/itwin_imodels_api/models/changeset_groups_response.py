from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_group import ChangesetGroup
    from ..models.paging_links import PagingLinks


T = TypeVar("T", bound="ChangesetGroupsResponse")


@_attrs_define
class ChangesetGroupsResponse:
    """A page of changeset groups."""

    changeset_groups: list[ChangesetGroup] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        changeset_groups: list[dict[str, Any]] | None | Unset
        if isinstance(self.changeset_groups, Unset):
            changeset_groups = UNSET
        elif isinstance(self.changeset_groups, list):
            changeset_groups = []
            for changeset_groups_type_0_item_data in self.changeset_groups:
                changeset_groups_type_0_item = (
                    changeset_groups_type_0_item_data.to_dict()
                )
                changeset_groups.append(changeset_groups_type_0_item)

        else:
            changeset_groups = self.changeset_groups

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, PagingLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changeset_groups is not UNSET:
            field_dict["changesetGroups"] = changeset_groups
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_group import ChangesetGroup
        from ..models.paging_links import PagingLinks

        d = dict(src_dict)

        def _parse_changeset_groups(
            data: object,
        ) -> list[ChangesetGroup] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                changeset_groups_type_0 = []
                _changeset_groups_type_0 = data
                for changeset_groups_type_0_item_data in _changeset_groups_type_0:
                    changeset_groups_type_0_item = ChangesetGroup.from_dict(
                        changeset_groups_type_0_item_data
                    )

                    changeset_groups_type_0.append(changeset_groups_type_0_item)

                return changeset_groups_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChangesetGroup] | None | Unset, data)

        changeset_groups = _parse_changeset_groups(d.pop("changesetGroups", UNSET))

        def _parse_field_links(data: object) -> None | PagingLinks | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = PagingLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PagingLinks | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        changeset_groups_response = cls(
            changeset_groups=changeset_groups,
            field_links=field_links,
        )

        changeset_groups_response.additional_properties = d
        return changeset_groups_response

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
