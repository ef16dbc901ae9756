"""The facade relies on what it sends and reads, and the definition contains all of it.

Each kind of incompatible change is made, and must be reported by name.
"""

import copy
import importlib
import json
import re
from collections.abc import Callable, Iterator
from math import inf
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest

from itwin_imodels._operations import endpoints
from scripts.reliance import record
from scripts.specs.correct import readable
from scripts.specs.diff import explain
from scripts.specs.endpoints import path_names, read_endpoint
from scripts.specs.reliance import RELIANCE, dump, load, problems
from scripts.specs.walk import operations, resolved
from scripts.toolkit import ToolError
from tests.contract.mutations import COMPATIBLE, FORMS
from tests.contract.wire_goldens import GOLDENS
from tests.definition import Schemas, by_id, committed
from tests.examples import DEFINITION, routes

Document = dict[str, Any]

NEW_VALUE = "imodels_new"
"""A golden sends this permission to show that values unknown to the client pass through."""


def schema(document: Document, name: str) -> Any:
    """A schema by its name."""
    return document["components"]["schemas"][name]


def new_required_property(document: Document) -> None:
    """Require another property for acquiring a briefcase."""
    acquire = schema(document, "BriefcaseAcquire")
    acquire["properties"]["purpose"] = {"type": "string"}
    acquire["required"] = ["purpose"]


def optional_property_required(document: Document) -> None:
    """What may be left out today has to be sent."""
    schema(document, "BriefcaseAcquire")["required"] = ["deviceName"]


def inherited_property_required(document: Document) -> None:
    """The body is a base and what it adds, which is required: the form in which many tools write inheritance."""
    schemas = document["components"]["schemas"]
    schemas["Base"] = schemas["BriefcaseAcquire"]
    added = {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]}
    schemas["BriefcaseAcquire"] = {"allOf": [{"$ref": "#/components/schemas/Base"}, added]}


def required_beside_the_base(document: Document) -> None:
    """What the base may leave out, the body may not."""
    schemas = document["components"]["schemas"]
    schemas["Base"] = schemas["BriefcaseAcquire"]
    schemas["BriefcaseAcquire"] = {"allOf": [{"$ref": "#/components/schemas/Base"}], "required": ["deviceName"]}


def cookie_required(document: Document) -> None:
    """Require a cookie."""
    parameters = operation_of(document, "get-imodel-locks")["parameters"]
    parameters.append({"name": "session", "in": "cookie", "required": True, "schema": {"type": "string"}})


def body_required(document: Document) -> None:
    """Add a required body to a request without one."""
    content = {"application/json": {"schema": {"type": "object"}}}
    operation_of(document, "delete-imodel")["requestBody"] = {"required": True, "content": content}


def picture_in_json(document: Document) -> None:
    """Send a picture as a string in JSON."""
    content = {"application/json": {"schema": {"type": "object", "properties": {"data": {"type": "string"}}}}}
    operation_of(document, "upload-imodel-thumbnail")["requestBody"]["content"] = content


def operation_of(document: Document, name: str) -> Any:
    """An operation by its id."""
    return next(each.node for each in operations(document) if each.id == name)


def nested_property_required(document: Document) -> None:
    """Require another property in an entry of a list that is sent."""
    schema(document, "LockedObjects")["properties"]["reason"] = {"type": "string"}
    schema(document, "LockedObjects").setdefault("required", []).append("reason")


def list_becomes_object(document: Document) -> None:
    """Put the locked objects of a response into an object."""
    schema(document, "Lock")["properties"]["lockedObjects"] = {"type": "object"}


def renamed_answer_property(document: Document) -> None:
    """The end of releasing is reported under another name."""
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
    """Make a filter required."""
    parameter(document, "get-imodel-locks", "lockLevel")["required"] = True


def unknown_parameter_required(document: Document) -> None:
    """Add a required parameter."""
    node = next(each for each in operations(document) if each.id == "get-imodel-locks").node
    node["parameters"].append({"name": "region", "in": "query", "required": True, "schema": {"type": "string"}})


def parameter_renamed(document: Document) -> None:
    """A filter has another name."""
    parameter(document, "get-imodel-changesets", "afterIndex")["name"] = "after"


def body_gone(document: Document) -> None:
    """Remove the body of an operation."""
    del next(each for each in operations(document) if each.id == "update-imodel-locks").node["requestBody"]


def header_gone(document: Document) -> None:
    """Remove the header with the URL of the copy from a response."""
    node = next(each for each in operations(document) if each.id == "clone-imodel").node
    del node["responses"]["202"]["headers"]


def answer_gone(document: Document) -> None:
    """Remove the body of a response."""
    del operation_of(document, "get-imodel-changesets")["responses"]["200"]["content"]


def list_in_an_envelope(document: Document) -> None:
    """Put a list into another object."""
    properties = schema(document, "BriefcasesRepresentation")["properties"]
    properties["data"] = {"type": "object", "properties": {"briefcases": properties.pop("briefcases")}}
    del schema(document, "BriefcasesMinimal")["properties"]["briefcases"]


def operation_gone(document: Document) -> None:
    """An operation goes."""
    del document["paths"]["/{id}/locks"]["get"]


def accept_of_another_version(document: Document) -> None:
    """Only another version of the API is offered, in the header parameter that every operation has."""
    for operation in operations(document):
        for each in operation.node["parameters"]:
            if each["name"] == "Accept":
                each["schema"] = {"type": "string", "enum": ["application/vnd.bentley.itwin-platform.v3+json"]}


def accept_with_pattern(document: Document) -> None:
    """The version of the API is restricted by a pattern."""
    parameter(document, "get-imodel-locks", "Accept")["schema"]["pattern"] = r"\.v[3-9]\+json$"


def responses_of_another_version(document: Document) -> None:
    """The responses of an operation exist in another version only."""
    content = operation_of(document, "get-imodel-locks")["responses"]["200"]["content"]
    content["application/vnd.bentley.itwin-platform.v3+json"] = content.pop("application/json")


def prefer_without_minimal(document: Document) -> None:
    """A header that the facade sends with one of two values permits one only."""
    parameter(document, "get-imodel-users", "Prefer")["schema"] = {"const": "return=representation"}


def body_of_another_version(document: Document) -> None:
    """The body has to be of another JSON type."""
    content = operation_of(document, "update-imodel-locks")["requestBody"]["content"]
    content["application/vnd.bentley.itwin-platform.v3+json"] = content.pop("application/json")


def content_type_excluded(document: Document) -> None:
    """The header parameter for the type of the body excludes the type of the body."""
    for each in operation_of(document, "update-imodel-locks")["parameters"]:
        if each["name"] == "Content-Type":
            each["schema"] = {"const": "application/xml"}


def state_renamed(document: Document) -> None:
    """A state that the facade waits for has another name."""
    schema(document, "CheckpointState")["enum"].remove("failed")
    schema(document, "CheckpointState")["enum"].append("failure")


def state_restricted(document: Document) -> None:
    """A state is an inline constant."""
    schema(document, "BaselineFile")["properties"]["state"] = {"const": "ready"}


def lock_level_gone(document: Document) -> None:
    """A level that the facade looks for among the locks of a briefcase no longer exists."""
    schema(document, "LockLevel")["enum"].remove("shared")


def alternative_without_member(document: Document) -> None:
    """A response has another form as well, without a property that the facade requires."""
    schemas = document["components"]["schemas"]
    schemas["FullBriefcase"] = schemas.pop("Briefcase")
    short = {"type": "object", "properties": {"id": {"type": "string"}}}
    schemas["Briefcase"] = {"oneOf": [{"$ref": "#/components/schemas/FullBriefcase"}, short]}


def alternative_gone(document: Document) -> None:
    """The form of a response that had a property no longer exists; the property is in no other form."""
    schemas = document["components"]["schemas"]
    short = {name: each for name, each in schemas["Briefcase"]["properties"].items() if name != "ownerId"}
    schemas["Briefcase"] = {"oneOf": [{"type": "object", "properties": short}]}


def body_where_none_was(document: Document) -> None:
    """A response gets a body, which the facade would take for the response of something other than the service."""
    content = {"application/json": {"schema": {"type": "object"}}}
    operation_of(document, "delete-imodel")["responses"]["204"]["content"] = content


def picture_in_json_response(document: Document) -> None:
    """A picture is a string in JSON."""
    responses = operation_of(document, "get-imodel-thumbnail")["responses"]
    responses["200"]["content"] = {"application/json": {"schema": {"type": "object"}}}


def parameter(document: Document, operation: str, name: str) -> Any:
    """A parameter of an operation."""
    node = next(each for each in operations(document) if each.id == operation).node
    return next(found for each in node["parameters"] if (found := resolved(document, each))["name"] == name)


ACCEPT = "application/vnd.bentley.itwin-platform.v2+json"

BREAKING: list[tuple[Callable[[Document], None], str, str, str]] = [
    (new_required_property, "acquire-imodel-briefcase", "purpose is required", "briefcases.acquire"),
    (optional_property_required, "acquire-imodel-briefcase", "deviceName is required", "briefcases.acquire"),
    (nested_property_required, "update-imodel-locks", "lockedObjects[].reason is required", "locks.update"),
    (inherited_property_required, "acquire-imodel-briefcase", "region is required", "briefcases.acquire"),
    (required_beside_the_base, "acquire-imodel-briefcase", "deviceName is required", "briefcases.acquire"),
    (cookie_required, "get-imodel-locks", "cookie parameter session is required", "locks.list"),
    (body_required, "delete-imodel", "a request body is required", "imodels.delete"),
    (picture_in_json, "upload-imodel-thumbnail", "header Content-Type does not accept image/png", "thumbnails.upload"),
    (list_becomes_object, "get-imodel-locks", "locks[].lockedObjects can be object", "locks.list"),
    (renamed_answer_property, "release-imodel-locks-chunk", "isLastChunk is not in", "locks.release_chunk"),
    (link_becomes_text, "get-imodel-changeset-details", "_links.download can be string", "changesets.get"),
    (number_becomes_text, "get-imodel-changeset-details", "changeset.index can be string", "changesets.get"),
    (renamed_list, "get-imodel-briefcases", "briefcases is not in", "briefcases.list"),
    (sent_property_gone, "create-imodel-changeset", "groupId is not in", "changesets.create"),
    (sent_property_of_another_type, "create-imodel-changeset", "fileSize accepts string", "changesets.create"),
    (parameter_required, "get-imodel-locks", "query parameter lockLevel is required", "locks.list"),
    (unknown_parameter_required, "get-imodel-locks", "query parameter region is required", "locks.list"),
    (parameter_renamed, "get-imodel-changesets", "query parameter afterIndex is not in", "changesets.list"),
    (body_gone, "update-imodel-locks", "no JSON request body", "locks.update"),
    (header_gone, "clone-imodel", "header Location is not in", "imodels.clone"),
    (answer_gone, "get-imodel-changesets", "no JSON response", "changesets.list"),
    (list_in_an_envelope, "get-imodel-briefcases", "briefcases is not in", "briefcases.list"),
    (operation_gone, "get-imodel-locks", "the operation is missing", "locks.list"),
    (
        accept_of_another_version,
        "acquire-imodel-briefcase and 56 more",
        f"does not accept {ACCEPT}",
        "briefcases.acquire",
    ),
    (accept_with_pattern, "get-imodel-locks", f"header Accept does not accept {ACCEPT}", "locks.list"),
    (responses_of_another_version, "get-imodel-locks", f"header Accept does not accept {ACCEPT}", "locks.list"),
    (prefer_without_minimal, "get-imodel-users", "Prefer does not accept return=minimal", "users.list"),
    (body_of_another_version, "update-imodel-locks", "Content-Type does not accept application/json", "locks.update"),
    (content_type_excluded, "update-imodel-locks", "Content-Type does not accept application/json", "locks.update"),
    (state_renamed, "get-briefcase-checkpoint", "state can no longer be failed", "checkpoints.get_for_briefcase"),
    (
        state_restricted,
        "complete-imodel-baseline-file-upload",
        "no longer be initialized",
        "create_imodel_from_baseline",
    ),
    (lock_level_gone, "get-imodel-locks", "lockLevel can no longer be shared", "locks.list"),
    (alternative_without_member, "acquire-imodel-briefcase", "ownerId is missing in one of", "briefcases.acquire"),
    (body_where_none_was, "delete-imodel", "the response has a body", "imodels.delete"),
    (picture_in_json_response, "get-imodel-thumbnail", "no response of bytes", "thumbnails.download"),
    (alternative_gone, "acquire-imodel-briefcase", "ownerId is not in", "briefcases.acquire"),
]


def test_the_record_is_what_the_facade_sends_and_reads() -> None:
    """A change of a builder or a reader changes the record, which is reviewed: `make reliance`."""
    assert dump(record()) == RELIANCE.read_bytes()


def test_the_record_does_not_follow_the_case_of_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition may write the names of headers in any case, which the generated client sends."""
    build = endpoints.build_request

    def in_upper_case(*arguments: Any) -> endpoints.Request:
        request = build(*arguments)
        return attrs.evolve(request, headers={name.upper(): value for name, value in request.headers.items()})

    monkeypatch.setattr("itwin_imodels._operations.call.build_request", in_upper_case)
    assert dump(record()) == RELIANCE.read_bytes()


def test_the_definition_promises_what_the_facade_relies_on() -> None:
    """Each property and parameter exists with a compatible type, and required ones are always sent."""
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
    said = problems(document, load())
    found = [each for each in said if re.match(rf"{operation}( operations)?: ", each) and what in each]
    assert found, said
    assert method in found[0]
    assert "make reliance" in found[0]
    assert len(said) <= 8
    assert explain(DEFINITION, document).breaking


@pytest.mark.thorough(keep=8)
@pytest.mark.parametrize("change", [*COMPATIBLE, *FORMS], ids=lambda change: change.__name__)
def test_the_comparison_of_definitions_comes_to_the_same_verdict(change: Callable[[Document], None]) -> None:
    """What the facade can live with, a looser export too, neither tool calls breaking."""
    document = copy.deepcopy(DEFINITION)
    change(document)
    assert problems(readable(document, []), load()) == []
    assert not explain(DEFINITION, document).breaking


def test_null_beside_a_list_says_nothing_of_its_entries() -> None:
    """A list that may be null has the entries of the list, in every notation of null."""
    document = copy.deepcopy(DEFINITION)
    changed_files = schema(document, "SynchronizationInfo")["properties"]["changedFiles"]
    changed_files["type"] = "array"
    schema(document, "SynchronizationInfo")["properties"]["changedFiles"] = {"anyOf": [changed_files, {"type": "null"}]}
    assert problems(document, load()) == []


def test_a_constant_has_the_type_of_its_value() -> None:
    """OpenAPI 3.1 permits a constant without a type."""
    document = copy.deepcopy(DEFINITION)
    schema(document, "Changeset")["properties"]["displayName"] = {"const": "1"}
    assert problems(document, load()) == []
    schema(document, "Changeset")["properties"]["displayName"] = {"const": 1}
    assert "displayName can be integer" in problems(document, load())[0]


def test_each_value_is_reported_once() -> None:
    """A value without a type is one problem, and so is one that another response of the operation lacks as a whole."""
    document = copy.deepcopy(DEFINITION)
    schema(document, "Changeset")["properties"]["displayName"] = {}
    responses = by_id(document)["get-imodel-changeset-details"].node["responses"]
    responses["202"] = {"description": "Later", "content": {"application/json": {"schema": {"type": "object"}}}}
    found = [each for each in problems(document, load()) if each.startswith("get-imodel-changeset-d")]
    assert ["changeset is missing in one" in found[0], "displayName can be array" in found[1]] == [True, True]
    assert len(found) == 2


def recorded_requests() -> Iterator[tuple[str, Document]]:
    """Yield each request of the goldens to the API of the definition, with the id of its operation."""
    goldens = json.loads(GOLDENS.read_text(encoding="utf-8"))
    for request in (each for calls in goldens.values() for requests in calls.values() for each in requests):
        if not request["path"].startswith("/imodels"):
            continue
        matching = (
            each for verb, path, each in routes() if verb == request["method"] and path.fullmatch(request["path"])
        )
        yield next(matching).id, request


def invalid_bodies(document: Document) -> list[str]:
    """Return why bodies of the goldens do not fit the schemas of their operations' requests."""
    schemas, defined = Schemas(document), by_id(document)
    found, checked = [], 0
    for name, request in recorded_requests():
        if not isinstance(request["body"], dict):
            continue
        body, place = defined[name].node["requestBody"], (*defined[name].pointer, "requestBody")
        for address in schemas.addresses(body, *place):
            found += [f"{name}: {error}" for error in schemas.errors(request["body"], address)]
            checked += 1
    assert checked > 20
    return [error for error in found if f'"{NEW_VALUE}" is not one of' not in error]


def unaccepted_values(document: Document) -> list[str]:
    """Return the query parameters and headers of the goldens whose values the definition does not accept."""
    defined, found = by_id(document), []
    for name, request in recorded_requests():
        sent = {"query": dict(parse_qsl(request["query"])), "header": request["headers"]}
        shapes = read_endpoint(document, defined[name], path_names(defined[name])).shapes
        for place, values in sent.items():
            for key, value in values.items():
                shape = shapes.get(f".{place}.{key}")
                if shape and shape.values is not None and json.dumps(value) not in shape.values:
                    found.append(f"{name}: {key} is {value!r}, not one of {', '.join(shape.values)}")
                elif shape and value.isdigit() and int(value) > shape.limits.get("maximum", inf):
                    found.append(f"{name}: {key} is {value}, more than {shape.limits['maximum']}")
    return found


def explained(found: list[str]) -> str:
    """Return what the definition does not accept, with the facade's methods and the remedy, for a failed test."""
    record = load()
    return "\n".join(
        f"{each}, which is sent by {', '.join(record[each.partition(':')[0]].methods)}; send an accepted value from"
        " itwin_imodels._operations, or correct the definition with an overlay in spec/overlays"
        for each in dict.fromkeys(found)
    )


def test_every_recorded_request_has_a_body_that_the_definition_allows() -> None:
    """Types, required properties and values fit, except for the value that is new on purpose."""
    assert not (found := invalid_bodies(committed())), explained(found)


def test_every_recorded_request_has_values_that_the_definition_accepts() -> None:
    """A query parameter or header has one of the listed values, and no number is above the maximum."""
    assert not (found := unaccepted_values(committed())), explained(found)


def test_a_value_that_is_no_longer_accepted_is_found() -> None:
    """This applies to bodies, query parameters and headers. The message names the method and the remedy."""
    document = copy.deepcopy(DEFINITION)
    schema(document, "LockLevel")["enum"].remove("exclusive")
    parameter(document, "get-imodel-locks", "lockLevel")["schema"]["enum"].remove("shared")
    parameter(document, "get-imodel-users", "Prefer")["schema"] = {"enum": ["return=representation"]}
    parameter(document, "get-imodel-changesets", "$top")["schema"]["maximum"] = 100
    assert {error.partition(": ")[0] for error in invalid_bodies(document)} == {"update-imodel-locks"}
    found = unaccepted_values(document)
    assert {error.partition(", ")[0] for error in found} == {
        "get-imodel-changesets: $top is 1000",
        "get-imodel-locks: lockLevel is 'shared'",
        "get-imodel-users: prefer is 'return=minimal'",
    }
    said = explained(found)
    assert len(said.splitlines()) == 3
    assert "sent by locks.list, acquire_locks, release_stale_locks; send an accepted value" in said


def test_a_client_that_does_not_take_what_the_facade_sends_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording with a client of an incompatible definition ends with one message, not with a traceback."""

    def demanding(id: str, *, region: str, **_: Any) -> dict[str, Any]:  # noqa: A002 - the generator's name
        raise AssertionError((id, region))

    monkeypatch.setattr(
        importlib.import_module("itwin_imodels_api.api.locks.get_imodel_locks"), "_get_kwargs", demanding
    )
    endpoints.builder.cache_clear()
    try:
        with pytest.raises(ToolError, match=r"locks\.list: the generated locks\.get_imodel_locks .*'region'"):
            record()
    finally:
        endpoints.builder.cache_clear()
