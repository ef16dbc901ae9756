from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.lock import Lock


T = TypeVar("T", bound="LockResponse")


@_attrs_define
class LockResponse:
    """Answer to a change of locks."""

    lock: Lock | None | Unset = UNSET
    """ The locks that the request has set. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.lock import Lock

        lock: dict[str, Any] | None | Unset
        if isinstance(self.lock, Unset):
            lock = UNSET
        elif isinstance(self.lock, Lock):
            lock = self.lock.to_dict()
        else:
            lock = self.lock

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if lock is not UNSET:
            field_dict["lock"] = lock

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.lock import Lock

        d = dict(src_dict)

        def _parse_lock(data: object) -> Lock | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                lock_type_0 = Lock.from_dict(data)

                return lock_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Lock | None | Unset, data)

        lock = _parse_lock(d.pop("lock", UNSET))

        lock_response = cls(
            lock=lock,
        )

        lock_response.additional_properties = d
        return lock_response

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
