from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.baseline_file_links import BaselineFileLinks


T = TypeVar("T", bound="BaselineFile")


@_attrs_define
class BaselineFile:
    """The file that an iModel starts from."""

    id: str | Unset = UNSET
    """ Id of the file. """
    display_name: str | Unset = UNSET
    """ Name of the file. """
    file_size: int | Unset = UNSET
    """ Size in bytes; `size` in v1. """
    state: str | Unset = UNSET
    """ How far the baseline file has come. `initialized`: usable; `initializationScheduled`: upload confirmed,
    preparation queued or under way; `waitingForFile`: upload not confirmed so far; `initializationFailed`:
    preparation given up; `fileIsBriefcase`: refused, since the file is somebody's briefcase instead of a standalone
    iModel. """
    field_links: BaselineFileLinks | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_file_links import BaselineFileLinks

        id = self.id

        display_name = self.display_name

        file_size = self.file_size

        state = self.state

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, BaselineFileLinks):
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
        if file_size is not UNSET:
            field_dict["fileSize"] = file_size
        if state is not UNSET:
            field_dict["state"] = state
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_file_links import BaselineFileLinks

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        display_name = d.pop("displayName", UNSET)

        file_size = d.pop("fileSize", UNSET)

        state = d.pop("state", UNSET)

        def _parse_field_links(data: object) -> BaselineFileLinks | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = BaselineFileLinks.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineFileLinks | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        baseline_file = cls(
            id=id,
            display_name=display_name,
            file_size=file_size,
            state=state,
            field_links=field_links,
        )

        baseline_file.additional_properties = d
        return baseline_file

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
