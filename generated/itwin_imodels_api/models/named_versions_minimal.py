from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.named_version_summary import NamedVersionSummary
    from ..models.paging_links import PagingLinks


T = TypeVar("T", bound="NamedVersionsMinimal")


@_attrs_define
class NamedVersionsMinimal:
    """A page of Named Versions in short form."""

    named_versions: list[NamedVersionSummary] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        named_versions: list[dict[str, Any]] | None | Unset
        if isinstance(self.named_versions, Unset):
            named_versions = UNSET
        elif isinstance(self.named_versions, list):
            named_versions = []
            for named_versions_type_0_item_data in self.named_versions:
                named_versions_type_0_item = named_versions_type_0_item_data.to_dict()
                named_versions.append(named_versions_type_0_item)

        else:
            named_versions = self.named_versions

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
        if named_versions is not UNSET:
            field_dict["namedVersions"] = named_versions
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.named_version_summary import NamedVersionSummary
        from ..models.paging_links import PagingLinks

        d = dict(src_dict)

        def _parse_named_versions(
            data: object,
        ) -> list[NamedVersionSummary] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                named_versions_type_0 = []
                _named_versions_type_0 = data
                for named_versions_type_0_item_data in _named_versions_type_0:
                    named_versions_type_0_item = NamedVersionSummary.from_dict(
                        named_versions_type_0_item_data
                    )

                    named_versions_type_0.append(named_versions_type_0_item)

                return named_versions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[NamedVersionSummary] | None | Unset, data)

        named_versions = _parse_named_versions(d.pop("namedVersions", UNSET))

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

        named_versions_minimal = cls(
            named_versions=named_versions,
            field_links=field_links,
        )

        named_versions_minimal.additional_properties = d
        return named_versions_minimal

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
