"""iModels and the operations that create them."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.options import Unchanged
from itwin_imodels._operations.call import Call, ServiceResponse, read_no_content, without_none
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
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import (
    ContainerTypes,
    CopiedIModel,
    CopySource,
    CreatedIModel,
    CreateOperation,
    CreationMode,
    Extent,
    IModel,
    IModelCreationState,
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
_OPERATION = frozenset({"state", "clonedFrom", "forkedFrom", "_links"})
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
        else {"size": checks.whole_number("baseline_file_size", baseline_file_size, least=1)},
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
        advice=_advice(name),
        read=entity_reader("iModel", _created),
    )


def get_date(imodel_id: str) -> Call[str | None]:
    """Get iModel Details, to read the service's clock from the header `Date` of the response."""
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


def clone(
    imodel_id: str,
    *,
    itwin_id: str,
    name: str | None,
    description: str | None,
    changeset: str | int | None,
    containers_enabled: ContainerTypes | int | None,
) -> Call[CopiedIModel]:
    """Clone iModel."""
    return Call(
        name="imodels.clone",
        endpoint="i_models.clone_imodel",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=_copy_body(itwin_id, name, description, changeset, containers_enabled),
        advice=_advice(name),
        read=_copied(imodel_id),
    )


def fork(
    imodel_id: str,
    *,
    itwin_id: str,
    name: str | None,
    description: str | None,
    changeset: str | int | None,
    containers_enabled: ContainerTypes | int | None,
    preserve_history: bool | None,
) -> Call[CopiedIModel]:
    """Fork iModel."""
    body = _copy_body(itwin_id, name, description, changeset, containers_enabled)
    body.update(without_none(preserveHistory=preserve_history))
    return Call(
        name="imodels.fork",
        endpoint="i_models.fork_imodel",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=body,
        advice=_advice(name),
        read=_copied(imodel_id),
    )


def get_create_operation(imodel_id: str) -> Call[CreateOperation]:
    """Get Create iModel Operation Details."""
    return Call(
        name="operations.get",
        endpoint="operations.get_create_imodel_operation_details",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=entity_reader("createOperation", lambda fields: _operation(fields, imodel_id)),
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


def _advice(name: str | None) -> str:
    which = "of the same name" if name is None else f"named {name!r}"
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


def _copy_body(
    itwin_id: str,
    name: str | None,
    description: str | None,
    changeset: str | int | None,
    containers_enabled: ContainerTypes | int | None,
) -> dict[str, object]:
    point: dict[str, object] = {}
    if changeset in {"", 0}:
        point = {"changesetIndex": 0}
    elif changeset is not None:
        key = "changesetIndex" if isinstance(changeset, int) else "changesetId"
        point = {key: checks.changeset(changeset)}
    return without_none(
        iTwinId=checks.identifier("itwin_id", itwin_id),
        name=None if name is None else checks.text("name", name),
        description=checks.description(description),
        containersEnabled=None if containers_enabled is None else int(containers_enabled),
        **point,
    )


def _copied(source_id: str) -> Callable[[ServiceResponse], CopiedIModel]:
    def read(answer: ServiceResponse) -> CopiedIModel:
        imodel_id = id_in_link(answer.headers.get("location"), "imodels")
        if imodel_id is None:
            raise UnexpectedResponse("its header Location does not contain the id of an iModel")
        return CopiedIModel(imodel_id=imodel_id, source_id=source_id)

    return read


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


def _operation(fields: Fields, imodel_id: str) -> CreateOperation:
    return CreateOperation(
        imodel_id=imodel_id,
        state=fields.known("state", IModelCreationState),
        cloned_from=fields.optional("clonedFrom", _source),
        forked_from=fields.optional("forkedFrom", _fork_source),
        extra=fields.new_to(_OPERATION),
    )


def _source(fields: Fields) -> CopySource:
    return CopySource(imodel_id=fields.text("iModelId"), changeset_id=fields.id_text("changesetId"))


def _fork_source(fields: Fields) -> CopySource:
    return attrs.evolve(_source(fields), relationship_id=fields.id_text("relationshipId"))
