"""The facade's call to every operation, for tests of requests and of response handling."""

from typing import Any

from itwin_imodels._operations import imodels
from itwin_imodels._operations.call import Call
from scripts.facade_calls import IMODEL, builders, full_calls
from scripts.specs.inventory import rows
from scripts.specs.walk import operations
from tests.examples import DEFINITION, answers

CALLS: list[Call[Any]] = [
    call
    for builder in builders()
    if builder is not imodels.get_date  # reads one member of what `get` reads
    for call in full_calls(builder)
]
"""One call for each operation, or two if it has two forms of responses or two kinds of arguments."""

_OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
_IDS = {row.module.removeprefix("api."): row.operation_id for row in rows()}


def operation_id(call: Call[Any]) -> str:
    """Return the id of the operation that a call uses."""
    return _IDS[call.endpoint]


def label(call: Call[Any]) -> str:
    """Return a short name of a call for the id of a test."""
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
        return (
            {"index": int(last), "changesetIndex": int(last)} if last.isdigit() else {"id": last, "changesetId": last}
        )
    return {"id": last} if not call.name.startswith("checkpoints.") else {}


def _in_body(call: Call[Any]) -> dict[str, Any]:
    sent = call.body if isinstance(call.body, dict) else {}
    members = {
        "changesets.create": ("id", "briefcaseId"),
        "changesets.confirm": ("state", "briefcaseId"),
        "locks.update": ("briefcaseId",),
    }
    return {key: sent[key] for key in members.get(call.name, ())}
