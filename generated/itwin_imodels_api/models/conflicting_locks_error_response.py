from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.conflicting_locks_error import ConflictingLocksError


T = TypeVar("T", bound="ConflictingLocksErrorResponse")


@_attrs_define
class ConflictingLocksErrorResponse:
    """Body of a lock request that failed because of other briefcases' locks."""

    error: ConflictingLocksError | None | Unset = UNSET
    """ The error with the locks behind it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.conflicting_locks_error import ConflictingLocksError

        error: dict[str, Any] | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, ConflictingLocksError):
            error = self.error.to_dict()
        else:
            error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.conflicting_locks_error import ConflictingLocksError

        d = dict(src_dict)

        def _parse_error(data: object) -> ConflictingLocksError | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = ConflictingLocksError.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConflictingLocksError | None | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        conflicting_locks_error_response = cls(
            error=error,
        )

        conflicting_locks_error_response.additional_properties = d
        return conflicting_locks_error_response

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
