from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.i_model import IModel


T = TypeVar("T", bound="IModelResponse")


@_attrs_define
class IModelResponse:
    """Answer with one iModel."""

    i_model: IModel | None | Unset = UNSET
    """ The iModel. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.i_model import IModel

        i_model: dict[str, Any] | None | Unset
        if isinstance(self.i_model, Unset):
            i_model = UNSET
        elif isinstance(self.i_model, IModel):
            i_model = self.i_model.to_dict()
        else:
            i_model = self.i_model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if i_model is not UNSET:
            field_dict["iModel"] = i_model

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.i_model import IModel

        d = dict(src_dict)

        def _parse_i_model(data: object) -> IModel | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                i_model_type_0 = IModel.from_dict(data)

                return i_model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(IModel | None | Unset, data)

        i_model = _parse_i_model(d.pop("iModel", UNSET))

        i_model_response = cls(
            i_model=i_model,
        )

        i_model_response.additional_properties = d
        return i_model_response

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
