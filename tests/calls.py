"""A call of every operation by the facade, for tests of requests and of the handling of responses."""

from typing import Any

from itwin_imodels._core.options import UNCHANGED
from itwin_imodels._operations import briefcases, changesets, files, imodels, named_versions, people
from itwin_imodels._operations.call import Call
from itwin_imodels.models import ContainingChanges, LockLevel, PermissionGrant, SynchronizationInfo
from scripts.specs.inventory import rows
from scripts.specs.walk import operations
from tests.examples import DEFINITION, PNG, answers

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
ITWIN = "ab8c5b4e-1ad1-4bf5-a5b4-3d0b8e0a7a30"
ENTITY = "c6df9989-ee7d-4355-a9f0-5e19bee03aea"
SHA1 = "0123456789abcdef0123456789abcdef01234567"
TIME = "2027-01-31T10:00:00Z"


def _changeset_list(detail: Any) -> Call[Any]:
    return changesets.list_changesets(
        IMODEL, after_index=3, last_index=999, order_by="index desc", detail=detail, top=5
    )


def _imodel_list(detail: Any) -> Call[Any]:
    return imodels.list_imodels(
        itwin_id=ITWIN, name="Bridge", search=None, state="initialized", order_by="name desc", detail=detail, top=5
    )


def _version_list(detail: Any) -> Call[Any]:
    return named_versions.list_named_versions(
        IMODEL, name=None, search="freeze", state="visible", order_by="changeset_index", detail=detail, top=5
    )


def _both(make: Any) -> list[Call[Any]]:
    return [make("full"), make("minimal")]


_COPY: dict[str, Any] = {"itwin_id": ITWIN, "name": "Copy", "description": "", "containers_enabled": 3}
_GRANTS = [PermissionGrant(id=ENTITY, permissions=("imodels_read", "future"))]

CALLS: list[Call[Any]] = [
    *_both(_imodel_list),
    imodels.get(IMODEL),
    imodels.create(
        itwin_id=ITWIN,
        name="Bridge",
        description="Over the river",
        extent=None,
        creation_mode=None,
        template=None,
        baseline_file_size=7,
        containers_enabled=None,
        horizontal_crs_id="EPSG:3857",
    ),
    imodels.update(IMODEL, name="Bridge", description=None, extent=UNCHANGED),
    imodels.delete(IMODEL),
    imodels.clone(IMODEL, changeset=SHA1, **_COPY),
    imodels.fork(IMODEL, changeset=0, preserve_history=True, **_COPY),
    imodels.get_create_operation(IMODEL),
    *_both(lambda detail: imodels.list_favorites(itwin_id=ITWIN, detail=detail, top=5)),
    imodels.add_favorite(IMODEL),
    imodels.remove_favorite(IMODEL),
    *_both(lambda detail: imodels.list_recents(itwin_id=ITWIN, detail=detail, top=5)),
    imodels.add_recent(IMODEL),
    imodels.remove_recent(IMODEL),
    *_both(
        lambda detail: briefcases.list_briefcases(
            IMODEL, owner_id="me", order_by="acquired_date_time desc", detail=detail, top=5
        )
    ),
    briefcases.get(IMODEL, 2),
    briefcases.acquire(IMODEL, device_name="ci-7"),
    briefcases.release(IMODEL, 2),
    briefcases.list_locks(IMODEL, briefcase_id=2, level="shared", top=5),
    briefcases.update_locks(IMODEL, 2, {LockLevel.EXCLUSIVE: ["0x1"], LockLevel.NONE: ["0x2"]}, changeset_id=SHA1),
    briefcases.release_locks_chunk(IMODEL, 2, changeset_id=SHA1),
    briefcases.list_released_locks(IMODEL, after_changeset_index=3, top=5),
    *_both(_changeset_list),
    changesets.get(IMODEL, SHA1),
    changesets.get(IMODEL, 7),
    changesets.create(
        IMODEL,
        changeset_id=SHA1,
        parent_id=None,
        briefcase_id=2,
        file_size=7,
        description="North pier",
        containing_changes=ContainingChanges.SCHEMA,
        synchronization_info=SynchronizationInfo(task_id="1", changed_files=["a.dgn"]),
        group_id=ENTITY,
    ),
    changesets.confirm(IMODEL, SHA1, briefcase_id=2),
    changesets.list_extended_data(IMODEL, top=5),
    changesets.get_extended_data(IMODEL, 7),
    changesets.create_extended_data(IMODEL, 7, {"a": 1}),
    changesets.list_groups(IMODEL, top=5),
    changesets.get_group(IMODEL, ENTITY),
    changesets.create_group(IMODEL, description="Nightly"),
    changesets.close_group(IMODEL, ENTITY),
    *_both(_version_list),
    named_versions.get(IMODEL, ENTITY),
    named_versions.create(IMODEL, name="Design freeze", changeset_id=SHA1, description=""),
    named_versions.update(IMODEL, ENTITY, name="Design freeze", description=None, state="hidden"),
    named_versions.get_latest_checkpoint(IMODEL),
    named_versions.get_changeset_checkpoint(IMODEL, 0),
    named_versions.get_named_version_checkpoint(IMODEL, ENTITY),
    named_versions.create_named_version_checkpoint(IMODEL, ENTITY),
    files.get_baseline(IMODEL),
    files.complete_baseline(IMODEL),
    files.get_thumbnail(IMODEL, size="large"),
    files.put_thumbnail(IMODEL, PNG),
    *_both(lambda detail: people.list_users(IMODEL, order_by="given_name", detail=detail, top=5)),
    people.get_user(IMODEL, ENTITY),
    people.get_permissions(IMODEL),
    people.get_role_permissions(IMODEL),
    people.update_role_permissions(IMODEL, _GRANTS),
    people.get_user_permissions(IMODEL),
    people.update_user_permissions(IMODEL, _GRANTS),
    people.list_shares(IMODEL, top=5),
    people.get_share(IMODEL, ENTITY),
    people.create_share(IMODEL, name="Review", expires_at=TIME, permission="imodels_read"),
    people.update_share(IMODEL, ENTITY, expires_at=TIME),
    people.revoke_share(IMODEL, ENTITY),
]
"""One for each operation; of those with two forms of answers, and two kinds of arguments, two."""

_OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
_IDS = {row.module.removeprefix("api."): row.operation_id for row in rows()}


def operation_id(call: Call[Any]) -> str:
    """The operation that a call is of."""
    return _IDS[call.endpoint]


def label(call: Call[Any]) -> str:
    """A short name for a test's id."""
    detail = {"return=minimal": "-minimal", "return=representation": "-full"}
    return f"{call.name}{detail.get(str(call.arguments.get('prefer')), '')}"


def examples(call: Call[Any]) -> list[Any]:
    """Return the JSON of the definition's successful responses in the requested form, about the requested entities."""
    wanted = {"return=minimal": "minimal", "return=representation": "representation"}
    name = wanted.get(str(call.arguments.get("prefer")))
    found = [answer for answer in answers(_OPERATIONS[operation_id(call)]) if answer.status < 300]
    return [
        about_requested(call, each.value)
        for each in found
        if isinstance(each.value, dict) and (name is None or name in each.name)
    ]


def about_requested(call: Call[Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return a response whose entities are those that a call requests."""
    requested = _filters(call) if ".list" in call.name else {**_in_path(call), **_in_body(call)}

    def changed(entity: Any) -> Any:
        if not isinstance(entity, dict):
            return entity
        return {**entity, **{key: each for key, each in requested.items() if key in entity}}

    return {
        key: [changed(each) for each in member] if isinstance(member, list) else changed(member)
        for key, member in value.items()
    }


def _filters(call: Call[Any]) -> dict[str, Any]:
    members = {"i_twin_id": "iTwinId", "name": "name", "state": "state", "briefcase_id": "briefcaseId"}
    return {members[key]: value for key, value in call.arguments.items() if key in members}


def _in_path(call: Call[Any]) -> dict[str, Any]:
    if len(call.path) < 2:
        return {"id": IMODEL} if call.name in {"imodels.get", "imodels.update"} else {}
    last = call.path[1]
    if call.name.startswith("briefcases."):
        return {"briefcaseId": int(last)}
    if call.endpoint.startswith("changesets."):
        return {"index": int(last), "changesetIndex": int(last)} if last.isdigit() else {"id": last}
    return {"id": last} if not call.name.startswith("checkpoints.") else {}


def _in_body(call: Call[Any]) -> dict[str, Any]:
    sent = call.body if isinstance(call.body, dict) else {}
    members = {
        "changesets.create": ("id", "briefcaseId"),
        "changesets.confirm": ("state", "briefcaseId"),
        "locks.update": ("briefcaseId",),
    }
    return {key: sent[key] for key in members.get(call.name, ())}
