from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.briefcase import Briefcase
    from ..models.paging_links import PagingLinks


T = TypeVar("T", bound="BriefcasesRepresentation")


@_attrs_define
class BriefcasesRepresentation:
    """A page of briefcases in full."""

    briefcases: list[Briefcase] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        briefcases: list[dict[str, Any]] | None | Unset
        if isinstance(self.briefcases, Unset):
            briefcases = UNSET
        elif isinstance(self.briefcases, list):
            briefcases = []
            for briefcases_type_0_item_data in self.briefcases:
                briefcases_type_0_item = briefcases_type_0_item_data.to_dict()
                briefcases.append(briefcases_type_0_item)

        else:
            briefcases = self.briefcases

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
        if briefcases is not UNSET:
            field_dict["briefcases"] = briefcases
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.briefcase import Briefcase
        from ..models.paging_links import PagingLinks

        d = dict(src_dict)

        def _parse_briefcases(data: object) -> list[Briefcase] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                briefcases_type_0 = []
                _briefcases_type_0 = data
                for briefcases_type_0_item_data in _briefcases_type_0:
                    briefcases_type_0_item = Briefcase.from_dict(
                        briefcases_type_0_item_data
                    )

                    briefcases_type_0.append(briefcases_type_0_item)

                return briefcases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Briefcase] | None | Unset, data)

        briefcases = _parse_briefcases(d.pop("briefcases", UNSET))

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

        briefcases_representation = cls(
            briefcases=briefcases,
            field_links=field_links,
        )

        briefcases_representation.additional_properties = d
        return briefcases_representation

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
