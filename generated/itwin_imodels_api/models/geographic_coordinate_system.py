from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="GeographicCoordinateSystem")


@_attrs_define
class GeographicCoordinateSystem:
    """Coordinate reference system that places the iModel on the Earth."""

    horizontal_crs_id: str
    """ Name under which iTwin.js knows the system. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        horizontal_crs_id = self.horizontal_crs_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "horizontalCRSId": horizontal_crs_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        horizontal_crs_id = d.pop("horizontalCRSId")

        geographic_coordinate_system = cls(
            horizontal_crs_id=horizontal_crs_id,
        )

        geographic_coordinate_system.additional_properties = d
        return geographic_coordinate_system

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
