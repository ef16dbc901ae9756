from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.conflicting_lock import ConflictingLock


T = TypeVar("T", bound="ConflictingLocksError")


@_attrs_define
class ConflictingLocksError:
    """Error of a lock request for objects that other briefcases hold (`ConflictWithAnotherUser`)."""

    code: str | Unset = UNSET
    """ Code for programs, `ConflictWithAnotherUser` here. """
    message: str | Unset = UNSET
    """ Explanation for people, in English. """
    conflicting_locks: list[ConflictingLock] | None | Unset = UNSET
    """ The objects in question and who holds them; null is possible by v1, though always filled where it was seen.
    """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        message = self.message

        conflicting_locks: list[dict[str, Any]] | None | Unset
        if isinstance(self.conflicting_locks, Unset):
            conflicting_locks = UNSET
        elif isinstance(self.conflicting_locks, list):
            conflicting_locks = []
            for conflicting_locks_type_0_item_data in self.conflicting_locks:
                conflicting_locks_type_0_item = (
                    conflicting_locks_type_0_item_data.to_dict()
                )
                conflicting_locks.append(conflicting_locks_type_0_item)

        else:
            conflicting_locks = self.conflicting_locks

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if code is not UNSET:
            field_dict["code"] = code
        if message is not UNSET:
            field_dict["message"] = message
        if conflicting_locks is not UNSET:
            field_dict["conflictingLocks"] = conflicting_locks

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.conflicting_lock import ConflictingLock

        d = dict(src_dict)
        code = d.pop("code", UNSET)

        message = d.pop("message", UNSET)

        def _parse_conflicting_locks(
            data: object,
        ) -> list[ConflictingLock] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                conflicting_locks_type_0 = []
                _conflicting_locks_type_0 = data
                for conflicting_locks_type_0_item_data in _conflicting_locks_type_0:
                    conflicting_locks_type_0_item = ConflictingLock.from_dict(
                        conflicting_locks_type_0_item_data
                    )

                    conflicting_locks_type_0.append(conflicting_locks_type_0_item)

                return conflicting_locks_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ConflictingLock] | None | Unset, data)

        conflicting_locks = _parse_conflicting_locks(d.pop("conflictingLocks", UNSET))

        conflicting_locks_error = cls(
            code=code,
            message=message,
            conflicting_locks=conflicting_locks,
        )

        conflicting_locks_error.additional_properties = d
        return conflicting_locks_error

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
