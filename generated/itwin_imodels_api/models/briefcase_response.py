from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.briefcase import Briefcase


T = TypeVar("T", bound="BriefcaseResponse")


@_attrs_define
class BriefcaseResponse:
    """Answer with one briefcase."""

    briefcase: Briefcase | None | Unset = UNSET
    """ The briefcase. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.briefcase import Briefcase

        briefcase: dict[str, Any] | None | Unset
        if isinstance(self.briefcase, Unset):
            briefcase = UNSET
        elif isinstance(self.briefcase, Briefcase):
            briefcase = self.briefcase.to_dict()
        else:
            briefcase = self.briefcase

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if briefcase is not UNSET:
            field_dict["briefcase"] = briefcase

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.briefcase import Briefcase

        d = dict(src_dict)

        def _parse_briefcase(data: object) -> Briefcase | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                briefcase_type_0 = Briefcase.from_dict(data)

                return briefcase_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Briefcase | None | Unset, data)

        briefcase = _parse_briefcase(d.pop("briefcase", UNSET))

        briefcase_response = cls(
            briefcase=briefcase,
        )

        briefcase_response.additional_properties = d
        return briefcase_response

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
