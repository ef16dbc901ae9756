from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.named_version import NamedVersion


T = TypeVar("T", bound="NamedVersionResponse")


@_attrs_define
class NamedVersionResponse:
    """Answer with one Named Version."""

    named_version: NamedVersion | None | Unset = UNSET
    """ The Named Version. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.named_version import NamedVersion

        named_version: dict[str, Any] | None | Unset
        if isinstance(self.named_version, Unset):
            named_version = UNSET
        elif isinstance(self.named_version, NamedVersion):
            named_version = self.named_version.to_dict()
        else:
            named_version = self.named_version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if named_version is not UNSET:
            field_dict["namedVersion"] = named_version

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.named_version import NamedVersion

        d = dict(src_dict)

        def _parse_named_version(data: object) -> NamedVersion | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                named_version_type_0 = NamedVersion.from_dict(data)

                return named_version_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NamedVersion | None | Unset, data)

        named_version = _parse_named_version(d.pop("namedVersion", UNSET))

        named_version_response = cls(
            named_version=named_version,
        )

        named_version_response.additional_properties = d
        return named_version_response

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
