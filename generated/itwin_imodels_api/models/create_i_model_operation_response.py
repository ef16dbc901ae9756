from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.create_i_model_operation import CreateIModelOperation


T = TypeVar("T", bound="CreateIModelOperationResponse")


@_attrs_define
class CreateIModelOperationResponse:
    """Answer with the creation of one iModel."""

    create_operation: CreateIModelOperation | None | Unset = UNSET
    """ The creation. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.create_i_model_operation import CreateIModelOperation

        create_operation: dict[str, Any] | None | Unset
        if isinstance(self.create_operation, Unset):
            create_operation = UNSET
        elif isinstance(self.create_operation, CreateIModelOperation):
            create_operation = self.create_operation.to_dict()
        else:
            create_operation = self.create_operation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if create_operation is not UNSET:
            field_dict["createOperation"] = create_operation

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.create_i_model_operation import CreateIModelOperation

        d = dict(src_dict)

        def _parse_create_operation(
            data: object,
        ) -> CreateIModelOperation | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                create_operation_type_0 = CreateIModelOperation.from_dict(data)

                return create_operation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CreateIModelOperation | None | Unset, data)

        create_operation = _parse_create_operation(d.pop("createOperation", UNSET))

        create_i_model_operation_response = cls(
            create_operation=create_operation,
        )

        create_i_model_operation_response.additional_properties = d
        return create_i_model_operation_response

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
