from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.azure_directory_access_info import AzureDirectoryAccessInfo
    from ..models.google_directory_access_info import GoogleDirectoryAccessInfo


T = TypeVar("T", bound="DirectoryAccessInfo")


@_attrs_define
class DirectoryAccessInfo:
    """Access to the storage directory in which a checkpoint lies as blocks of 4 MB."""

    base_url: str | Unset = UNSET
    """ Address that the storage is reached at. """
    storage: str | Unset = UNSET
    """ Name of the storage account. """
    base_directory: str | Unset = UNSET
    """ Container or directory with the blocks. """
    storage_type: str | Unset = UNSET
    """ Which storage it is, and so which of the two next properties is filled. Refuse values you do not know. """
    azure: AzureDirectoryAccessInfo | None | Unset = UNSET
    """ Secret for Azure; null or left out for other storage. """
    google: GoogleDirectoryAccessInfo | None | Unset = UNSET
    """ Secret for Google; null or left out for other storage. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.azure_directory_access_info import AzureDirectoryAccessInfo
        from ..models.google_directory_access_info import GoogleDirectoryAccessInfo

        base_url = self.base_url

        storage = self.storage

        base_directory = self.base_directory

        storage_type = self.storage_type

        azure: dict[str, Any] | None | Unset
        if isinstance(self.azure, Unset):
            azure = UNSET
        elif isinstance(self.azure, AzureDirectoryAccessInfo):
            azure = self.azure.to_dict()
        else:
            azure = self.azure

        google: dict[str, Any] | None | Unset
        if isinstance(self.google, Unset):
            google = UNSET
        elif isinstance(self.google, GoogleDirectoryAccessInfo):
            google = self.google.to_dict()
        else:
            google = self.google

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if base_url is not UNSET:
            field_dict["baseUrl"] = base_url
        if storage is not UNSET:
            field_dict["storage"] = storage
        if base_directory is not UNSET:
            field_dict["baseDirectory"] = base_directory
        if storage_type is not UNSET:
            field_dict["storageType"] = storage_type
        if azure is not UNSET:
            field_dict["azure"] = azure
        if google is not UNSET:
            field_dict["google"] = google

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.azure_directory_access_info import AzureDirectoryAccessInfo
        from ..models.google_directory_access_info import GoogleDirectoryAccessInfo

        d = dict(src_dict)
        base_url = d.pop("baseUrl", UNSET)

        storage = d.pop("storage", UNSET)

        base_directory = d.pop("baseDirectory", UNSET)

        storage_type = d.pop("storageType", UNSET)

        def _parse_azure(data: object) -> AzureDirectoryAccessInfo | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                azure_type_0 = AzureDirectoryAccessInfo.from_dict(data)

                return azure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AzureDirectoryAccessInfo | None | Unset, data)

        azure = _parse_azure(d.pop("azure", UNSET))

        def _parse_google(data: object) -> GoogleDirectoryAccessInfo | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                google_type_0 = GoogleDirectoryAccessInfo.from_dict(data)

                return google_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GoogleDirectoryAccessInfo | None | Unset, data)

        google = _parse_google(d.pop("google", UNSET))

        directory_access_info = cls(
            base_url=base_url,
            storage=storage,
            base_directory=base_directory,
            storage_type=storage_type,
            azure=azure,
            google=google,
        )

        directory_access_info.additional_properties = d
        return directory_access_info

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
