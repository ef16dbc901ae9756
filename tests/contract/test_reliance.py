"""What the facade relies on is what it sends and reads, and the definition promises all of it.

Each way in which a definition could break the facade is made on purpose, and found by name.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts.reliance import record
from scripts.specs.reliance import RELIANCE, dump, load, problems
from scripts.specs.walk import operations, resolved
from tests.contract.wire_goldens import GOLDENS
from tests.definition import Schemas, by_id, committed
from tests.examples import DEFINITION, routes

Document = dict[str, Any]


def schema(document: Document, name: str) -> Any:
    """A schema by its name."""
    return document["components"]["schemas"][name]


def new_required_property(document: Document) -> None:
    """Acquiring a briefcase now takes more."""
    acquire = schema(document, "BriefcaseAcquire")
    acquire["properties"]["purpose"] = {"type": "string"}
    acquire["required"] = ["purpose"]


def optional_property_required(document: Document) -> None:
    """What may be left out today has to be sent."""
    schema(document, "BriefcaseAcquire")["required"] = ["deviceName"]


def nested_property_required(document: Document) -> None:
    """An entry of a list that is sent now takes more."""
    schema(document, "LockedObjects")["properties"]["reason"] = {"type": "string"}
    schema(document, "LockedObjects").setdefault("required", []).append("reason")


def list_becomes_object(document: Document) -> None:
    """The locked objects of an answer stand in an object."""
    schema(document, "Lock")["properties"]["lockedObjects"] = {"type": "object"}


def renamed_answer_property(document: Document) -> None:
    """The end of releasing is told under another name."""
    properties = schema(document, "ReleaseLocksChunkResponse")["properties"]
    properties["lastChunk"] = properties.pop("isLastChunk")


def link_becomes_text(document: Document) -> None:
    """A link is its address alone."""
    schema(document, "ChangesetLinks")["properties"]["download"] = {"type": "string"}


def number_becomes_text(document: Document) -> None:
    """An index is text."""
    schema(document, "Changeset")["properties"]["index"] = {"type": "string"}


def renamed_list(document: Document) -> None:
    """A list has another name."""
    properties = schema(document, "BriefcasesRepresentation")["properties"]
    properties["items"] = properties.pop("briefcases")
    del schema(document, "BriefcasesMinimal")["properties"]["briefcases"]


def sent_property_gone(document: Document) -> None:
    """A property of a request goes."""
    del schema(document, "ChangesetCreate")["properties"]["groupId"]


def sent_property_of_another_type(document: Document) -> None:
    """A number of a request is text."""
    schema(document, "ChangesetCreate")["properties"]["fileSize"] = {"type": "string"}


def parameter_required(document: Document) -> None:
    """A filter has to be given."""
    parameter(document, "get-imodel-locks", "lockLevel")["required"] = True


def unknown_parameter_required(document: Document) -> None:
    """A parameter comes that has to be given."""
    node = next(each for each in operations(document) if each.id == "get-imodel-locks").node
    node["parameters"].append({"name": "region", "in": "query", "required": True, "schema": {"type": "string"}})


def parameter_renamed(document: Document) -> None:
    """A filter has another name."""
    parameter(document, "get-imodel-changesets", "afterIndex")["name"] = "after"


def body_gone(document: Document) -> None:
    """An operation takes no body."""
    del next(each for each in operations(document) if each.id == "update-imodel-locks").node["requestBody"]


def header_gone(document: Document) -> None:
    """An answer does not say where the copy is."""
    node = next(each for each in operations(document) if each.id == "clone-imodel").node
    del node["responses"]["202"]["headers"]


def operation_gone(document: Document) -> None:
    """An operation goes."""
    del document["paths"]["/{id}/locks"]["get"]


def parameter(document: Document, operation: str, name: str) -> Any:
    """A parameter of an operation."""
    node = next(each for each in operations(document) if each.id == operation).node
    return next(found for each in node["parameters"] if (found := resolved(document, each))["name"] == name)


BREAKING: list[tuple[Callable[[Document], None], str, str, str]] = [
    (new_required_property, "acquire-imodel-briefcase", "purpose is required", "briefcases.acquire"),
    (optional_property_required, "acquire-imodel-briefcase", "deviceName is required", "briefcases.acquire"),
    (nested_property_required, "update-imodel-locks", "lockedObjects[].reason is required", "locks.update"),
    (list_becomes_object, "get-imodel-locks", "locks[].lockedObjects can be object", "locks.list"),
    (renamed_answer_property, "release-imodel-locks-chunk", "isLastChunk is not in", "locks.release_chunk"),
    (link_becomes_text, "get-imodel-changeset-details", "_links.download can be string", "changesets.get"),
    (number_becomes_text, "get-imodel-changeset-details", "changeset.index can be string", "changesets.get"),
    (renamed_list, "get-imodel-briefcases", "briefcases is not in", "briefcases.list"),
    (sent_property_gone, "create-imodel-changeset", "groupId is not in", "changesets.create"),
    (sent_property_of_another_type, "create-imodel-changeset", "fileSize takes string", "changesets.create"),
    (parameter_required, "get-imodel-locks", "query parameter lockLevel is required", "locks.list"),
    (unknown_parameter_required, "get-imodel-locks", "query parameter region is required", "locks.list"),
    (parameter_renamed, "get-imodel-changesets", "query parameter afterIndex is not in", "changesets.list"),
    (body_gone, "update-imodel-locks", "no JSON body", "locks.update"),
    (header_gone, "clone-imodel", "header Location is not in", "imodels.clone"),
    (operation_gone, "get-imodel-locks", "the operation is gone", "locks.list"),
]


def test_the_record_is_what_the_facade_sends_and_reads() -> None:
    """A change of a builder or a reader shows in the record, where it is reviewed: `make reliance`."""
    assert dump(record()) == RELIANCE.read_bytes()


def test_the_definition_promises_what_the_facade_relies_on() -> None:
    """Each property and parameter exists with a type that fits, and what is required is always sent."""
    assert problems(committed(), load()) == []


@pytest.mark.parametrize(
    ("change", "operation", "what", "method"), BREAKING, ids=[change.__name__ for change, *_ in BREAKING]
)
def test_an_incompatible_change_is_found_by_name(
    change: Callable[[Document], None], operation: str, what: str, method: str
) -> None:
    """The message names operation, property, facade method and what to do."""
    document = copy.deepcopy(DEFINITION)
    change(document)
    found = [each for each in problems(document, load()) if each.startswith(f"{operation}: ") and what in each]
    assert found, problems(document, load())
    assert method in found[0]
    assert "make reliance" in found[0]


def test_every_recorded_request_has_a_body_that_the_definition_allows() -> None:
    """The goldens' bodies fit the schema of their operation's request. Enumerations are open: a new value passes."""
    schemas, defined = Schemas(committed()), by_id(committed())
    goldens = json.loads(GOLDENS.read_text(encoding="utf-8"))
    checked = 0
    for request in (each for calls in goldens.values() for requests in calls.values() for each in requests):
        if not isinstance(request["body"], dict):
            continue
        (name,) = [
            each.id
            for method, path, each in routes()
            if method == request["method"] and path.fullmatch(request["path"])
        ]
        body, place = defined[name].node["requestBody"], (*defined[name].pointer, "requestBody")
        (address,) = schemas.addresses(body, *place)
        assert schemas.errors(request["body"], address, besides="enum") == [], name
        checked += 1
    assert checked > 20
