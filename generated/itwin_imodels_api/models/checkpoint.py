from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.checkpoint_links import CheckpointLinks
    from ..models.container_access_info import ContainerAccessInfo
    from ..models.directory_access_info import DirectoryAccessInfo


T = TypeVar("T", bound="Checkpoint")


@_attrs_define
class Checkpoint:
    """The iModel as a ready file at one point of its history, so that earlier changesets need not be applied. A successful
    one can be had as a whole file, as blocks, or both. Whether `id` and `displayName` of v1 still exist is open.

    """

    id: str | Unset = UNSET
    """ Id in v1; may be gone in v2. """
    display_name: str | Unset = UNSET
    """ Changeset index as text in v1; may be gone in v2. """
    changeset_index: int | Unset = UNSET
    """ Index of the changeset it holds; 0 for the baseline. """
    changeset_id: None | str | Unset = UNSET
    """ Id of the changeset it holds. Whether the baseline gives null or empty text is open. """
    size: int | Unset = UNSET
    """ Size of the file in bytes; meant to be 0 until `state` is `successful`. New in 2026. """
    state: str | Unset = UNSET
    """ Whether a checkpoint can be used. `successful`: usable; `scheduled`: queued or being made; `failed`: given
    up; `notGenerated`: neither there nor ordered. """
    db_name: None | str | Unset = UNSET
    """ Name to open it by when reading blocks; introduced on 2025-02-27. Null while there is none. """
    container_access_info: ContainerAccessInfo | None | Unset = UNSET
    """ Former access to the blocks; use `directoryAccessInfo`. Null or left out when there is none. """
    directory_access_info: DirectoryAccessInfo | None | Unset = UNSET
    """ Access to the blocks; null while there are none. """
    field_links: CheckpointLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.checkpoint_links import CheckpointLinks
        from ..models.container_access_info import ContainerAccessInfo
        from ..models.directory_access_info import DirectoryAccessInfo

        id = self.id

        display_name = self.display_name

        changeset_index = self.changeset_index

        changeset_id: None | str | Unset
        if isinstance(self.changeset_id, Unset):
            changeset_id = UNSET
        else:
            changeset_id = self.changeset_id

        size = self.size

        state = self.state

        db_name: None | str | Unset
        if isinstance(self.db_name, Unset):
            db_name = UNSET
        else:
            db_name = self.db_name

        container_access_info: dict[str, Any] | None | Unset
        if isinstance(self.container_access_info, Unset):
            container_access_info = UNSET
        elif isinstance(self.container_access_info, ContainerAccessInfo):
            container_access_info = self.container_access_info.to_dict()
        else:
            container_access_info = self.container_access_info

        directory_access_info: dict[str, Any] | None | Unset
        if isinstance(self.directory_access_info, Unset):
            directory_access_info = UNSET
        elif isinstance(self.directory_access_info, DirectoryAccessInfo):
            directory_access_info = self.directory_access_info.to_dict()
        else:
            directory_access_info = self.directory_access_info

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, CheckpointLinks):
            field_links = self.field_links.to_dict()
        else:
            field_links = self.field_links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if id is not UNSET:
            field_dict["id"] = id
        if display_name is not UNSET:
            field_dict["displayName"] = display_name
        if changeset_index is not UNSET:
            field_dict["changesetIndex"] = changeset_index
        if changeset_id is not UNSET:
            field_dict["changesetId"] = changeset_id
        if size is not UNSET:
            field_dict["size"] = size
        if state is not UNSET:
            field_dict["state"] = state
        if db_name is not UNSET:
            field_dict["dbName"] = db_name
        if container_access_info is not UNSET:
            field_dict["containerAccessInfo"] = container_access_info
        if directory_access_info is not UNSET:
            field_dict["directoryAccessInfo"] = directory_access_info
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checkpoint_links import CheckpointLinks
        from ..models.container_access_info import ContainerAccessInfo
        from ..models.directory_access_info import DirectoryAccessInfo

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        display_name = d.pop("displayName", UNSET)

        changeset_index = d.pop("changesetIndex", UNSET)

        def _parse_changeset_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changeset_id = _parse_changeset_id(d.pop("changesetId", UNSET))

        size = d.pop("size", UNSET)

        state = d.pop("state", UNSET)

        def _parse_db_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        db_name = _parse_db_name(d.pop("dbName", UNSET))

        def _parse_container_access_info(
            data: object,
        ) -> ContainerAccessInfo | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                container_access_info_type_0 = ContainerAccessInfo.from_dict(data)

                return container_access_info_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ContainerAccessInfo | None | Unset, data)

        container_access_info = _parse_container_access_info(
            d.pop("containerAccessInfo", UNSET)
        )

        def _parse_directory_access_info(
            data: object,
        ) -> DirectoryAccessInfo | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                directory_access_info_type_0 = DirectoryAccessInfo.from_dict(data)

                return directory_access_info_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DirectoryAccessInfo | None | Unset, data)

        directory_access_info = _parse_directory_access_info(
            d.pop("directoryAccessInfo", UNSET)
        )

        def _parse_field_links(data: object) -> CheckpointLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = CheckpointLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CheckpointLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        checkpoint = cls(
            id=id,
            display_name=display_name,
            changeset_index=changeset_index,
            changeset_id=changeset_id,
            size=size,
            state=state,
            db_name=db_name,
            container_access_info=container_access_info,
            directory_access_info=directory_access_info,
            field_links=field_links,
        )

        checkpoint.additional_properties = d
        return checkpoint

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
