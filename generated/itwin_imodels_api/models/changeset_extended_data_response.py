from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_extended_data import ChangesetExtendedData


T = TypeVar("T", bound="ChangesetExtendedDataResponse")


@_attrs_define
class ChangesetExtendedDataResponse:
    """Answer with the data of one changeset."""

    extended_data: ChangesetExtendedData | None | Unset = UNSET
    """ The attached data. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.changeset_extended_data import ChangesetExtendedData

        extended_data: dict[str, Any] | None | Unset
        if isinstance(self.extended_data, Unset):
            extended_data = UNSET
        elif isinstance(self.extended_data, ChangesetExtendedData):
            extended_data = self.extended_data.to_dict()
        else:
            extended_data = self.extended_data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if extended_data is not UNSET:
            field_dict["extendedData"] = extended_data

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_extended_data import ChangesetExtendedData

        d = dict(src_dict)

        def _parse_extended_data(data: object) -> ChangesetExtendedData | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                extended_data_type_0 = ChangesetExtendedData.from_dict(data)

                return extended_data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChangesetExtendedData | None | Unset, data)

        extended_data = _parse_extended_data(d.pop("extendedData", UNSET))

        changeset_extended_data_response = cls(
            extended_data=extended_data,
        )

        changeset_extended_data_response.additional_properties = d
        return changeset_extended_data_response

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
