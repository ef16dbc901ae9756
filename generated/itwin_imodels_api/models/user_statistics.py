from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.user_application_statistics import UserApplicationStatistics


T = TypeVar("T", bound="UserStatistics")


@_attrs_define
class UserStatistics:
    """Figures about a user's work on the iModel."""

    pushed_changesets_count: int | Unset = UNSET
    """ How many changesets the user pushed. """
    last_changeset_push_date: datetime.datetime | None | Unset = UNSET
    """ When the user last pushed, in UTC; null without a push. """
    created_versions_count: int | Unset = UNSET
    """ How many Named Versions the user made. """
    last_access_time: datetime.datetime | None | Unset = UNSET
    """ When the user last had access to the iModel, in UTC. Stands in one example of the documentation only. """
    briefcases_count: int | Unset = UNSET
    """ How many briefcases the user holds. """
    applications: list[UserApplicationStatistics] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pushed_changesets_count = self.pushed_changesets_count

        last_changeset_push_date: None | str | Unset
        if isinstance(self.last_changeset_push_date, Unset):
            last_changeset_push_date = UNSET
        elif isinstance(self.last_changeset_push_date, datetime.datetime):
            last_changeset_push_date = self.last_changeset_push_date.isoformat()
        else:
            last_changeset_push_date = self.last_changeset_push_date

        created_versions_count = self.created_versions_count

        last_access_time: None | str | Unset
        if isinstance(self.last_access_time, Unset):
            last_access_time = UNSET
        elif isinstance(self.last_access_time, datetime.datetime):
            last_access_time = self.last_access_time.isoformat()
        else:
            last_access_time = self.last_access_time

        briefcases_count = self.briefcases_count

        applications: list[dict[str, Any]] | None | Unset
        if isinstance(self.applications, Unset):
            applications = UNSET
        elif isinstance(self.applications, list):
            applications = []
            for applications_type_0_item_data in self.applications:
                applications_type_0_item = applications_type_0_item_data.to_dict()
                applications.append(applications_type_0_item)

        else:
            applications = self.applications

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if pushed_changesets_count is not UNSET:
            field_dict["pushedChangesetsCount"] = pushed_changesets_count
        if last_changeset_push_date is not UNSET:
            field_dict["lastChangesetPushDate"] = last_changeset_push_date
        if created_versions_count is not UNSET:
            field_dict["createdVersionsCount"] = created_versions_count
        if last_access_time is not UNSET:
            field_dict["lastAccessTime"] = last_access_time
        if briefcases_count is not UNSET:
            field_dict["briefcasesCount"] = briefcases_count
        if applications is not UNSET:
            field_dict["applications"] = applications

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.user_application_statistics import UserApplicationStatistics

        d = dict(src_dict)
        pushed_changesets_count = d.pop("pushedChangesetsCount", UNSET)

        def _parse_last_changeset_push_date(
            data: object,
        ) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_changeset_push_date_type_0 = datetime.datetime.fromisoformat(data)

                return last_changeset_push_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_changeset_push_date = _parse_last_changeset_push_date(
            d.pop("lastChangesetPushDate", UNSET)
        )

        created_versions_count = d.pop("createdVersionsCount", UNSET)

        def _parse_last_access_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_access_time_type_0 = datetime.datetime.fromisoformat(data)

                return last_access_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        last_access_time = _parse_last_access_time(d.pop("lastAccessTime", UNSET))

        briefcases_count = d.pop("briefcasesCount", UNSET)

        def _parse_applications(
            data: object,
        ) -> list[UserApplicationStatistics] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                applications_type_0 = []
                _applications_type_0 = data
                for applications_type_0_item_data in _applications_type_0:
                    applications_type_0_item = UserApplicationStatistics.from_dict(
                        applications_type_0_item_data
                    )

                    applications_type_0.append(applications_type_0_item)

                return applications_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UserApplicationStatistics] | None | Unset, data)

        applications = _parse_applications(d.pop("applications", UNSET))

        user_statistics = cls(
            pushed_changesets_count=pushed_changesets_count,
            last_changeset_push_date=last_changeset_push_date,
            created_versions_count=created_versions_count,
            last_access_time=last_access_time,
            briefcases_count=briefcases_count,
            applications=applications,
        )

        user_statistics.additional_properties = d
        return user_statistics

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
