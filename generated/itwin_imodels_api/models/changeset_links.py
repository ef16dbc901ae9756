from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.link import Link
    from ..models.storage_link import StorageLink


T = TypeVar("T", bound="ChangesetLinks")


@_attrs_define
class ChangesetLinks:
    """Links of a changeset."""

    self_: Link | None | Unset = UNSET
    """ Address of the changeset, by id or by index. """
    creator: Link | None | Unset = UNSET
    """ Address of the user who pushed it. """
    named_version: Link | None | Unset = UNSET
    """ Address of the Named Version on it; null when it bears none. """
    current_or_preceding_checkpoint: Link | None | Unset = UNSET
    """ Address of the nearest usable checkpoint at or before it (that of `changesets/0` is the baseline's); null
    when there is none and in the answers to a push. """
    download: None | StorageLink | Unset = UNSET
    """ Where to download the file; null for callers without `imodels_read` and in the answer that ends a push. """
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

        download: dict[str, Any] | None | Unset
        if isinstance(self.download, Unset):
            download = UNSET
        elif isinstance(self.download, StorageLink):
            download = self.download.to_dict()
        else:
            download = self.download

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
        if download is not UNSET:
            field_dict["download"] = download

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

        def _parse_download(data: object) -> None | StorageLink | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                download_type_0 = StorageLink.from_dict(data)

                return download_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StorageLink | Unset, data)

        download = _parse_download(d.pop("download", UNSET))

        changeset_links = cls(
            self_=self_,
            creator=creator,
            named_version=named_version,
            current_or_preceding_checkpoint=current_or_preceding_checkpoint,
            download=download,
        )

        changeset_links.additional_properties = d
        return changeset_links

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
