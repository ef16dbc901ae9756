from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.storage_link import StorageLink


T = TypeVar("T", bound="CheckpointLinks")


@_attrs_define
class CheckpointLinks:
    """Links of a checkpoint."""

    download: None | StorageLink | Unset = UNSET
    """ Where to download the whole `.bim` file; null when there is none. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.storage_link import StorageLink

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
        if download is not UNSET:
            field_dict["download"] = download

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.storage_link import StorageLink

        d = dict(src_dict)

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

        checkpoint_links = cls(
            download=download,
        )

        checkpoint_links.additional_properties = d
        return checkpoint_links

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
