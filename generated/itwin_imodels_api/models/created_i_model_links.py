from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.link import Link
    from ..models.storage_link import StorageLink


T = TypeVar("T", bound="CreatedIModelLinks")


@_attrs_define
class CreatedIModelLinks:
    """Links of an iModel that has just been made, with those for uploading its baseline file."""

    creator: Link | None | Unset = UNSET
    """ Address of the user who made it. """
    changesets: Link | None | Unset = UNSET
    """ Address of its list of changesets. """
    named_versions: Link | None | Unset = UNSET
    """ Address of its list of Named Versions. """
    upload: None | StorageLink | Unset = UNSET
    """ Where to upload the baseline file with PUT; null unless one was announced. """
    complete: Link | None | Unset = UNSET
    """ Where to confirm that upload with POST; null unless a baseline file was announced. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.link import Link
        from ..models.storage_link import StorageLink

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

        upload: dict[str, Any] | None | Unset
        if isinstance(self.upload, Unset):
            upload = UNSET
        elif isinstance(self.upload, StorageLink):
            upload = self.upload.to_dict()
        else:
            upload = self.upload

        complete: dict[str, Any] | None | Unset
        if isinstance(self.complete, Unset):
            complete = UNSET
        elif isinstance(self.complete, Link):
            complete = self.complete.to_dict()
        else:
            complete = self.complete

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if creator is not UNSET:
            field_dict["creator"] = creator
        if changesets is not UNSET:
            field_dict["changesets"] = changesets
        if named_versions is not UNSET:
            field_dict["namedVersions"] = named_versions
        if upload is not UNSET:
            field_dict["upload"] = upload
        if complete is not UNSET:
            field_dict["complete"] = complete

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.link import Link
        from ..models.storage_link import StorageLink

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

        def _parse_upload(data: object) -> None | StorageLink | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                upload_type_0 = StorageLink.from_dict(data)

                return upload_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StorageLink | Unset, data)

        upload = _parse_upload(d.pop("upload", UNSET))

        def _parse_complete(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                complete_type_0 = Link.from_dict(data)

                return complete_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        complete = _parse_complete(d.pop("complete", UNSET))

        created_i_model_links = cls(
            creator=creator,
            changesets=changesets,
            named_versions=named_versions,
            upload=upload,
            complete=complete,
        )

        created_i_model_links.additional_properties = d
        return created_i_model_links

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
