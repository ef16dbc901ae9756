from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.created_changeset import CreatedChangeset


T = TypeVar("T", bound="CreatedChangesetResponse")


@_attrs_define
class CreatedChangesetResponse:
    """Answer to the announcement of a changeset."""

    changeset: CreatedChangeset | None | Unset = UNSET
    """ The announced changeset. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.created_changeset import CreatedChangeset

        changeset: dict[str, Any] | None | Unset
        if isinstance(self.changeset, Unset):
            changeset = UNSET
        elif isinstance(self.changeset, CreatedChangeset):
            changeset = self.changeset.to_dict()
        else:
            changeset = self.changeset

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if changeset is not UNSET:
            field_dict["changeset"] = changeset

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.created_changeset import CreatedChangeset

        d = dict(src_dict)

        def _parse_changeset(data: object) -> CreatedChangeset | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                changeset_type_0 = CreatedChangeset.from_dict(data)

                return changeset_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CreatedChangeset | None | Unset, data)

        changeset = _parse_changeset(d.pop("changeset", UNSET))

        created_changeset_response = cls(
            changeset=changeset,
        )

        created_changeset_response.additional_properties = d
        return created_changeset_response

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
