"""Named Versions and checkpoints."""

from collections.abc import Sequence
from typing import Any

from itwin_imodels._core import checks
from itwin_imodels._core.options import Unchanged
from itwin_imodels._operations.call import Call, without_none
from itwin_imodels._operations.common import (
    Detail,
    Listed,
    application,
    entity_description,
    entity_reader,
    id_in_link,
    of_changeset,
    page_reader,
    prefer_header,
    search_parameters,
)
from itwin_imodels._operations.fields import Fields
from itwin_imodels.models import (
    Checkpoint,
    CheckpointState,
    DirectoryAccess,
    MinimalNamedVersion,
    NamedVersion,
    NamedVersionState,
)

_MINIMAL = frozenset({"id", "displayName", "changesetId", "changesetIndex", "_links"})
_FULL = _MINIMAL | {"name", "description", "state", "createdDateTime", "application"}
_CHECKPOINT = frozenset(
    {
        "id",
        "displayName",
        "changesetIndex",
        "changesetId",
        "size",
        "state",
        "dbName",
        "containerAccessInfo",
        "directoryAccessInfo",
        "_links",
    }
)
_ORDERS = ("changeset_index", "created_date_time")


def list_named_versions(
    imodel_id: str,
    *,
    name: str | None,
    search: str | None,
    state: NamedVersionState | str | None,
    order_by: str | Sequence[str] | None,
    detail: Detail,
    top: int | None,
) -> Call[Listed]:
    """Get iModel Named Versions."""
    read = _full if detail == "full" else _minimal
    return Call(
        name="named_versions.list",
        endpoint="named_versions.get_imodel_named_versions",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(
            **search_parameters(name, search),
            state=None if state is None else checks.choice("state", state, NamedVersionState),
            order_by=checks.order_by(order_by, _ORDERS),
            prefer=prefer_header(detail),
            top=top,
        ),
        read=page_reader(
            "namedVersions",
            lambda fields: read(fields, imodel_id),
            name=name if detail == "full" else None,
        ),
    )


def get(imodel_id: str, named_version_id: str) -> Call[NamedVersion]:
    """Get iModel Named Version Details."""
    return Call(
        name="named_versions.get",
        endpoint="named_versions.get_imodel_named_version_details",
        entity=_about(imodel_id, named_version_id),
        path=(imodel_id, named_version_id),
        read=entity_reader("namedVersion", lambda fields: _full(fields, imodel_id), id=named_version_id),
    )


def create(imodel_id: str, *, name: str, changeset_id: str | None, description: str | None) -> Call[NamedVersion]:
    """Create iModel Named Version."""
    body = without_none(
        name=checks.text("name", name),
        description=checks.description(description),
        changesetId=checks.optional_changeset_id("changeset_id", changeset_id),
    )
    return Call(
        name="named_versions.create",
        endpoint="named_versions.create_imodel_named_version",
        entity=entity_description(
            checks.identifier("imodel_id", imodel_id), Named_Version_name=repr(name), changeset=changeset_id
        ),
        path=(imodel_id,),
        body=body,
        advice="check with client.named_versions.get_by_name()",
        read=entity_reader("namedVersion", lambda fields: _full(fields, imodel_id)),
    )


def update(
    imodel_id: str,
    named_version_id: str,
    *,
    name: str | Unchanged,
    description: str | Unchanged | None,
    state: NamedVersionState | str | Unchanged,
) -> Call[NamedVersion]:
    """Update iModel Named Version."""
    body: dict[str, object] = {}
    if not isinstance(name, Unchanged):
        body["name"] = checks.text("name", name)
    if not isinstance(description, Unchanged):
        body["description"] = checks.description(description)
    if not isinstance(state, Unchanged):
        body["state"] = checks.choice("state", state, NamedVersionState)
    if not body:
        raise ValueError("nothing to update: pass name, description or state")
    return Call(
        name="named_versions.update",
        endpoint="named_versions.update_imodel_named_version",
        entity=_about(imodel_id, named_version_id),
        path=(imodel_id, named_version_id),
        body=body,
        is_idempotent=True,
        read=entity_reader("namedVersion", lambda fields: _full(fields, imodel_id), id=named_version_id),
    )


def get_latest_checkpoint(imodel_id: str) -> Call[Checkpoint]:
    """Get Briefcase Checkpoint."""
    return Call(
        name="checkpoints.latest",
        endpoint="briefcases.get_briefcase_checkpoint",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=entity_reader("checkpoint", lambda fields: _checkpoint(fields, imodel_id)),
    )


def get_changeset_checkpoint(imodel_id: str, changeset: str | int) -> Call[Checkpoint]:
    """Get Changeset Checkpoint."""
    return Call(
        name="checkpoints.get",
        endpoint="changesets.get_changeset_checkpoint",
        entity=entity_description(checks.identifier("imodel_id", imodel_id), changeset=checks.changeset(changeset)),
        path=(imodel_id, str(checks.changeset(changeset))),
        read=entity_reader(
            "checkpoint", lambda fields: _checkpoint(fields, imodel_id), **of_changeset(changeset, "changeset_")
        ),
    )


def get_named_version_checkpoint(imodel_id: str, named_version_id: str) -> Call[Checkpoint]:
    """Get Named Version Checkpoint."""
    return Call(
        name="checkpoints.get_for_named_version",
        endpoint="named_versions.get_named_version_checkpoint",
        entity=_about(imodel_id, named_version_id),
        path=(imodel_id, named_version_id),
        read=entity_reader("checkpoint", lambda fields: _checkpoint(fields, imodel_id)),
    )


def create_named_version_checkpoint(imodel_id: str, named_version_id: str) -> Call[Checkpoint]:
    """Update Named Version Checkpoint."""
    return Call(
        name="checkpoints.create_for_named_version",
        endpoint="named_versions.update_named_version_checkpoint",
        entity=_about(imodel_id, named_version_id),
        path=(imodel_id, named_version_id),
        read=entity_reader("checkpoint", lambda fields: _checkpoint(fields, imodel_id)),
    )


def _about(imodel_id: str, named_version_id: str) -> str:
    return entity_description(
        checks.identifier("imodel_id", imodel_id),
        Named_Version=checks.identifier("named_version_id", named_version_id),
    )


def _minimal(fields: Fields, imodel_id: str) -> MinimalNamedVersion:
    return MinimalNamedVersion(**_facts(fields, imodel_id), extra=fields.new_to(_MINIMAL))


def _full(fields: Fields, imodel_id: str) -> NamedVersion:
    return NamedVersion(
        **_facts(fields, imodel_id),
        name=fields.text("name"),
        description=fields.optional_text("description"),
        state=fields.known("state", NamedVersionState),
        created_date_time=fields.time("createdDateTime"),
        application=fields.optional("application", application),
        creator_id=id_in_link(fields.link("creator"), "users"),
        extra=fields.new_to(_FULL),
    )


def _facts(fields: Fields, imodel_id: str) -> dict[str, Any]:
    return {
        "imodel_id": imodel_id,
        "id": fields.text("id"),
        "display_name": fields.optional_text("displayName") or fields.text("name"),
        "changeset_id": fields.id_text("changesetId"),
        "changeset_index": fields.number("changesetIndex"),
    }


def _checkpoint(fields: Fields, imodel_id: str) -> Checkpoint:
    return Checkpoint(
        imodel_id=imodel_id,
        changeset_index=fields.index("changesetIndex"),
        changeset_id=fields.id_text("changesetId"),
        state=fields.known("state", CheckpointState),
        size=fields.optional_number("size"),
        db_name=fields.optional_text("dbName"),
        directory_access=fields.optional("directoryAccessInfo", _directory_access),
        download=fields.storage_link("download"),
        extra=fields.new_to(_CHECKPOINT),
    )


def _directory_access(fields: Fields) -> DirectoryAccess:
    azure = fields.optional("azure", lambda access: access.optional_text("sasToken"))
    google = fields.optional("google", lambda access: access.optional_text("authorization"))
    return DirectoryAccess(
        base_url=fields.text("baseUrl"),
        storage=fields.optional_text("storage"),
        base_directory=fields.text("baseDirectory"),
        storage_type=fields.optional_text("storageType") or "azure",
        credential=azure or google,
    )
