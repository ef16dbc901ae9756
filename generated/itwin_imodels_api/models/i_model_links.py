from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.link import Link


T = TypeVar("T", bound="IModelLinks")


@_attrs_define
class IModelLinks:
    """Links from an iModel to what belongs to it."""

    creator: Link | None | Unset = UNSET
    """ Address of the user who made it. """
    changesets: Link | None | Unset = UNSET
    """ Address of its list of changesets. """
    named_versions: Link | None | Unset = UNSET
    """ Address of its list of Named Versions. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.link import Link

        creator: dict[str, Any] | None | Unset
        if isinstance(self.creator, Unset):
            creator = UNSET
        elif isinstance(self.creator, Link):
            creator = self.creator.to_dict()
        else:
            creator = self.creator

        changesets: dict[str, Any] | None | Unset
        if isinstance(self.changesets, Unset):
            changesets = UNSET
        elif isinstance(self.changesets, Link):
            changesets = self.changesets.to_dict()
        else:
            changesets = self.changesets

        named_versions: dict[str, Any] | None | Unset
        if isinstance(self.named_versions, Unset):
            named_versions = UNSET
        elif isinstance(self.named_versions, Link):
            named_versions = self.named_versions.to_dict()
        else:
            named_versions = self.named_versions

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if creator is not UNSET:
            field_dict["creator"] = creator
        if changesets is not UNSET:
            field_dict["changesets"] = changesets
        if named_versions is not UNSET:
            field_dict["namedVersions"] = named_versions

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.link import Link

        d = dict(src_dict)

        def _parse_creator(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                creator_type_0 = Link.from_dict(data)

                return creator_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        creator = _parse_creator(d.pop("creator", UNSET))

        def _parse_changesets(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                changesets_type_0 = Link.from_dict(data)

                return changesets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        changesets = _parse_changesets(d.pop("changesets", UNSET))

        def _parse_named_versions(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                named_versions_type_0 = Link.from_dict(data)

                return named_versions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        named_versions = _parse_named_versions(d.pop("namedVersions", UNSET))

        i_model_links = cls(
            creator=creator,
            changesets=changesets,
            named_versions=named_versions,
        )

        i_model_links.additional_properties = d
        return i_model_links

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
