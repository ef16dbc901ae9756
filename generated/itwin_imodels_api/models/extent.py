from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.point import Point


T = TypeVar("T", bound="Extent")


@_attrs_define
class Extent:
    """The rectangle on the Earth that the iModel fills. The service does not insist that `southWest` lies south and west
    of `northEast`.

    """

    south_west: None | Point | Unset = UNSET
    """ The lower left corner. """
    north_east: None | Point | Unset = UNSET
    """ The upper right corner. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.point import Point

        south_west: dict[str, Any] | None | Unset
        if isinstance(self.south_west, Unset):
            south_west = UNSET
        elif isinstance(self.south_west, Point):
            south_west = self.south_west.to_dict()
        else:
            south_west = self.south_west

        north_east: dict[str, Any] | None | Unset
        if isinstance(self.north_east, Unset):
            north_east = UNSET
        elif isinstance(self.north_east, Point):
            north_east = self.north_east.to_dict()
        else:
            north_east = self.north_east

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if south_west is not UNSET:
            field_dict["southWest"] = south_west
        if north_east is not UNSET:
            field_dict["northEast"] = north_east

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.point import Point

        d = dict(src_dict)

        def _parse_south_west(data: object) -> None | Point | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                south_west_type_0 = Point.from_dict(data)

                return south_west_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Point | Unset, data)

        south_west = _parse_south_west(d.pop("southWest", UNSET))

        def _parse_north_east(data: object) -> None | Point | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                north_east_type_0 = Point.from_dict(data)

                return north_east_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Point | Unset, data)

        north_east = _parse_north_east(d.pop("northEast", UNSET))

        extent = cls(
            south_west=south_west,
            north_east=north_east,
        )

        extent.additional_properties = d
        return extent

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
