"""Copies of iModels, and the state of the creation of an iModel."""

from collections.abc import Callable

import attrs

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, ServiceResponse, without_none
from itwin_imodels._operations.common import entity_description, entity_reader, id_in_link
from itwin_imodels._operations.fields import Fields
from itwin_imodels._operations.imodels import advice_on_loss
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ContainerTypes, CopiedIModel, CopySource, CreateOperation, IModelCreationState

_OPERATION = frozenset({"state", "clonedFrom", "forkedFrom", "_links"})


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
        advice=advice_on_loss(name),
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
        advice=advice_on_loss(name),
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
            raise UnexpectedResponse("its Location header does not contain the id of an iModel")
        return CopiedIModel(imodel_id=imodel_id, source_id=source_id)

    return read


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
