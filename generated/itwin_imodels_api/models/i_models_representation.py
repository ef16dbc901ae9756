from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.i_model import IModel
    from ..models.paging_links import PagingLinks


T = TypeVar("T", bound="IModelsRepresentation")


@_attrs_define
class IModelsRepresentation:
    """A page of iModels in full."""

    i_models: list[IModel] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        i_models: list[dict[str, Any]] | None | Unset
        if isinstance(self.i_models, Unset):
            i_models = UNSET
        elif isinstance(self.i_models, list):
            i_models = []
            for i_models_type_0_item_data in self.i_models:
                i_models_type_0_item = i_models_type_0_item_data.to_dict()
                i_models.append(i_models_type_0_item)

        else:
            i_models = self.i_models

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
        if i_models is not UNSET:
            field_dict["iModels"] = i_models
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.i_model import IModel
        from ..models.paging_links import PagingLinks

        d = dict(src_dict)

        def _parse_i_models(data: object) -> list[IModel] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                i_models_type_0 = []
                _i_models_type_0 = data
                for i_models_type_0_item_data in _i_models_type_0:
                    i_models_type_0_item = IModel.from_dict(i_models_type_0_item_data)

                    i_models_type_0.append(i_models_type_0_item)

                return i_models_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[IModel] | None | Unset, data)

        i_models = _parse_i_models(d.pop("iModels", UNSET))

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

        i_models_representation = cls(
            i_models=i_models,
            field_links=field_links,
        )

        i_models_representation.additional_properties = d
        return i_models_representation

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
