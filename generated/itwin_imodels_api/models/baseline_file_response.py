from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.baseline_file import BaselineFile


T = TypeVar("T", bound="BaselineFileResponse")


@_attrs_define
class BaselineFileResponse:
    """Answer with the baseline file."""

    baseline_file: BaselineFile | None | Unset = UNSET
    """ The baseline file. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_file import BaselineFile

        baseline_file: dict[str, Any] | None | Unset
        if isinstance(self.baseline_file, Unset):
            baseline_file = UNSET
        elif isinstance(self.baseline_file, BaselineFile):
            baseline_file = self.baseline_file.to_dict()
        else:
            baseline_file = self.baseline_file

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if baseline_file is not UNSET:
            field_dict["baselineFile"] = baseline_file

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_file import BaselineFile

        d = dict(src_dict)

        def _parse_baseline_file(data: object) -> BaselineFile | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                baseline_file_type_0 = BaselineFile.from_dict(data)

                return baseline_file_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineFile | None | Unset, data)

        baseline_file = _parse_baseline_file(d.pop("baselineFile", UNSET))

        baseline_file_response = cls(
            baseline_file=baseline_file,
        )

        baseline_file_response.additional_properties = d
        return baseline_file_response

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
