from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.link import Link
    from ..models.storage_link import StorageLink


T = TypeVar("T", bound="CreatedChangesetLinks")


@_attrs_define
class CreatedChangesetLinks:
    """Links of an announced changeset, with those for the next two steps of the push."""

    self_: Link | None | Unset = UNSET
    """ Address of the changeset. """
    creator: Link | None | Unset = UNSET
    """ Address of the user who pushes it. """
    named_version: Link | None | Unset = UNSET
    """ Null here. """
    current_or_preceding_checkpoint: Link | None | Unset = UNSET
    """ Null here. """
    upload: None | StorageLink | Unset = UNSET
    """ Where to upload the file with PUT. """
    complete: Link | None | Unset = UNSET
    """ Where to confirm the upload with PATCH. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.link import Link
        from ..models.storage_link import StorageLink

        self_: dict[str, Any] | None | Unset
        if isinstance(self.self_, Unset):
            self_ = UNSET
        elif isinstance(self.self_, Link):
            self_ = self.self_.to_dict()
        else:
            self_ = self.self_

        creator: dict[str, Any] | None | Unset
        if isinstance(self.creator, Unset):
            creator = UNSET
        elif isinstance(self.creator, Link):
            creator = self.creator.to_dict()
        else:
            creator = self.creator

        named_version: dict[str, Any] | None | Unset
        if isinstance(self.named_version, Unset):
            named_version = UNSET
        elif isinstance(self.named_version, Link):
            named_version = self.named_version.to_dict()
        else:
            named_version = self.named_version

        current_or_preceding_checkpoint: dict[str, Any] | None | Unset
        if isinstance(self.current_or_preceding_checkpoint, Unset):
            current_or_preceding_checkpoint = UNSET
        elif isinstance(self.current_or_preceding_checkpoint, Link):
            current_or_preceding_checkpoint = (
                self.current_or_preceding_checkpoint.to_dict()
            )
        else:
            current_or_preceding_checkpoint = self.current_or_preceding_checkpoint

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
        if self_ is not UNSET:
            field_dict["self"] = self_
        if creator is not UNSET:
            field_dict["creator"] = creator
        if named_version is not UNSET:
            field_dict["namedVersion"] = named_version
        if current_or_preceding_checkpoint is not UNSET:
            field_dict["currentOrPrecedingCheckpoint"] = current_or_preceding_checkpoint
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

        def _parse_self_(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                self_type_0 = Link.from_dict(data)

                return self_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        self_ = _parse_self_(d.pop("self", UNSET))

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

        def _parse_named_version(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                named_version_type_0 = Link.from_dict(data)

                return named_version_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        named_version = _parse_named_version(d.pop("namedVersion", UNSET))

        def _parse_current_or_preceding_checkpoint(data: object) -> Link | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                current_or_preceding_checkpoint_type_0 = Link.from_dict(data)

                return current_or_preceding_checkpoint_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Link | None | Unset, data)

        current_or_preceding_checkpoint = _parse_current_or_preceding_checkpoint(
            d.pop("currentOrPrecedingCheckpoint", UNSET)
        )

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

        created_changeset_links = cls(
            self_=self_,
            creator=creator,
            named_version=named_version,
            current_or_preceding_checkpoint=current_or_preceding_checkpoint,
            upload=upload,
            complete=complete,
        )

        created_changeset_links.additional_properties = d
        return created_changeset_links

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
