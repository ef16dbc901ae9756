from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.paging_links import PagingLinks
    from ..models.released_lock import ReleasedLock


T = TypeVar("T", bound="ReleasedLocksResponse")


@_attrs_define
class ReleasedLocksResponse:
    """A page of released locks."""

    released_locks: list[ReleasedLock] | None | Unset = UNSET
    field_links: None | PagingLinks | Unset = UNSET
    """ The pages around this one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.paging_links import PagingLinks

        released_locks: list[dict[str, Any]] | None | Unset
        if isinstance(self.released_locks, Unset):
            released_locks = UNSET
        elif isinstance(self.released_locks, list):
            released_locks = []
            for released_locks_type_0_item_data in self.released_locks:
                released_locks_type_0_item = released_locks_type_0_item_data.to_dict()
                released_locks.append(released_locks_type_0_item)

        else:
            released_locks = self.released_locks

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, PagingLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if released_locks is not UNSET:
            field_dict["releasedLocks"] = released_locks
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.paging_links import PagingLinks
        from ..models.released_lock import ReleasedLock

        d = dict(src_dict)

        def _parse_released_locks(data: object) -> list[ReleasedLock] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                released_locks_type_0 = []
                _released_locks_type_0 = data
                for released_locks_type_0_item_data in _released_locks_type_0:
                    released_locks_type_0_item = ReleasedLock.from_dict(
                        released_locks_type_0_item_data
                    )

                    released_locks_type_0.append(released_locks_type_0_item)

                return released_locks_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ReleasedLock] | None | Unset, data)

        released_locks = _parse_released_locks(d.pop("releasedLocks", UNSET))

        def _parse_field_links(data: object) -> None | PagingLinks | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = PagingLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PagingLinks | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        released_locks_response = cls(
            released_locks=released_locks,
            field_links=field_links,
        )

        released_locks_response.additional_properties = d
        return released_locks_response

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
