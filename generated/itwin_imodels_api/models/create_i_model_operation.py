from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cloned_from import ClonedFrom
    from ..models.forked_from import ForkedFrom


T = TypeVar("T", bound="CreateIModelOperation")


@_attrs_define
class CreateIModelOperation:
    """The creation of an iModel, as a process. Whether the service adds `_links` here is open."""

    state: str | Unset = UNSET
    """ How far the creation of an iModel has come. Take a value you do not know for a failure; a page of another
    API calls the last one `sourceIsMissingFederationGuids`. `successful`: finished; `waitingForFile`: the baseline
    file has not been uploaded, or not been confirmed; `scheduled`: queued or under way; `failed`: given up;
    `mainIModelIsMissingFederationGuids`: given up, because the main iModel has elements without FederationGuid
    (forks only). Expect further values. """
    cloned_from: ClonedFrom | None | Unset = UNSET
    """ The original of a clone; null for other iModels. """
    forked_from: ForkedFrom | None | Unset = UNSET
    """ The main iModel of a fork; null for other iModels. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cloned_from import ClonedFrom
        from ..models.forked_from import ForkedFrom

        state = self.state

        cloned_from: dict[str, Any] | None | Unset
        if isinstance(self.cloned_from, Unset):
            cloned_from = UNSET
        elif isinstance(self.cloned_from, ClonedFrom):
            cloned_from = self.cloned_from.to_dict()
        else:
            cloned_from = self.cloned_from

        forked_from: dict[str, Any] | None | Unset
        if isinstance(self.forked_from, Unset):
            forked_from = UNSET
        elif isinstance(self.forked_from, ForkedFrom):
            forked_from = self.forked_from.to_dict()
        else:
            forked_from = self.forked_from

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if state is not UNSET:
            field_dict["state"] = state
        if cloned_from is not UNSET:
            field_dict["clonedFrom"] = cloned_from
        if forked_from is not UNSET:
            field_dict["forkedFrom"] = forked_from

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.cloned_from import ClonedFrom
        from ..models.forked_from import ForkedFrom

        d = dict(src_dict)
        state = d.pop("state", UNSET)

        def _parse_cloned_from(data: object) -> ClonedFrom | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cloned_from_type_0 = ClonedFrom.from_dict(data)

                return cloned_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClonedFrom | None | Unset, data)

        cloned_from = _parse_cloned_from(d.pop("clonedFrom", UNSET))

        def _parse_forked_from(data: object) -> ForkedFrom | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                forked_from_type_0 = ForkedFrom.from_dict(data)

                return forked_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ForkedFrom | None | Unset, data)

        forked_from = _parse_forked_from(d.pop("forkedFrom", UNSET))

        create_i_model_operation = cls(
            state=state,
            cloned_from=cloned_from,
            forked_from=forked_from,
        )

        create_i_model_operation.additional_properties = d
        return create_i_model_operation

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
