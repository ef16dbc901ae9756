from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_extended_data import ChangesetExtendedData
    from ..models.paging_links import PagingLinks


T = TypeVar("T", bound="ChangesetsExtendedDataResponse")


@_attrs_define
class ChangesetsExtendedDataResponse:
    """A page of attached data."""

    extended_data: list[ChangesetExtendedData] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        extended_data: list[dict[str, Any]] | None | Unset
        if isinstance(self.extended_data, Unset):
            extended_data = UNSET
        elif isinstance(self.extended_data, list):
            extended_data = []
            for extended_data_type_0_item_data in self.extended_data:
                extended_data_type_0_item = extended_data_type_0_item_data.to_dict()
                extended_data.append(extended_data_type_0_item)

        else:
            extended_data = self.extended_data

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
        if extended_data is not UNSET:
            field_dict["extendedData"] = extended_data
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_extended_data import ChangesetExtendedData
        from ..models.paging_links import PagingLinks

        d = dict(src_dict)

        def _parse_extended_data(
            data: object,
        ) -> list[ChangesetExtendedData] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                extended_data_type_0 = []
                _extended_data_type_0 = data
                for extended_data_type_0_item_data in _extended_data_type_0:
                    extended_data_type_0_item = ChangesetExtendedData.from_dict(
                        extended_data_type_0_item_data
                    )

                    extended_data_type_0.append(extended_data_type_0_item)

                return extended_data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ChangesetExtendedData] | None | Unset, data)

        extended_data = _parse_extended_data(d.pop("extendedData", UNSET))

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

        changesets_extended_data_response = cls(
            extended_data=extended_data,
            field_links=field_links,
        )

        changesets_extended_data_response.additional_properties = d
        return changesets_extended_data_response

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
