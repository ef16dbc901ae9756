from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changeset_links_summary import ChangesetLinksSummary


T = TypeVar("T", bound="ChangesetSummary")


@_attrs_define
class ChangesetSummary:
    """The short form of a changeset in lists; it misses `application`, `synchronizationInfo` and some links."""

    id: str | Unset = UNSET
    """ Id: 40 hexadecimal digits, computed by the author from the parent's id and the content. """
    display_name: str | Unset = UNSET
    """ Text to show: the index. """
    description: None | str | Unset = UNSET
    """ What the author wrote about the push; null when nothing. """
    index: int | Unset = UNSET
    """ Place in the history, counted by the service from 1; larger than all before it, though numbers may be
    skipped. 0 is the baseline. """
    parent_id: None | str | Unset = UNSET
    """ Id of the changeset before it. Empty text for the first one; null has not been seen. """
    state: str | Unset = UNSET
    """ How far the push of a changeset has come. `waitingForFile`: announced, its file not confirmed so far;
    `fileUploaded`: complete, part of the history. """
    containing_changes: int | Unset = UNSET
    """ Kinds of change in a changeset, as a sum of the flags in `x-flags`; 0 is plain data. `Schema` stands alone,
    except that iTwin.js itself sends it together with `SchemaSync` (65). `SchemaSync` comes from the vendor's
    client, the documentation ends at 32. """
    file_size: int | Unset = UNSET
    """ Size of the file in bytes. """
    briefcase_id: int | Unset = UNSET
    """ Number of the briefcase that pushed it. """
    group_id: None | str | Unset = UNSET
    """ Changeset group it belongs to; null when to none. """
    creator_id: str | Unset = UNSET
    """ Id of the user who pushed it. """
    push_date_time: datetime.datetime | None | Unset = UNSET
    field_links: ChangesetLinksSummary | None | Unset = UNSET
    """ Addresses of what belongs to it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.changeset_links_summary import ChangesetLinksSummary

        id = self.id

        display_name = self.display_name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        index = self.index

        parent_id: None | str | Unset
        if isinstance(self.parent_id, Unset):
            parent_id = UNSET
        else:
            parent_id = self.parent_id

        state = self.state

        containing_changes = self.containing_changes

        file_size = self.file_size

        briefcase_id = self.briefcase_id

        group_id: None | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        else:
            group_id = self.group_id

        creator_id = self.creator_id

        push_date_time: None | str | Unset
        if isinstance(self.push_date_time, Unset):
            push_date_time = UNSET
        elif isinstance(self.push_date_time, datetime.datetime):
            push_date_time = self.push_date_time.isoformat()
        else:
            push_date_time = self.push_date_time

        field_links: dict[str, Any] | None | Unset
        if isinstance(self.field_links, Unset):
            field_links = UNSET
        elif isinstance(self.field_links, ChangesetLinksSummary):
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
        if description is not UNSET:
            field_dict["description"] = description
        if index is not UNSET:
            field_dict["index"] = index
        if parent_id is not UNSET:
            field_dict["parentId"] = parent_id
        if state is not UNSET:
            field_dict["state"] = state
        if containing_changes is not UNSET:
            field_dict["containingChanges"] = containing_changes
        if file_size is not UNSET:
            field_dict["fileSize"] = file_size
        if briefcase_id is not UNSET:
            field_dict["briefcaseId"] = briefcase_id
        if group_id is not UNSET:
            field_dict["groupId"] = group_id
        if creator_id is not UNSET:
            field_dict["creatorId"] = creator_id
        if push_date_time is not UNSET:
            field_dict["pushDateTime"] = push_date_time
        if field_links is not UNSET:
            field_dict["_links"] = field_links

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.changeset_links_summary import ChangesetLinksSummary

        d = dict(src_dict)
        id = d.pop("id", UNSET)

        display_name = d.pop("displayName", UNSET)

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        index = d.pop("index", UNSET)

        def _parse_parent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent_id = _parse_parent_id(d.pop("parentId", UNSET))

        state = d.pop("state", UNSET)

        containing_changes = d.pop("containingChanges", UNSET)

        file_size = d.pop("fileSize", UNSET)

        briefcase_id = d.pop("briefcaseId", UNSET)

        def _parse_group_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        group_id = _parse_group_id(d.pop("groupId", UNSET))

        creator_id = d.pop("creatorId", UNSET)

        def _parse_push_date_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                push_date_time_type_0 = datetime.datetime.fromisoformat(data)

                return push_date_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        push_date_time = _parse_push_date_time(d.pop("pushDateTime", UNSET))

        def _parse_field_links(data: object) -> ChangesetLinksSummary | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                field_links_type_0 = ChangesetLinksSummary.from_dict(data)

                return field_links_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChangesetLinksSummary | None | Unset, data)

        field_links = _parse_field_links(d.pop("_links", UNSET))

        changeset_summary = cls(
            id=id,
            display_name=display_name,
            description=description,
            index=index,
            parent_id=parent_id,
            state=state,
            containing_changes=containing_changes,
            file_size=file_size,
            briefcase_id=briefcase_id,
            group_id=group_id,
            creator_id=creator_id,
            push_date_time=push_date_time,
            field_links=field_links,
        )

        changeset_summary.additional_properties = d
        return changeset_summary

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
