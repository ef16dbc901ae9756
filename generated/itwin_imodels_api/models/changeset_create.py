from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.synchronization_info_create import SynchronizationInfoCreate


T = TypeVar("T", bound="ChangesetCreate")


@_attrs_define
class ChangesetCreate:
    """Announcement of a changeset that will be uploaded."""

    id: str
    """ Id computed from the parent's id and the content; cannot be blank. """
    briefcase_id: int
    """ Number of the briefcase that pushes, above 0. """
    file_size: int
    """ Size of the file in bytes, exactly. """
    description: None | str | Unset = UNSET
    """ Free text of at most 255 characters. """
    parent_id: None | str | Unset = UNSET
    """ Id of the newest changeset. Leave it out (or send null or empty text) for the first push of all. """
    containing_changes: int | None | Unset = UNSET
    """ Kinds of change in it, as a sum of flags; 0 when left out. """
    synchronization_info: None | SynchronizationInfoCreate | Unset = UNSET
    """ Synchronization run it comes from. """
    group_id: None | str | Unset = UNSET
    """ Changeset group to add it to, which must be open. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.synchronization_info_create import SynchronizationInfoCreate

        id = self.id

        briefcase_id = self.briefcase_id

        file_size = self.file_size

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        parent_id: None | str | Unset
        if isinstance(self.parent_id, Unset):
            parent_id = UNSET
        else:
            parent_id = self.parent_id

        containing_changes: int | None | Unset
        if isinstance(self.containing_changes, Unset):
            containing_changes = UNSET
        else:
            containing_changes = self.containing_changes

        synchronization_info: dict[str, Any] | None | Unset
        if isinstance(self.synchronization_info, Unset):
            synchronization_info = UNSET
        elif isinstance(self.synchronization_info, SynchronizationInfoCreate):
            synchronization_info = self.synchronization_info.to_dict()
        else:
            synchronization_info = self.synchronization_info

        group_id: None | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "briefcaseId": briefcase_id,
                "fileSize": file_size,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if parent_id is not UNSET:
            field_dict["parentId"] = parent_id
        if containing_changes is not UNSET:
            field_dict["containingChanges"] = containing_changes
        if synchronization_info is not UNSET:
            field_dict["synchronizationInfo"] = synchronization_info
        if group_id is not UNSET:
            field_dict["groupId"] = group_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.synchronization_info_create import SynchronizationInfoCreate

        d = dict(src_dict)
        id = d.pop("id")

        briefcase_id = d.pop("briefcaseId")

        file_size = d.pop("fileSize")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_parent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent_id = _parse_parent_id(d.pop("parentId", UNSET))

        def _parse_containing_changes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        containing_changes = _parse_containing_changes(
            d.pop("containingChanges", UNSET)
        )

        def _parse_synchronization_info(
            data: object,
        ) -> None | SynchronizationInfoCreate | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                synchronization_info_type_0 = SynchronizationInfoCreate.from_dict(data)

                return synchronization_info_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SynchronizationInfoCreate | Unset, data)

        synchronization_info = _parse_synchronization_info(
            d.pop("synchronizationInfo", UNSET)
        )

        def _parse_group_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        group_id = _parse_group_id(d.pop("groupId", UNSET))

        changeset_create = cls(
            id=id,
            briefcase_id=briefcase_id,
            file_size=file_size,
            description=description,
            parent_id=parent_id,
            containing_changes=containing_changes,
            synchronization_info=synchronization_info,
            group_id=group_id,
        )

        changeset_create.additional_properties = d
        return changeset_create

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
