"""The comparison of two definitions: what it sees, what breaks the facade, the page that a person reads."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import spec_diff
from scripts.specs.definition import DEFINITION, load, recognize
from scripts.specs.diff import explain
from scripts.specs.diff.compare import compare
from scripts.specs.diff.differences import Difference
from scripts.specs.diff.reliance import Use, read_uses
from scripts.specs.diff.report import report
from scripts.specs.inventory import rows
from scripts.specs.references import broken_references
from scripts.specs.walk import nodes, operations
from scripts.toolkit import ToolError

Json = dict[str, Any]

ID = "get-imodel-locks"
JSON = "application/json"
TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
NOTE: Json = {"type": ["string", "null"]}
LIST: Json = {"type": "array", "items": TEXT}


def obj(required: list[str] | None = None, **properties: Json) -> Json:
    """Create an object schema."""
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def body(schema: Json | None = None, media: str = JSON, **more: Any) -> Json:
    """Create a request body or a response."""
    return {"content": {media: {"schema": TEXT if schema is None else schema}}, **more}


def parameter(name: str, place: str = "query", schema: Json | None = None, **more: Any) -> Json:
    """Create a parameter."""
    return {"name": name, "in": place, "schema": TEXT if schema is None else schema, **more}


def definition(path: str = "/{id}/locks", schemas: Json | None = None, **operation: Any) -> Json:
    """Create a definition with one operation; the keywords are added to that operation."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "iModels", "version": "2"},
        "paths": {path: {"post": {"operationId": ID, "responses": {}, **operation}}},
        "components": {"schemas": schemas or {}},
    }


def request(schema: Json, schemas: Json | None = None) -> Json:
    """Create a definition whose request has a property ``value``."""
    return definition(schemas=schemas, requestBody=body(obj(value=schema), required=True))


def answer(schema: Json, schemas: Json | None = None) -> Json:
    """Create a definition whose response has a property ``value``."""
    return definition(schemas=schemas, responses={"200": body(obj(value=schema))})


def query(schema: Json, schemas: Json | None = None) -> Json:
    """Create a definition with a query parameter ``value``."""
    return definition(schemas=schemas, parameters=[parameter("value", schema=schema)])


def uses(tmp_path: Path, record: Json | None = None, **table: Any) -> dict[str, Use]:
    """Read a record of one operation that ``locks.list`` and the command ``lock list`` use."""
    path = tmp_path / "reliance.json"
    path.write_text(json.dumps(record or {ID: {"methods": ["locks.list"], **table}}), encoding="utf-8")
    return read_uses({}, {ID: ["lock list"]}, path)


def places(differences: list[Difference]) -> list[tuple[str, str]]:
    """Return where each difference is, and what."""
    return [(" ".join(filter(None, each.home)), each.what) for each in differences]


SCHEMAS: Json = {
    "Name": TEXT,
    "Optional": NOTE,
    "Link": {"type": "object", "properties": {"href": TEXT}, "required": ["href"]},
    "Alias": {"$ref": "#/components/schemas/Link"},
}
NAME, OPTIONAL, LINK, ALIAS = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)

# Each row: two ways to write the same.
SAME = [
    (NAME, TEXT),
    (ALIAS, SCHEMAS["Link"]),
    ({"allOf": [NAME]}, NAME),
    ({"allOf": [{"allOf": [LINK]}], "description": "where"}, ALIAS),
    ({"anyOf": [TEXT, {"type": "null"}]}, NOTE),
    ({"oneOf": [{"type": "null"}, TEXT]}, NOTE),
    ({"oneOf": [LINK, {"enum": [None]}]}, {"oneOf": [LINK, {"const": None}]}),
    ({"allOf": [OPTIONAL]}, NOTE),
    ({"anyOf": [OPTIONAL, NUMBER]}, {"type": ["integer", "string", "null"]}),
    ({"anyOf": [TEXT, {"anyOf": [NUMBER, LINK]}]}, {"oneOf": [ALIAS, NUMBER, NAME]}),
    ({"type": "object", "oneOf": [LINK, obj(a=TEXT)]}, {"oneOf": [obj(a=TEXT), LINK]}),
    ({"allOf": [LINK, obj(a=TEXT)]}, obj(["href"], a=TEXT, href=TEXT)),
    ({"allOf": [obj(a=TEXT)], "required": ["a"]}, obj(["a"], a=TEXT)),
    ({"const": "a"}, {**TEXT, "enum": ["a"]}),
    ({"properties": {"a": TEXT}}, obj(a=TEXT)),
    ({"items": TEXT}, {"type": "array", "items": NAME}),
    ({"type": "object", "additionalProperties": True}, {"type": "object", "additionalProperties": {}}),
    ({**TEXT, "description": "old", "example": "x"}, {**TEXT, "title": "New", "x-order": 1}),
]


@pytest.mark.thorough(keep=15)
@pytest.mark.parametrize(("one", "other"), SAME)
@pytest.mark.parametrize("build", [request, answer, query])
def test_two_spellings_of_a_schema_are_equal(one: Json, other: Json, build: Callable[[Json, Json], Json]) -> None:
    """This applies wherever the schema is used."""
    first, second = build(one, SCHEMAS), build(other, SCHEMAS)
    assert compare(first, second, {}) == []
    assert compare(second, first, {}) == []


SHARED = {
    "parameters": {"Top": parameter("$top", schema=NUMBER)},
    "requestBodies": {"New": body(obj(a=TEXT), required=True)},
    "responses": {"Done": body(headers={"Retry-After": {"$ref": "#/components/headers/Retry"}})},
    "headers": {"Retry": {"schema": NUMBER}},
}
INLINE = definition(
    parameters=[SHARED["parameters"]["Top"]],
    requestBody=SHARED["requestBodies"]["New"],
    responses={"200": body(headers={"retry-after": {"schema": NUMBER}})},
)
REFERENCED = definition(
    parameters=[{"$ref": "#/components/parameters/Top"}],
    requestBody={"$ref": "#/components/requestBodies/New"},
    responses={"200": {"$ref": "#/components/responses/Done"}},
)
REFERENCED["components"] = SHARED
HEADERS = [parameter("Accept", "header"), parameter("authorization", "header"), parameter("Content-Type", "header")]
IN_PATH = parameter("id", "path", required=True)
SHARED_PATH = definition()
SHARED_PATH["paths"]["/{id}/locks"]["parameters"] = [IN_PATH]

# Each row: two definitions that mean the same.
SAME_DEFINITIONS = [
    (INLINE, REFERENCED),
    (definition(parameters=HEADERS), definition()),
    (definition(parameters=[IN_PATH]), SHARED_PATH),
    (definition(requestBody=body(media="application/json; charset=utf-8")), definition(requestBody=body())),
    (
        definition(responses={"200": {"content": {"image/png": {}}}}),
        definition(responses={"200": body({**TEXT, "format": "binary"}, "image/png")}),
    ),
    (definition(security=[{"A": []}, {"B": ["x", "y"]}]), definition(security=[{"B": ["y", "x"]}, {"A": []}])),
    ({**definition(), "security": [{"A": []}]}, definition(security=[{"A": []}])),
]


@pytest.mark.parametrize(("one", "other"), SAME_DEFINITIONS)
def test_two_spellings_of_an_operation_are_equal(one: Json, other: Json) -> None:
    """Ways to write an operation that mean the same are no difference."""
    assert compare(one, other, {}) == []
    assert compare(other, one, {}) == []


def _as_3_0(document: Json) -> None:
    document["openapi"] = "3.0.3"
    for _, node in [*nodes(document["components"]["schemas"])]:
        kinds = node.get("type") if isinstance(node, dict) else None
        if isinstance(kinds, list) and "enum" not in node:
            node |= {"type": next(kind for kind in kinds if kind != "null"), "nullable": True}


def _reversed(document: Json) -> None:
    for _, node in [*nodes(document)]:
        if isinstance(node, dict):
            for key in reversed([*node]):
                node[key] = node.pop(key)


def _wrapped(document: Json) -> None:
    for _, node in [*nodes(document["paths"])]:
        if isinstance(node, dict) and isinstance(node.get("schema"), dict):
            node["schema"] = {"allOf": [node["schema"]], "title": "Wrapped"}


def _hoisted(document: Json) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in [*schemas.items()]:
        for key, member in schema.get("properties", {}).items():
            schemas[f"{name}{key}"] = member
            schema["properties"][key] = {"$ref": f"#/components/schemas/{name}{key}"}


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("rearrange", [_as_3_0, _reversed, _wrapped, _hoisted])
def test_the_committed_definition_equals_itself_rearranged(rearrange: Callable[[Json], None]) -> None:
    """The definition in other words, such as those of OpenAPI 3.0, is the same."""
    old, new = load(), load()
    rearrange(new)
    assert json.dumps(new) != json.dumps(old)
    assert broken_references(new) == []
    assert compare(old, new, {}) == []
    assert compare(new, old, {}) == []


def test_recursive_schemas_end() -> None:
    """A recursive schema is read once, and a difference in it is found."""

    def tree(name: str, label: Json) -> Json:
        own = {"$ref": f"#/components/schemas/{name}"}
        return answer(own, {name: obj(label=label, children={"type": "array", "items": own})})

    assert compare(tree("Tree", TEXT), tree("Node", TEXT), {}) == []
    assert places(compare(tree("Tree", TEXT), tree("Tree", NUMBER), {})) == [("Tree label", "type string → integer")]


READ, READ_ALWAYS = {"types": ["string"]}, {"types": ["string"], "required": True}
WAITS = {"types": ["string"], "values": ["y"]}
SENT, SENT_ALWAYS = {"types": ["string"], "always": False}, {"types": ["string"], "always": True}

# Each row: the old and the new answer, what the facade reads of it, the difference, what to do if it breaks.
ANSWERS: list[tuple[Json, Json, Json, str, str]] = [
    (obj(a=TEXT), obj(), {}, "removed", ""),
    (obj(a=TEXT), obj(), {"a": READ}, "removed", "read what replaces it"),
    (obj(a=obj(b=TEXT)), obj(), {"a.b": READ}, "removed", "read what replaces it"),
    (obj(), obj(["a"], a=TEXT), {}, "added", ""),
    (obj(a=TEXT), obj(a=NUMBER), {}, "type string → integer", ""),
    (obj(a=TEXT), obj(a=NUMBER), {"a": READ}, "type string → integer", "read the new type too"),
    (obj(a=TEXT), obj(a=NUMBER), {"a": {"types": ["string", "number"]}}, "type string → integer", ""),
    (obj(a=TEXT), obj(a={}), {"a": READ}, "type string → any", "read the new type too"),
    (obj(a=obj(b=TEXT)), obj(a=TEXT), {"a.b": READ}, "type object → string", "read the new type too"),
    (obj(a=LIST), obj(a=obj(b=TEXT)), {"a[]": READ}, "type array → object", "read the new type too"),
    (obj(a=TEXT), obj(a=NOTE), {"a": READ}, "now nullable", ""),
    (obj(a=TEXT), obj(a=NOTE), {"a": READ_ALWAYS}, "now nullable", "accept responses in which it is null"),
    (obj(["a"], a=TEXT), obj(a=TEXT), {"a": READ}, "no longer required", ""),
    (obj(["a"], a=TEXT), obj(a=TEXT), {"a": READ_ALWAYS}, "no longer required", ""),
    (obj(a=TEXT), obj(a={**TEXT, "enum": ["x"]}), {"a": READ}, 'restricted to "x"', ""),
    (obj(a={"enum": ["x"]}), obj(a={"enum": ["x", "y"]}), {"a": READ}, 'value "y" added', ""),
    (
        obj(a={"enum": ["x", "y"]}),
        obj(a={"enum": ["x"]}),
        {"a": WAITS},
        'value "y" removed',
        "wait for what replaces it",
    ),
    (obj(a={"enum": ["x", "y"]}), obj(a={"enum": ["y"]}), {"a": WAITS}, 'value "x" removed', ""),
    (obj(a=TEXT), obj(a={"const": "z"}), {"a": WAITS}, 'restricted to "z"', "wait for what replaces it"),
    (obj(a=TEXT), {"oneOf": [obj(a=TEXT), obj()]}, {"a": READ}, "missing in a new alternative", ""),
    (
        {"anyOf": [obj(["a"], a=TEXT)]},
        {"anyOf": [obj(["a"], a=TEXT), obj()]},
        {"a": READ_ALWAYS},
        "missing in a new alternative",
        "accept responses without it",
    ),
    ({"oneOf": [obj(a=TEXT), obj()]}, obj(a=TEXT), {"a": READ}, "no longer missing in an alternative", ""),
    ({"oneOf": [obj(a=TEXT), obj()]}, obj(), {"a": READ}, "removed", "read what replaces it"),
    (obj(a={**TEXT, "format": "date-time"}), obj(a=TEXT), {"a": READ}, "format date-time → none", ""),
    (
        obj(a={**TEXT, "format": "date-time"}),
        obj(a={**TEXT, "format": "int64"}),
        {"a": READ},
        "format date-time → int64",
        "read the new form too",
    ),
    (obj(a=TEXT), obj(a={**TEXT, "writeOnly": True}), {"a": READ}, "removed", "read what replaces it"),
]


@pytest.mark.parametrize("row", ANSWERS)
def test_an_answer_breaks_if_the_facade_cannot_read_it(tmp_path: Path, row: tuple[Json, Json, Json, str, str]) -> None:
    """What the facade does not read may change freely; what it reads must keep a type that it can read."""
    old, new, reads, what, remedy = row
    before, after = (definition(responses={"200": body(schema)}) for schema in (old, new))
    (found,) = compare(before, after, uses(tmp_path, reads=reads))
    assert (found.home.member, found.what, found.remedy) == ("a", what, remedy)
    assert found.use.methods == (("locks.list",) if reads else ())


ONE_OF: Json = {**TEXT, "enum": ["x", "y"]}
ACCEPTED = "send only values that are still accepted"

# Each row: the old and the new request, what the facade sends of it, the difference, what to do if it breaks.
REQUESTS: list[tuple[Json, Json, Json, str, str]] = [
    (obj(a=TEXT), obj(), {}, "removed", ""),
    (obj(a=TEXT), obj(), {"a": SENT}, "removed", "stop sending it, or send what replaces it"),
    (obj(), obj(a=TEXT), {}, "added", ""),
    (obj(), obj(["a"], a=TEXT), {}, "added, required", "send it with every request"),
    (obj(a=TEXT), obj(["a"], a=TEXT), {"a": SENT}, "now required", "send it with every request"),
    (obj(a=TEXT), obj(["a"], a=TEXT), {"a": SENT_ALWAYS}, "now required", ""),
    (obj(["a"], a=TEXT), obj(a=TEXT), {"a": SENT_ALWAYS}, "no longer required", ""),
    (obj(a=TEXT), obj(a=LIST), {"a": SENT}, "type string → array", "send the new type"),
    (obj(a=LIST), obj(a=obj(b=TEXT)), {"a[]": SENT}, "type array → object", "send the new type"),
    (obj(a=TEXT), obj(a={"type": ["string", "integer"]}), {"a": SENT}, "type string → integer or string", ""),
    (obj(a=NUMBER), obj(a={"type": "number"}), {"a": {"types": ["integer"]}}, "type integer → number", ""),
    (obj(a=NOTE), obj(a=TEXT), {"a": SENT}, "no longer nullable", ""),
    (
        obj(a=NOTE),
        obj(a=TEXT),
        {"a": {"types": ["string", "null"]}},
        "no longer nullable",
        "leave it out instead of sending null",
    ),
    (obj(a=ONE_OF), obj(a={**TEXT, "enum": ["x"]}), {"a": SENT}, 'value "y" removed', ACCEPTED),
    (obj(a=ONE_OF), obj(a={**TEXT, "enum": ["x"]}), {}, 'value "y" removed', ""),
    (obj(a=TEXT), obj(a=ONE_OF), {"a": SENT}, 'restricted to "x", "y"', ACCEPTED),
    (obj(a=ONE_OF), obj(a=TEXT), {"a": SENT}, "no longer restricted to listed values", ""),
    (obj(a={**TEXT, "maxLength": 9}), obj(a={**TEXT, "maxLength": 5}), {"a": SENT}, "maxLength 9 → 5", ACCEPTED),
    (obj(a={**TEXT, "maxLength": 5}), obj(a={**TEXT, "maxLength": 9}), {"a": SENT}, "maxLength 5 → 9", ""),
    (obj(a={**NUMBER, "minimum": 1}), obj(a=NUMBER), {"a": {"types": ["integer"]}}, "minimum 1 → none", ""),
    (obj(a=TEXT), obj(a={**TEXT, "pattern": "^x"}), {"a": SENT}, "pattern none → ^x", ACCEPTED),
    (obj(a=TEXT), obj(a={**TEXT, "default": "x"}), {"a": SENT}, "default none → x", ""),
    (obj(a=TEXT), obj(a={**TEXT, "deprecated": True}), {"a": SENT}, "deprecated none → True", ""),
    (
        obj(a=TEXT),
        obj(a={**TEXT, "readOnly": True}),
        {"a": SENT},
        "removed",
        "stop sending it, or send what replaces it",
    ),
]


@pytest.mark.parametrize("row", REQUESTS)
def test_a_request_breaks_if_it_is_no_longer_accepted(tmp_path: Path, row: tuple[Json, Json, Json, str, str]) -> None:
    """What the facade sends must stay permitted, and what the service requires must always be sent."""
    old, new, sends, what, remedy = row
    before, after = (definition(requestBody=body(schema, required=True)) for schema in (old, new))
    (found,) = compare(before, after, uses(tmp_path, body=sends, content=JSON))
    assert (found.home.member, found.what, found.remedy) == ("a", what, remedy)


def test_required_properties_of_what_is_never_sent(tmp_path: Path) -> None:
    """A new required property matters only within an object that the facade sends."""
    old, new = request(obj(a=TEXT)), request(obj(["b"], a=TEXT, b=TEXT))
    (ignored,) = compare(old, new, uses(tmp_path, body={"other": SENT}))
    assert ignored.remedy == ""
    (broken,) = compare(old, new, uses(tmp_path, body={"value.a": SENT}))
    assert broken.remedy == "send it with every request"


TOP, FILTER = parameter("$top", schema=NUMBER), parameter("$filter", required=True)
DEEP = {"200": body(headers={"Location": {"schema": TEXT}})}
SENDS_PNG = {"content": "image/png"}

# Each row: the old and the new operation, the record, where, the difference, what to do if it breaks.
PARTS: list[tuple[Json, Json, Json, str, str, str]] = [
    ({"parameters": [TOP]}, {}, {}, "query $top", "removed", ""),
    (
        {"parameters": [TOP]},
        {},
        {"query": {"$top": {"types": ["integer"]}}},
        "query $top",
        "removed",
        "stop sending it, or send what replaces it",
    ),
    ({}, {"parameters": [TOP]}, {}, "query $top", "added", ""),
    ({}, {"parameters": [FILTER]}, {}, "query $filter", "added, required", "send it with every request"),
    ({}, {"parameters": [FILTER]}, {"query": {"$filter": SENT_ALWAYS}}, "query $filter", "added, required", ""),
    (
        {"parameters": [parameter("Prefer", "header")]},
        {"parameters": [parameter("prefer", "header", NUMBER)]},
        {"headers": {"Prefer": SENT}},
        "header prefer",
        "type string → integer",
        "send the new type",
    ),
    ({}, {"requestBody": body()}, {}, "body", "added", ""),
    ({}, {"requestBody": body(required=True)}, {}, "body", "added, required", "send it with every request"),
    (
        {"requestBody": body(media="image/png")},
        {},
        SENDS_PNG,
        "body image/png",
        "removed",
        "stop sending it, or send what replaces it",
    ),
    ({}, {"requestBody": body(media="image/jpeg")}, SENDS_PNG, "body image/jpeg", "added", ""),
    (
        {"requestBody": body(media="image/png", required=True)},
        {"requestBody": {"content": {"image/png": {}, "image/jpeg": {}}, "required": True}},
        SENDS_PNG,
        "body image/jpeg",
        "added, required",
        "",
    ),
    ({"responses": DEEP}, {"responses": {"200": body()}}, {}, "answer header location", "removed", ""),
    (
        {"responses": DEEP},
        {"responses": {"200": body()}},
        {"answer_headers": ["Location"]},
        "answer header location",
        "removed",
        "read what replaces it",
    ),
    ({}, {"responses": {"200": body()}}, {}, "answer", "added", ""),
    ({}, {"responses": {"200": body()}}, {"answer": "none"}, "answer", "added", "accept a response with a body"),
    (
        {},
        {"responses": {"200": body(media="image/png")}},
        {"answer": "none"},
        "answer image/png",
        "added",
        "accept a response with a body",
    ),
    ({"responses": {"404": body()}}, {"responses": {}}, {}, "error 404", "removed", ""),
    ({"responses": {}}, {"responses": {"503": {}}}, {}, "error 503", "added", ""),
    ({"responses": {"404": body()}}, {"responses": {"404": {}}}, {}, "error 404", "type string → any", ""),
    (
        {"responses": {"404": body(obj(error=obj(code=TEXT)))}},
        {"responses": {"404": body(obj(error=obj(message=TEXT, code=NUMBER)))}},
        {},
        "error 404.error.code",
        "type string → integer",
        "read the new type too",
    ),
    (
        {"responses": {"404": body(obj(error=obj(code=TEXT)))}},
        {"responses": {"404": body(obj(error=obj()))}},
        {},
        "error 404.error.code",
        "removed",
        "read what replaces it",
    ),
]


V2, V3 = (f"application/vnd.example.v{number}+json" for number in (2, 3))
ACCEPTS_V2 = {"headers": {"Accept": {**SENT_ALWAYS, "values": [V2]}, "Content-Type": {**SENT, "values": [JSON]}}}

# Each row: the new operation, which header it restricts, and to what.
HEADERS_OF_ALL_REQUESTS: list[tuple[Json, str, str]] = [
    ({"parameters": [parameter("accept", "header", {"enum": [V3]})]}, "accept", V2),
    ({"parameters": [parameter("Accept", "header", {**TEXT, "pattern": "v3"})]}, "accept", V2),
    ({"parameters": [parameter("Accept", "header", {**TEXT, "maxLength": 3})]}, "accept", V2),
    ({"responses": {"200": body(media=V3)}}, "accept", V2),
    ({"requestBody": body(media=V3)}, "content-type", JSON),
    ({"parameters": [parameter("Content-Type", "header", {"const": "text/xml"})]}, "content-type", JSON),
]


@pytest.mark.parametrize(("new", "header", "value"), HEADERS_OF_ALL_REQUESTS)
def test_a_header_with_a_fixed_value_breaks_if_the_value_is_excluded(
    tmp_path: Path, new: Json, header: str, value: str
) -> None:
    """This applies to the header parameters that OpenAPI ignores, and to media types."""
    old = {key: body() if key == "requestBody" else {"200": body()} for key in new if key != "parameters"}
    found = compare(definition(**old), definition(**new), uses(tmp_path, **ACCEPTS_V2))
    (broken,) = (each for each in found if each.remedy)
    assert (broken.home, broken.what) == (("header", header), f"no longer accepts {value}")
    assert broken.use.methods == ("locks.list",)


@pytest.mark.parametrize(
    "new",
    [
        {"parameters": [parameter("Accept", "header", {"enum": [V3, V2]})]},
        {"parameters": [parameter("Accept", "header", {**TEXT, "pattern": "(?i-no regex of Python"})]},
        {"responses": {"200": {"content": {V2: {}, V3: {}}}}},
        {"requestBody": {"content": {V3: {}, "application/*": {}}}},
        {"requestBody": body(media="application/json; charset=utf-8")},
    ],
)
def test_a_header_with_a_fixed_value_may_be_restricted_to_it(tmp_path: Path, new: Json) -> None:
    """What is sent stays permitted."""
    found = compare(definition(), definition(**new), uses(tmp_path, **ACCEPTS_V2))
    assert [each for each in found if each.home.name == "header"] == []


@pytest.mark.parametrize("row", PARTS)
def test_parts_of_an_operation(tmp_path: Path, row: tuple[Json, Json, Json, str, str, str]) -> None:
    """Parameters, headers, bodies and statuses are compared like properties."""
    old, new, record, where, what, remedy = row
    found = compare(definition(**old), definition(**new), uses(tmp_path, **record))
    assert (where, what, remedy) in [(" ".join(filter(None, each.home)), each.what, each.remedy) for each in found]


def test_an_operation_without_a_method_breaks_nobody() -> None:
    """A definition may drop or change what no method uses."""
    old, new = request(TEXT), request(NUMBER)
    assert [each.remedy for each in compare(old, new, {})] == [""]
    new["paths"] = {"/other": {"get": {"operationId": "get-other", "responses": {}}}}
    removed, added = compare(old, new, {})
    assert (removed.what, removed.remedy) == ("removed", "")
    assert (added.home.member, added.what) == ("get-other (GET /other)", "added")


def test_a_removed_operation_breaks_its_methods(tmp_path: Path) -> None:
    """The methods have to be removed, or to use another operation."""
    new = definition()
    new["paths"] = {"/other": {"get": {"operationId": "get-other", "responses": {}}}}
    removed, _ = compare(definition(), new, uses(tmp_path))
    assert (removed.what, removed.use.methods) == ("removed", ("locks.list",))
    assert removed.remedy == "deprecate the methods, or build them on other operations"


def test_operations_are_matched_without_names() -> None:
    """Another operation id, tag or parameter name is reported once, and the operation is still compared."""
    old = definition("/{iModelId}/changesets/{id}", tags=["Locks"], parameters=[parameter("iModelId", "path")])
    new = definition(
        "/{id}/changesets/{changesetId}",
        operationId="getLocks",
        tags=["Locks", "v2"],
        parameters=[parameter("id", "path", NUMBER)],
    )
    assert places(compare(old, new, {})) == [
        ("path parameter iModelId → id", "renamed"),
        ("path parameter id → changesetId", "renamed"),
        ("operation id get-imodel-locks → getLocks", "changed"),
        ("tag Locks → Locks, v2", "changed"),
        ("path iModelId", "type string → integer"),
    ]


def test_the_record_is_found_by_the_id_of_either_definition(tmp_path: Path) -> None:
    """An older definition with other ids is compared by the ids that the record knows."""
    old = {**request(TEXT)}
    old["paths"]["/{id}/locks"]["post"]["operationId"] = "getLocks"
    found = compare(old, request(NUMBER), uses(tmp_path, body={"value": SENT}))
    assert [each.operation for each in found] == [ID, ID]
    assert found[-1].remedy == "send the new type"


@pytest.mark.parametrize("both", [lambda old, new: (old, new), lambda old, new: (new, old)])
def test_a_base_path_may_move_into_the_paths(both: Callable[[Json, Json], tuple[Json, Json]]) -> None:
    """The base path is reported once, in either direction, and the address stays the same."""
    old, new = (_api(CHANGESET, LOCKS, server) for server in ("https://api.example/imodels", "https://api.example"))
    new["paths"] = {f"/imodels{path}": item for path, item in new["paths"].items()}
    (found,) = compare(*both(old, new), {})
    assert found.home == ("base path", "/imodels")
    assert found.what in {"now part of the paths", "no longer part of the paths"}


def test_addresses() -> None:
    """Another URL breaks if the first one, to which the facade connects, is no longer listed."""
    old, new = ({**definition(), "servers": [{"url": url} for url in urls]} for urls in (("a", "b"), ("b", "c")))
    assert [(each.home.member, each.what, bool(each.remedy)) for each in compare(old, new, {})] == [
        ("a", "removed", True),
        ("c", "added", False),
    ]
    assert [bool(each.remedy) for each in compare(old, definition(), {})] == [False, False]


def test_security() -> None:
    """Schemes are compared without their descriptions, and what an operation demands."""
    old, new = definition(), definition(security=[{"Key": ["b", "a"]}])
    old["components"]["securitySchemes"] = {"Key": {"type": "apiKey", "description": "old"}, "Old": {}}
    new["components"]["securitySchemes"] = {"Key": {"type": "apiKey"}, "New": {}}
    assert places(compare(old, new, {})) == [
        ("security scheme Old", "removed"),
        ("security scheme New", "added"),
        (f"security {ID}", "none → Key a b"),
    ]


def test_without_a_record_everything_of_a_method_counts(tmp_path: Path) -> None:
    """Until the record exists, the method that the inventory names may use everything in its operation."""
    assumed = read_uses({ID: "locks.list", "get-other": None}, {}, tmp_path / "missing.json")
    assert (assumed[ID].methods, assumed["get-other"].methods) == (("locks.list",), ())
    for old, new, remedy in (
        (answer(TEXT), answer(NUMBER), "read the new type too"),
        (answer(TEXT), answer(NOTE), ""),
        (request(TEXT), request(NUMBER), "send the new type"),
    ):
        (found,) = compare(old, new, assumed)
        assert (found.use.methods, found.remedy) == (("locks.list",), remedy)


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    """A record that is not JSON is named, with what to do."""
    path = tmp_path / "reliance.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ToolError, match=r"reliance\.json: not readable .*; run 'make reliance'"):
        read_uses({}, {}, path)


CHANGESET = obj(["id"], id=TEXT, index=NUMBER, parentId=TEXT, groupId=TEXT, note=TEXT)
LOCKS = obj(["briefcaseId"], briefcaseId=NUMBER, lockedObjects={"type": "array", "items": obj(lockLevel=TEXT)})
CHANGESET_REF, LOCKS_REF = {"$ref": "#/components/schemas/Changeset"}, {"$ref": "#/components/schemas/LocksUpdate"}


def _api(changeset: Json, locks: Json, server: str, **listing: Any) -> Json:
    """Create a small API: two operations return a changeset, one acquires locks."""
    changesets = body(obj(changesets={"type": "array", "items": CHANGESET_REF}))
    return {
        "openapi": "3.1.0",
        "info": {"title": "iModels", "version": "2"},
        "servers": [{"url": server}],
        "paths": {
            "/{id}/changesets": {
                "get": {"operationId": "get-imodel-changesets", "responses": {"200": changesets}, **listing}
            },
            "/{id}/changesets/{changeset}": {
                "get": {
                    "operationId": "get-imodel-changeset-details",
                    "responses": {"200": body(obj(changeset=CHANGESET_REF))},
                }
            },
            "/{id}/locks": {
                "patch": {
                    "operationId": "update-imodel-locks",
                    "requestBody": body(LOCKS_REF, required=True),
                    "responses": {"200": body(LOCKS_REF)},
                }
            },
        },
        "components": {"schemas": {"Changeset": changeset, "LocksUpdate": locks}},
    }


RECORD: Json = {
    "get-imodel-changesets": {
        "methods": ["changesets.list"],
        "reads": {f"changesets[].{name}": {"types": ["string"]} for name in ("id", "parentId", "groupId")},
    },
    "get-imodel-changeset-details": {
        "methods": ["changesets.get"],
        "reads": {f"changeset.{name}": {"types": ["string"]} for name in ("id", "parentId", "groupId")},
    },
    "update-imodel-locks": {
        "methods": ["locks.update"],
        "body": {
            "briefcaseId": {"types": ["integer"], "always": True},
            "lockedObjects": {"types": ["array"], "always": True},
            "lockedObjects[].lockLevel": {"types": ["string"], "always": True},
        },
        "content": JSON,
    },
}
COMMANDS = {
    "get-imodel-changesets": ["changeset list"],
    "get-imodel-changeset-details": ["changeset show"],
    "update-imodel-locks": ["lock acquire", "lock release"],
}
PAGE = """\
12 differences (5 added, 2 of the API as a whole, 2 type, 2 whether nullable, 1 removed); 2 breaking for the
    facade

The API as a whole:
  base path /imodels: now part of the paths
  operation id get-imodel-changesets → listChangesets: changed

Used by the facade, compatible:
  Changeset: 2 properties (parentId, groupId): now nullable — read by changesets.list, changesets.get;
      commands: changeset list, changeset show

New, not exposed:
  query $filter: added — requests of get-imodel-changesets
  Changeset.size: added — responses of get-imodel-changesets, get-imodel-changeset-details
  LocksUpdate.reason: added — responses of update-imodel-locks
  operation get-imodel-weather (GET /imodels/{id}/weather): added

Not used by the facade:
  Changeset.index: type integer → string — responses of get-imodel-changesets, get-imodel-changeset-details
  Changeset.note: removed — responses of get-imodel-changesets, get-imodel-changeset-details
  LocksUpdate.lockedObjects: type array → object — responses of update-imodel-locks

breaking: the facade needs 2 changes
  LocksUpdate.lockedObjects: type array → object
    in update-imodel-locks; sent by locks.update; commands: lock acquire, lock release
    to do: send the new type
  LocksUpdate.reason: added, required
    in update-imodel-locks; sent by locks.update; commands: lock acquire, lock release
    to do: send it with every request"""


def test_the_page(tmp_path: Path) -> None:
    """The page has a summary first, then groups by schema and kind, and last the verdict with what to do."""
    old = _api(CHANGESET, LOCKS, "https://api.example/imodels")
    new = _api(
        obj(["id"], id=TEXT, index=TEXT, parentId=NOTE, groupId=NOTE, size=NUMBER),
        obj(["briefcaseId", "reason"], briefcaseId=NUMBER, lockedObjects=obj(lockLevel=TEXT), reason=TEXT),
        "https://api.example",
        operationId="listChangesets",
        parameters=[FILTER | {"required": False}],
    )
    new["paths"] = {f"/imodels{path}": item for path, item in new["paths"].items()}
    new["paths"]["/imodels/{id}/weather"] = {"get": {"operationId": "get-imodel-weather", "responses": {}}}
    path = tmp_path / "reliance.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    assert "\n".join(report(compare(old, new, read_uses({}, COMMANDS, path)))) == PAGE


def test_a_definition_in_another_style_fits_on_a_page() -> None:
    """In this file every response may be null, nothing is required, and every name differs."""
    new = load()
    for _, node in [*nodes(new["components"]["schemas"])]:
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            node.pop("required", None)
            node["properties"] = {
                name: {"anyOf": [member, {"type": "null"}]} for name, member in node["properties"].items()
            }
    for operation in operations(new):
        operation.node.update(operationId=operation.id.replace("-", "_"), tags=["all"])
        operation.node["responses"]["503"] = {"description": "Not now."}
    old = load()
    uses = {operation.id: Use((operation.id,), (), None) for operation in operations(old)}
    differences = compare(old, new, uses)
    lines = report(differences)
    assert len(differences) > 1000
    assert len(lines) < 60
    assert len(report(differences, 0)) > len(lines)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tool compares two files, or one with the committed definition, and optionally fails."""
    new, path = load(), tmp_path / "new.json"
    assert spec_diff.main([str(spec_diff.DEFINITION)]) == 0
    assert capsys.readouterr().out.endswith("no difference for a client\n\ncompatible with the facade\n")
    removed = next(each for each in operations(new) if each.id in {row.operation_id for row in rows()})
    del new["paths"][removed.path][removed.method]
    path.write_text(json.dumps(new), encoding="utf-8")
    assert spec_diff.main([str(spec_diff.DEFINITION), str(path), "--fail-on-breaking"]) == 1
    assert f"  operation {removed.id}: removed\n" in capsys.readouterr().out
    assert spec_diff.main([str(path)]) == 0
    assert spec_diff.main([str(path), str(spec_diff.DEFINITION), "--fail-on-breaking"]) == 0


def test_extensions_and_shared_path_items_are_no_difference() -> None:
    """Extensions among paths or responses are ignored; a path item may be shared."""
    plain = json.loads(DEFINITION.read_bytes())
    other = copy.deepcopy(plain)
    other["paths"]["x-note"] = "made by hand"
    other["paths"]["/{id}/locks"]["get"]["responses"]["x-note"] = "text"
    item = other["paths"]["/{id}/locks"]
    item["parameters"] = [each for each in item["get"]["parameters"] if each["in"] == "path"]
    for method in ("get", "patch"):
        item[method]["parameters"] = [each for each in item[method]["parameters"] if each["in"] != "path"]
    other["components"]["pathItems"] = {"Locks": item}
    other["paths"]["/{id}/locks"] = {"$ref": "#/components/pathItems/Locks"}
    both = [recognize(json.dumps(each).encode(), "test") for each in (plain, other)]
    assert explain(*both).lines[0] == "no difference for a client"
