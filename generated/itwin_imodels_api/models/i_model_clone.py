from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="IModelClone")


@_attrs_define
class IModelClone:
    """Where a clone goes and how much of the history it takes."""

    i_twin_id: str
    """ The iTwin that will own the copy. """
    name: None | str | Unset = UNSET
    """ Name of the copy, free in that iTwin; the original's when left out or null. """
    description: None | str | Unset = UNSET
    """ Free text; the original's when left out or null. """
    changeset_id: None | str | Unset = UNSET
    """ Copy up to and including this changeset. Empty text stops at the baseline; left out, everything is copied.
    Not together with `changesetIndex`. """
    changeset_index: int | None | Unset = UNSET
    """ Like `changesetId`, by index; 0 stops at the baseline. Not together with `changesetId`. """
    containers_enabled: int | Unset = UNSET
    """ Which extra containers the iModel uses, as a sum of the flags in `x-flags`; 0 for none. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        i_twin_id = self.i_twin_id

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        changeset_index: int | None | Unset
        if isinstance(self.changeset_index, Unset):
            changeset_index = UNSET
        else:
            changeset_index = self.changeset_index

        containers_enabled = self.containers_enabled

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "iTwinId": i_twin_id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id
        if changeset_index is not UNSET:
            field_dict["changesetIndex"] = changeset_index
        if containers_enabled is not UNSET:
            field_dict["containersEnabled"] = containers_enabled

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        i_twin_id = d.pop("iTwinId")

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_changeset_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changeset_id = _parse_changeset_id(d.pop("changesetId", UNSET))

        def _parse_changeset_index(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        changeset_index = _parse_changeset_index(d.pop("changesetIndex", UNSET))

        containers_enabled = d.pop("containersEnabled", UNSET)

        i_model_clone = cls(
            i_twin_id=i_twin_id,
            name=name,
            description=description,
            changeset_id=changeset_id,
            changeset_index=changeset_index,
            containers_enabled=containers_enabled,
        )

        i_model_clone.additional_properties = d
        return i_model_clone

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
