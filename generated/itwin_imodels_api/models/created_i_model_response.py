from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.created_i_model import CreatedIModel


T = TypeVar("T", bound="CreatedIModelResponse")


@_attrs_define
class CreatedIModelResponse:
    """Answer to the creation of an iModel."""

    i_model: CreatedIModel | None | Unset = UNSET
    """ The new iModel. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.created_i_model import CreatedIModel

        i_model: dict[str, Any] | None | Unset
        if isinstance(self.i_model, Unset):
            i_model = UNSET
        elif isinstance(self.i_model, CreatedIModel):
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
        from ..models.created_i_model import CreatedIModel

        d = dict(src_dict)

        def _parse_i_model(data: object) -> CreatedIModel | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                i_model_type_0 = CreatedIModel.from_dict(data)

                return i_model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CreatedIModel | None | Unset, data)

        i_model = _parse_i_model(d.pop("iModel", UNSET))

        created_i_model_response = cls(
            i_model=i_model,
        )

        created_i_model_response.additional_properties = d
        return created_i_model_response

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
