from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.i_model_creation_mode import (
    IModelCreationMode,
    check_i_model_creation_mode,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.baseline_file_create import BaselineFileCreate
    from ..models.extent import Extent
    from ..models.geographic_coordinate_system import GeographicCoordinateSystem
    from ..models.i_model_template import IModelTemplate


T = TypeVar("T", bound="IModelCreate")


@_attrs_define
class IModelCreate:
    """What a new iModel shall be."""

    i_twin_id: str
    """ The iTwin that will own it. """
    name: str
    """ Name, not blank and free in that iTwin; 1 to 255 characters. """
    description: None | str | Unset = UNSET
    """ Free text of at most 255 characters. """
    extent: Extent | None | Unset = UNSET
    """ Rectangle on the Earth that it fills. """
    template: IModelTemplate | None | Unset = UNSET
    """ What to start from; goes with `fromiModelVersion`, or with no mode at all. """
    baseline_file: BaselineFileCreate | None | Unset = UNSET
    """ File to start from; goes with `fromBaseline`, or with no mode at all. Presumably not together with
    `template`. """
    containers_enabled: int | Unset = UNSET
    """ Which extra containers the iModel uses, as a sum of the flags in `x-flags`; 0 for none. """
    creation_mode: IModelCreationMode | Unset = UNSET
    """ Which way an iModel is made. The spelling `fromiModelVersion` is that of the vendor's page; a type in its
    client writes `fromIModelVersion`, and whether the service takes that too is open. `empty`: starts empty and is
    prepared in the background; `fromiModelVersion`: starts as a copy of another iModel, so `template` is needed;
    `fromBaseline`: starts from a file to be uploaded, so `baselineFile` is needed. """
    geographic_coordinate_system: GeographicCoordinateSystem | None | Unset = UNSET
    """ Where it lies on the Earth; works in all ways of creation but the deprecated one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.baseline_file_create import BaselineFileCreate
        from ..models.extent import Extent
        from ..models.geographic_coordinate_system import GeographicCoordinateSystem
        from ..models.i_model_template import IModelTemplate

        i_twin_id = self.i_twin_id

        name = self.name

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        extent: dict[str, Any] | None | Unset
        if isinstance(self.extent, Unset):
            extent = UNSET
        elif isinstance(self.extent, Extent):
            extent = self.extent.to_dict()
        else:
            extent = self.extent

        template: dict[str, Any] | None | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        elif isinstance(self.template, IModelTemplate):
            template = self.template.to_dict()
        else:
            template = self.template

        baseline_file: dict[str, Any] | None | Unset
        if isinstance(self.baseline_file, Unset):
            baseline_file = UNSET
        elif isinstance(self.baseline_file, BaselineFileCreate):
            baseline_file = self.baseline_file.to_dict()
        else:
            baseline_file = self.baseline_file

        containers_enabled = self.containers_enabled

        creation_mode: str | Unset = UNSET
        if not isinstance(self.creation_mode, Unset):
            creation_mode = self.creation_mode

        geographic_coordinate_system: dict[str, Any] | None | Unset
        if isinstance(self.geographic_coordinate_system, Unset):
            geographic_coordinate_system = UNSET
        elif isinstance(self.geographic_coordinate_system, GeographicCoordinateSystem):
            geographic_coordinate_system = self.geographic_coordinate_system.to_dict()
        else:
            geographic_coordinate_system = self.geographic_coordinate_system

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "iTwinId": i_twin_id,
                "name": name,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if extent is not UNSET:
            field_dict["extent"] = extent
        if template is not UNSET:
            field_dict["template"] = template
        if baseline_file is not UNSET:
            field_dict["baselineFile"] = baseline_file
        if containers_enabled is not UNSET:
            field_dict["containersEnabled"] = containers_enabled
        if creation_mode is not UNSET:
            field_dict["creationMode"] = creation_mode
        if geographic_coordinate_system is not UNSET:
            field_dict["geographicCoordinateSystem"] = geographic_coordinate_system

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.baseline_file_create import BaselineFileCreate
        from ..models.extent import Extent
        from ..models.geographic_coordinate_system import GeographicCoordinateSystem
        from ..models.i_model_template import IModelTemplate

        d = dict(src_dict)
        i_twin_id = d.pop("iTwinId")

        name = d.pop("name")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_extent(data: object) -> Extent | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                extent_type_0 = Extent.from_dict(data)

                return extent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Extent | None | Unset, data)

        extent = _parse_extent(d.pop("extent", UNSET))

        def _parse_template(data: object) -> IModelTemplate | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                template_type_0 = IModelTemplate.from_dict(data)

                return template_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(IModelTemplate | None | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        def _parse_baseline_file(data: object) -> BaselineFileCreate | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                baseline_file_type_0 = BaselineFileCreate.from_dict(data)

                return baseline_file_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BaselineFileCreate | None | Unset, data)

        baseline_file = _parse_baseline_file(d.pop("baselineFile", UNSET))

        containers_enabled = d.pop("containersEnabled", UNSET)

        _creation_mode = d.pop("creationMode", UNSET)
        creation_mode: IModelCreationMode | Unset
        if isinstance(_creation_mode, Unset):
            creation_mode = UNSET
        else:
            creation_mode = check_i_model_creation_mode(_creation_mode)

        def _parse_geographic_coordinate_system(
            data: object,
        ) -> GeographicCoordinateSystem | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                geographic_coordinate_system_type_0 = (
                    GeographicCoordinateSystem.from_dict(data)
                )

                return geographic_coordinate_system_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GeographicCoordinateSystem | None | Unset, data)

        geographic_coordinate_system = _parse_geographic_coordinate_system(
            d.pop("geographicCoordinateSystem", UNSET)
        )

        i_model_create = cls(
            i_twin_id=i_twin_id,
            name=name,
            description=description,
            extent=extent,
            template=template,
            baseline_file=baseline_file,
            containers_enabled=containers_enabled,
            creation_mode=creation_mode,
            geographic_coordinate_system=geographic_coordinate_system,
        )

        i_model_create.additional_properties = d
        return i_model_create

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
