"""iModels."""

from collections.abc import Callable, Sequence
from typing import Any

from itwin_imodels._core import checks
from itwin_imodels._core.options import Unchanged
from itwin_imodels._operations.call import Call, read_no_content, without_none
from itwin_imodels._operations.common import (
    Detail,
    Listed,
    entity_description,
    entity_reader,
    id_in_link,
    page_reader,
    prefer_header,
    search_parameters,
)
from itwin_imodels._operations.fields import Fields
from itwin_imodels.models import (
    ContainerTypes,
    CreatedIModel,
    CreationMode,
    Extent,
    IModel,
    IModelState,
    IModelTemplate,
    MinimalIModel,
    Point,
)

_MINIMAL = frozenset({"id", "displayName", "_links"})
_FULL = _MINIMAL | {
    "name",
    "description",
    "state",
    "iTwinId",
    "createdDateTime",
    "lastChangesetPushDateTime",
    "dataCenterLocation",
    "isSecured",
    "extent",
    "containersEnabled",
}
_ORDERS = ("name", "created_date_time")


def list_imodels(
    *,
    itwin_id: str,
    name: str | None,
    search: str | None,
    state: IModelState | str | None,
    order_by: str | Sequence[str] | None,
    detail: Detail,
    top: int | None,
) -> Call[Listed]:
    """Get iTwin iModels."""
    return Call(
        name="imodels.list",
        endpoint="i_models.get_itwin_imodels",
        entity=entity_description(iTwin=checks.identifier("itwin_id", itwin_id)),
        arguments=without_none(
            i_twin_id=itwin_id,
            **search_parameters(name, search),
            state=None if state is None else checks.choice("state", state, IModelState),
            order_by=checks.order_by(order_by, _ORDERS),
            prefer=prefer_header(detail),
            top=top,
        ),
        read=page_reader(
            "iModels",
            reader(detail),
            name=name if detail == "full" else None,
            itwin_id=itwin_id if detail == "full" else None,
        ),
    )


def get(imodel_id: str) -> Call[IModel]:
    """Get iModel Details."""
    return Call(
        name="imodels.get",
        endpoint="i_models.get_imodel_details",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=entity_reader("iModel", full, id=imodel_id),
    )


def create(
    *,
    itwin_id: str,
    name: str,
    description: str | None,
    extent: Extent | None,
    creation_mode: CreationMode | str | None,
    template: IModelTemplate | None,
    baseline_file_size: int | None,
    containers_enabled: ContainerTypes | int | None,
    horizontal_crs_id: str | None,
) -> Call[CreatedIModel]:
    """Create iModel."""
    if template is not None and baseline_file_size is not None:
        raise ValueError("template and baseline_file_size are mutually exclusive: create the iModel from one of them")
    body = without_none(
        iTwinId=checks.identifier("itwin_id", itwin_id),
        name=checks.text("name", name),
        description=checks.description(description),
        extent=None if extent is None else _extent_body(extent),
        creationMode=_mode(creation_mode, template, baseline_file_size),
        template=None
        if template is None
        else {"iModelId": template.imodel_id, **without_none(changesetId=template.changeset_id)},
        baselineFile=None
        if baseline_file_size is None
        else {"size": checks.whole_number("baseline_file_size", baseline_file_size, minimum=1)},
        containersEnabled=None if containers_enabled is None else int(containers_enabled),
        geographicCoordinateSystem=None
        if horizontal_crs_id is None
        else {"horizontalCRSId": checks.identifier("horizontal_crs_id", horizontal_crs_id)},
    )
    return Call(
        name="imodels.create",
        endpoint="i_models.create_imodel",
        entity=entity_description(iTwin=itwin_id, iModel_name=repr(name)),
        body=body,
        advice=advice_on_loss(name),
        read=entity_reader("iModel", _created),
    )


def get_date(imodel_id: str) -> Call[str | None]:
    """Get iModel Details, to read the service's clock from the `Date` header of the response."""
    call = get(imodel_id)
    return Call(
        name=call.name,
        endpoint=call.endpoint,
        entity=call.entity,
        path=call.path,
        read=lambda answer: answer.headers.get("date"),
    )


def update(
    imodel_id: str,
    *,
    name: str | Unchanged,
    description: str | Unchanged | None,
    extent: Extent | Unchanged | None,
) -> Call[IModel]:
    """Update iModel."""
    body: dict[str, object] = {}
    if not isinstance(name, Unchanged):
        body["name"] = checks.text("name", name)
    if not isinstance(description, Unchanged):
        body["description"] = checks.description(description)
    if not isinstance(extent, Unchanged):
        body["extent"] = None if extent is None else _extent_body(extent)
    if not body:
        raise ValueError("nothing to update: pass name, description or extent")
    return Call(
        name="imodels.update",
        endpoint="i_models.update_imodel",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=body,
        is_idempotent=True,
        read=entity_reader("iModel", full, id=imodel_id),
    )


def delete(imodel_id: str) -> Call[None]:
    """Delete iModel."""
    return Call(
        name="imodels.delete",
        endpoint="i_models.delete_imodel",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=read_no_content,
    )


def full(fields: Fields) -> IModel:
    """Read an iModel."""
    return IModel(**_facts(fields))


def minimal(fields: Fields) -> MinimalIModel:
    """Read the short form of an iModel."""
    return MinimalIModel(id=fields.text("id"), display_name=fields.text("displayName"), extra=fields.new_to(_MINIMAL))


def reader(detail: Detail) -> Callable[[Fields], MinimalIModel]:
    """Return the reader of iModels in a list."""
    return full if detail == "full" else minimal


def advice_on_loss(name: str | None) -> str:
    """Return what to do if the response to the creation of an iModel is lost."""
    which = "with the same name" if name is None else f"named {name!r}"
    return f"an iModel {which} may exist now; check with client.imodels.get_by_name()"


def _mode(given_mode: str | None, template: IModelTemplate | None, baseline_file_size: int | None) -> str:
    if template is not None:
        fitting = CreationMode.FROM_IMODEL_VERSION
    elif baseline_file_size is not None:
        fitting = CreationMode.FROM_BASELINE
    else:
        fitting = CreationMode.EMPTY
    if given_mode is not None and checks.choice("creation_mode", given_mode, CreationMode) != fitting:
        raise ValueError(f"creation_mode {given_mode!r} contradicts the other arguments, which imply {fitting.value!r}")
    return fitting.value


def _extent_body(extent: Extent) -> dict[str, object]:
    return {
        "southWest": {"latitude": extent.south_west.latitude, "longitude": extent.south_west.longitude},
        "northEast": {"latitude": extent.north_east.latitude, "longitude": extent.north_east.longitude},
    }


def _facts(fields: Fields) -> dict[str, Any]:
    return {
        "id": fields.text("id"),
        "display_name": fields.optional_text("displayName") or fields.text("name"),
        "name": fields.text("name"),
        "description": fields.optional_text("description"),
        "state": fields.known("state", IModelState),
        "itwin_id": fields.text("iTwinId"),
        "created_date_time": fields.time("createdDateTime"),
        "last_changeset_push_date_time": fields.optional_time("lastChangesetPushDateTime"),
        "data_center_location": fields.optional_text("dataCenterLocation"),
        "is_secured": fields.flag("isSecured", default=False),
        "extent": fields.optional("extent", _extent),
        "containers_enabled": fields.flags("containersEnabled", ContainerTypes),
        "creator_id": id_in_link(fields.link("creator"), "users"),
        "extra": fields.new_to(_FULL),
    }


def _created(fields: Fields) -> CreatedIModel:
    return CreatedIModel(**_facts(fields), upload=fields.storage_link("upload"))


def _extent(fields: Fields) -> Extent:
    return Extent(south_west=_point(fields.inside("southWest")), north_east=_point(fields.inside("northEast")))


def _point(fields: Fields) -> Point:
    return fields.checked(Point, latitude=fields.real("latitude"), longitude=fields.real("longitude"))
