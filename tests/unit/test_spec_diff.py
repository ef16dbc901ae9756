"""The semantic comparison of two definitions: what it reports, what breaks clients, what it looks through."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import spec_diff
from scripts.specs.diff import compare, report
from scripts.specs.diff.places import Change
from scripts.specs.references import broken_references

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
JSON = "application/json"


def parameter(name: str, place: str = "query", schema: Json | None = None, **more: Any) -> Json:
    """Make a parameter."""
    return {"name": name, "in": place, "schema": TEXT if schema is None else schema, **more}


def body(schema: Json | None = None, media: str = JSON, **more: Any) -> Json:
    """Make a request body or an answer."""
    return {"content": {media: {"schema": TEXT if schema is None else schema}}, **more}


def definition(path: str = "/imodels/{iModelId}/locks", schemas: Json | None = None, **operation: Any) -> Json:
    """Make a definition with one operation; the keywords go into that operation."""
    node = {"operationId": "get-imodel-locks", "responses": {}, **operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "iModels", "version": "2"},
        "paths": {path: {"post": node}},
        "components": {"schemas": schemas or {}},
    }


def request(schema: Json, schemas: Json | None = None) -> Json:
    """Make a definition whose request has a property ``value``."""
    holder = {"type": "object", "properties": {"value": schema}}
    return definition(schemas=schemas, requestBody=body(holder))


def answer(schema: Json, schemas: Json | None = None) -> Json:
    """Make a definition whose answer has a property ``value``."""
    holder = {"type": "object", "properties": {"value": schema}}
    return definition(schemas=schemas, responses={"200": body(holder)})


def query(schema: Json, schemas: Json | None = None) -> Json:
    """Make a definition with a query parameter ``value``."""
    return definition(schemas=schemas, parameters=[parameter("value", schema=schema)])


def obj(required: list[str] | None = None, **properties: Json) -> Json:
    """Make an object schema."""
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


REQUEST, ANSWER, NEITHER = "request", "answer", ""
BOTH = REQUEST + ANSWER

# Each row: old schema, new schema, place below the value, text, sides it breaks.
SCHEMA_CHANGES = [
    (NUMBER, TEXT, "", "type integer → string", BOTH),
    (TEXT, {}, "", "type string → any", BOTH),
    (obj(a=TEXT), {"type": "array", "items": TEXT}, "", "type object → array", BOTH),
    ({**TEXT, "format": "uuid"}, TEXT, "", "format uuid → none", NEITHER),
    (TEXT, {**TEXT, "format": "uuid"}, "", "format none → uuid", REQUEST),
    ({**TEXT, "format": "uri"}, TEXT, "", "format uri → none", NEITHER),
    ({**TEXT, "format": "uri"}, {**TEXT, "format": "uuid"}, "", "format uri → uuid", REQUEST),
    (TEXT, {**TEXT, "format": "date-time"}, "", "format none → date-time", BOTH),
    ({**TEXT, "format": "date-time"}, TEXT, "", "format date-time → none", BOTH),
    ({**NUMBER, "format": "int32"}, {**NUMBER, "format": "int64"}, "", "format int32 → int64", NEITHER),
    ({**NUMBER, "format": "int64"}, {**NUMBER, "format": "int32"}, "", "format int64 → int32", REQUEST),
    ({**TEXT, "enum": ["all", "none"]}, {**TEXT, "enum": ["all"]}, "", "enum value 'none' removed", REQUEST),
    ({**TEXT, "enum": ["all"]}, {**TEXT, "enum": ["all", "none"]}, "", "enum value 'none' added", NEITHER),
    (TEXT, {**TEXT, "enum": ["a", "b"]}, "", "now one of 'a', 'b'", REQUEST),
    ({**TEXT, "enum": ["a", "b"]}, TEXT, "", "no longer restricted to listed values", NEITHER),
    ({"enum": [1, 2]}, {"enum": [1]}, "", "enum value 2 removed", REQUEST),
    ({**NUMBER, "maximum": 1000}, {**NUMBER, "maximum": 100}, "", "maximum 1000 → 100", REQUEST),
    ({**NUMBER, "maximum": 100}, {**NUMBER, "maximum": 1000}, "", "maximum 100 → 1000", NEITHER),
    ({**NUMBER, "maximum": 100}, NUMBER, "", "maximum 100 → none", NEITHER),
    (NUMBER, {**NUMBER, "minimum": 0}, "", "minimum none → 0", REQUEST),
    ({**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, "", "minimum 1 → 0", NEITHER),
    (
        {"type": "number", "minimum": 0.5},
        {"type": "number", "exclusiveMinimum": 0.5},
        "",
        "minimum 0.5 → 0.5 exclusive",
        REQUEST,
    ),
    (
        {"type": "number", "exclusiveMaximum": 3},
        {"type": "number", "maximum": 3},
        "",
        "maximum 3 exclusive → 3",
        NEITHER,
    ),
    ({**TEXT, "maxLength": 255}, {**TEXT, "maxLength": 100}, "", "maxLength 255 → 100", REQUEST),
    ({**TEXT, "maxLength": 100}, {**TEXT, "maxLength": 255}, "", "maxLength 100 → 255", NEITHER),
    (TEXT, {**TEXT, "minLength": 1}, "", "minLength none → 1", REQUEST),
    ({**TEXT, "minLength": 1}, {**TEXT, "minLength": 0}, "", "minLength 1 → none", NEITHER),
    ({"type": "array"}, {"type": "array", "maxItems": 9}, "", "maxItems none → 9", REQUEST),
    ({"type": "array", "minItems": 1}, {"type": "array"}, "", "minItems 1 → none", NEITHER),
    ({"type": "object"}, {"type": "object", "minProperties": 1}, "", "minProperties none → 1", REQUEST),
    ({"type": "object", "maxProperties": 5}, {"type": "object"}, "", "maxProperties 5 → none", NEITHER),
    ({"type": "array"}, {"type": "array", "uniqueItems": True}, "", "entries must now differ", REQUEST),
    ({"type": "array", "uniqueItems": True}, {"type": "array"}, "", "entries may now be equal", NEITHER),
    (NUMBER, {**NUMBER, "multipleOf": 10}, "", "multipleOf none → 10", REQUEST),
    ({**NUMBER, "multipleOf": 10}, {**NUMBER, "multipleOf": 5}, "", "multipleOf 10 → 5", NEITHER),
    ({**NUMBER, "multipleOf": 5}, {**NUMBER, "multipleOf": 10}, "", "multipleOf 5 → 10", REQUEST),
    (TEXT, {**TEXT, "pattern": "^a"}, "", "pattern none → ^a", REQUEST),
    ({**TEXT, "pattern": "^a"}, TEXT, "", "pattern ^a → none", NEITHER),
    ({**NUMBER, "default": 100}, {**NUMBER, "default": 50}, "", "default 100 → 50", NEITHER),
    (TEXT, {**TEXT, "default": "all"}, "", "default none → 'all'", NEITHER),
    ({"type": "boolean", "default": True}, {"type": "boolean", "default": 1}, "", "default true → 1", NEITHER),
    (TEXT, {**TEXT, "deprecated": True}, "", "deprecated", NEITHER),
    ({**TEXT, "deprecated": True}, TEXT, "", "no longer deprecated", NEITHER),
    (TEXT, {"type": ["string", "null"]}, "", "may now be null", ANSWER),
    ({**TEXT, "nullable": True}, TEXT, "", "may no longer be null", REQUEST),
    (obj(a=TEXT), obj(), ".a", "removed", BOTH),
    (obj(), obj(a=TEXT), ".a", "added", NEITHER),
    (obj(), obj(["a"], a=TEXT), ".a", "added, required", REQUEST),
    (obj(a=TEXT), obj(["a"], a=TEXT), ".a", "now required", REQUEST),
    (obj(["a"], a=TEXT), obj(a=TEXT), ".a", "no longer required", ANSWER),
    (obj(a=TEXT), obj(a=NUMBER), ".a", "type string → integer", BOTH),
    (
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        "",
        "takes no other properties now",
        REQUEST,
    ),
    ({"type": "object", "additionalProperties": False}, {"type": "object"}, "", "takes other properties now", NEITHER),
    (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": NUMBER},
        ".*",
        "type string → integer",
        BOTH,
    ),
    ({"type": "array", "items": obj(id=TEXT)}, {"type": "array", "items": obj()}, "[].id", "removed", BOTH),
    (TEXT, {"type": ["string", "integer"]}, "", "may now also be integer", ANSWER),
    ({"anyOf": [TEXT, NUMBER]}, TEXT, "", "may no longer be integer", REQUEST),
    (
        {"oneOf": [obj(a=TEXT), obj(b=TEXT)]},
        {"oneOf": [obj(b=TEXT), obj(a=TEXT), TEXT]},
        "",
        "may now also be string",
        ANSWER,
    ),
    (
        {"oneOf": [obj(a=TEXT), obj(b=TEXT)]},
        {"oneOf": [obj(b=TEXT), obj(a=TEXT), obj(c=TEXT)]},
        "",
        "may now also be object with c",
        ANSWER,
    ),
    (
        {"oneOf": [obj(a=TEXT), obj(b=TEXT, c=TEXT, d=TEXT)]},
        {"oneOf": [obj(b=TEXT, c=TEXT), obj(a=TEXT)]},
        ".d",
        "removed",
        BOTH,
    ),
]


@pytest.mark.parametrize(("old", "new", "below", "what", "breaks"), SCHEMA_CHANGES)
def test_schema_changes(old: Json, new: Json, below: str, what: str, breaks: str) -> None:
    """Each change of a schema is told once, and judged by who writes the value."""
    before, after = copy.deepcopy((old, new))
    in_request = Change("request" in breaks, f"get-imodel-locks · request · value{below}", what)
    assert compare(request(before), request(after)) == [in_request]
    in_answer = Change("answer" in breaks, f"get-imodel-locks · answer 200 · value{below}", what)
    assert compare(answer(before), answer(after)) == [in_answer]
    below = below.removeprefix(".") if below != ".*" else below
    place = " · ".join(filter(None, ("get-imodel-locks · query value", below)))
    assert compare(query(before), query(after)) == [Change("request" in breaks, place, what)]


SCHEMAS: Json = {
    "Name": TEXT,
    "Optional": {"type": ["string", "null"]},
    "Link": {"type": "object", "properties": {"href": TEXT}, "required": ["href"]},
    "Alias": {"$ref": "#/components/schemas/Link"},
}
NAME, OPTIONAL, LINK, ALIAS = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)
NULLABLE_TEXT: Json = {"type": ["string", "null"]}

# Each row: two ways to write the same.
SAME = [
    (NAME, TEXT),
    (ALIAS, SCHEMAS["Link"]),
    ({"allOf": [NAME]}, NAME),
    ({"allOf": [{"allOf": [LINK]}], "description": "where"}, ALIAS),
    ({**TEXT, "nullable": True}, NULLABLE_TEXT),
    ({**TEXT, "nullable": False}, TEXT),
    ({"anyOf": [TEXT, {"type": "null"}]}, NULLABLE_TEXT),
    ({"oneOf": [{"type": "null"}, TEXT]}, NULLABLE_TEXT),
    ({"anyOf": [LINK, {"type": "null"}]}, {"allOf": [LINK], "nullable": True}),
    ({"anyOf": [LINK, {"type": "null"}]}, {**LINK, "nullable": True}),
    ({"oneOf": [LINK, {"enum": [None]}]}, {"oneOf": [LINK, {"const": None}]}),
    (OPTIONAL, NULLABLE_TEXT),
    ({"allOf": [OPTIONAL]}, {**TEXT, "nullable": True}),
    ({"anyOf": [TEXT, NUMBER, {"type": "null"}]}, {"anyOf": [NUMBER, TEXT], "nullable": True}),
    ({"anyOf": [OPTIONAL, NUMBER]}, {"type": ["integer", "string", "null"]}),
    ({"anyOf": [TEXT, LINK]}, {"oneOf": [ALIAS, NAME]}),
    ({"anyOf": [TEXT, {"anyOf": [NUMBER, LINK]}]}, {"anyOf": [LINK, NUMBER, TEXT]}),
    ({"type": "object", "oneOf": [LINK, obj(a=TEXT)]}, {"oneOf": [obj(a=TEXT), LINK]}),
    (
        {"oneOf": [obj(["a"]), obj(["b"])], **obj(a=TEXT, b=TEXT)},
        {"oneOf": [obj(["b"], a=TEXT, b=TEXT), obj(["a"], a=TEXT, b=TEXT)]},
    ),
    ({"allOf": [LINK, obj(a=TEXT)]}, obj(["href"], a=TEXT, href=TEXT)),
    ({"allOf": [obj(a=TEXT)], "required": ["a"]}, obj(["a"], a=TEXT)),
    ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"type": "integer", "exclusiveMinimum": 0}),
    ({"type": "number", "maximum": 9, "exclusiveMaximum": True}, {"type": "number", "exclusiveMaximum": 9.0}),
    ({"type": "integer", "minimum": 0, "exclusiveMinimum": False}, {"type": "integer", "minimum": 0}),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({**TEXT, "minLength": 0}, TEXT),
    ({**TEXT, "enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({**TEXT, "enum": ["a", None], "nullable": True}, {"enum": ["a", None]}),
    ({"const": "a"}, {**TEXT, "enum": ["a"]}),
    ({"properties": {"a": TEXT}}, obj(a=TEXT)),
    ({"items": TEXT}, {"type": "array", "items": NAME}),
    ({"type": "object", "additionalProperties": True}, {"type": "object", "additionalProperties": {}}),
    ({**TEXT, "format": "binary"}, {**TEXT, "contentMediaType": "image/png"}),
    ({**TEXT, "format": "byte"}, {**TEXT, "contentEncoding": "base64"}),
    ({**TEXT, "description": "old", "example": "x"}, {**TEXT, "title": "New", "examples": ["y"], "x-order": 1}),
    (obj(["a", "b"], a=TEXT, b=NUMBER), obj(["b", "a"], b=NUMBER, a=TEXT)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings(one: Json, other: Json) -> None:
    """Two ways to write the same schema are no change, wherever it stands."""
    for build in (request, answer, query):
        first, second = build(copy.deepcopy(one), SCHEMAS), build(copy.deepcopy(other), SCHEMAS)
        assert compare(first, second) == []
        assert compare(second, first) == []


PLACE = "get-imodel-locks"
TOP = parameter("$top", schema=NUMBER)
CREATED = {"201": body(obj(id=TEXT))}
RETRY = {"Retry-After": {"schema": NUMBER}}
LIST = {"type": "array", "items": TEXT}
PREVIEW = "x-technical-preview"

# Each row: keywords of the old operation, those of the new one, where, what, breaking.
OPERATION_CHANGES: list[tuple[Json, Json, str, str, bool]] = [
    ({}, {"deprecated": True}, PLACE, "deprecated", False),
    ({"deprecated": True}, {}, PLACE, "no longer deprecated", False),
    ({}, {PREVIEW: True}, PLACE, "now a technical preview", False),
    ({PREVIEW: True}, {}, PLACE, "no longer a technical preview", False),
    ({}, {"operationId": "list-locks"}, PLACE, "operationId get-imodel-locks → list-locks", True),
    ({"tags": ["A"]}, {"tags": ["B"]}, PLACE, "tag A → B", True),
    ({}, {"security": [{"OAuth2": ["b", "a"]}]}, PLACE, "security none → OAuth2 a b", False),
    ({"parameters": [TOP]}, {}, f"{PLACE} · query $top", "removed", True),
    ({}, {"parameters": [TOP]}, f"{PLACE} · query $top", "added", False),
    ({}, {"parameters": [{**TOP, "required": True}]}, f"{PLACE} · query $top", "added, required", True),
    ({"parameters": [TOP]}, {"parameters": [{**TOP, "required": True}]}, f"{PLACE} · query $top", "now required", True),
    (
        {"parameters": [{**TOP, "required": True}]},
        {"parameters": [TOP]},
        f"{PLACE} · query $top",
        "no longer required",
        False,
    ),
    (
        {"parameters": [TOP]},
        {"parameters": [{**TOP, "deprecated": True}]},
        f"{PLACE} · query $top",
        "deprecated",
        False,
    ),
    (
        {"parameters": [parameter("$select", schema=LIST)]},
        {"parameters": [parameter("$select", schema=LIST, explode=False)]},
        f"{PLACE} · query $select",
        "style form, exploded → form",
        True,
    ),
    (
        {"parameters": [parameter("If-Match", "header")]},
        {"parameters": [parameter("If-Match", "header", schema=NUMBER)]},
        f"{PLACE} · header If-Match",
        "type string → integer",
        True,
    ),
    ({"requestBody": body()}, {}, f"{PLACE} · request", "removed", True),
    ({}, {"requestBody": body()}, f"{PLACE} · request", "added", False),
    ({}, {"requestBody": body(required=True)}, f"{PLACE} · request", "added, required", True),
    ({"requestBody": body()}, {"requestBody": body(required=True)}, f"{PLACE} · request", "now required", True),
    ({"requestBody": body(required=True)}, {"requestBody": body()}, f"{PLACE} · request", "no longer required", False),
    (
        {"requestBody": {"content": {JSON: {}, "image/png": {}}}},
        {"requestBody": {"content": {JSON: {}}}},
        f"{PLACE} · request · image/png",
        "removed",
        True,
    ),
    (
        {"requestBody": {"content": {JSON: {}}}},
        {"requestBody": {"content": {JSON: {}, "image/png": {}}}},
        f"{PLACE} · request · image/png",
        "added",
        False,
    ),
    ({"responses": CREATED}, {}, f"{PLACE} · answer 201", "removed", True),
    ({}, {"responses": CREATED}, f"{PLACE} · answer 201", "added", False),
    ({"responses": {"2XX": body()}}, {}, f"{PLACE} · answer 2XX", "removed", True),
    ({"responses": {"429": body()}}, {}, f"{PLACE} · answer 429", "removed", False),
    ({}, {"responses": {"429": body()}}, f"{PLACE} · answer 429", "added", False),
    ({"responses": {"default": body()}}, {}, f"{PLACE} · answer default", "removed", False),
    ({"responses": CREATED}, {"responses": {"201": {}}}, f"{PLACE} · answer 201 · {JSON}", "removed", True),
    ({"responses": {"201": {}}}, {"responses": CREATED}, f"{PLACE} · answer 201 · {JSON}", "added", False),
    (
        {"responses": {"429": {"headers": RETRY}}},
        {"responses": {"429": {}}},
        f"{PLACE} · answer 429 · header Retry-After",
        "removed",
        True,
    ),
    (
        {"responses": {"429": {}}},
        {"responses": {"429": {"headers": RETRY}}},
        f"{PLACE} · answer 429 · header Retry-After",
        "added",
        False,
    ),
    (
        {"responses": {"429": {"headers": RETRY}}},
        {"responses": {"429": {"headers": {"retry-after": {"schema": TEXT}}}}},
        f"{PLACE} · answer 429 · header Retry-After",
        "type integer → string",
        True,
    ),
    (
        {"responses": {"429": {"headers": {"Retry-After": {"schema": TEXT, "required": True}}}}},
        {"responses": {"429": {"headers": {"Retry-After": {"schema": TEXT}}}}},
        f"{PLACE} · answer 429 · header Retry-After",
        "no longer required",
        True,
    ),
    (
        {"requestBody": body(obj(locks={"type": "array", "items": obj(briefcaseId=NUMBER)}))},
        {"requestBody": body(obj(locks={"type": "array", "items": obj(briefcaseId=TEXT)}))},
        f"{PLACE} · request · locks[].briefcaseId",
        "type integer → string",
        True,
    ),
    (
        {"requestBody": body(obj(template=obj(iModelId=TEXT)))},
        {"requestBody": body(obj(template=obj(iModelId={**TEXT, "readOnly": True})))},
        f"{PLACE} · request · template.iModelId",
        "removed",
        True,
    ),
    (
        {"responses": {"200": body(obj(secret=TEXT))}},
        {"responses": {"200": body(obj(secret={**TEXT, "writeOnly": True}))}},
        f"{PLACE} · answer 200 · secret",
        "removed",
        True,
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "what", "breaking"), OPERATION_CHANGES)
def test_operation_changes(old: Json, new: Json, where: str, what: str, *, breaking: bool) -> None:
    """Each change of an operation is told once, at its place, and judged."""
    before, after = copy.deepcopy((definition(**old), definition(**new)))
    assert compare(before, after) == [Change(breaking, where, what)]


ID = parameter("iModelId", "path", required=True)
HEADERS = [parameter("Accept", "header"), parameter("authorization", "header"), parameter("Content-Type", "header")]

# Each row: two definitions that mean the same.
SAME_DEFINITIONS = [
    (definition(parameters=HEADERS), definition()),
    (definition(requestBody=body(media="application/json; charset=utf-8")), definition(requestBody=body())),
    (
        definition(responses={"200": {"content": {"image/png": {}}}}),
        definition(responses={"200": body({**TEXT, "format": "binary"}, "image/png")}),
    ),
    (definition(responses={"2XX": body()}), definition(responses={"2xx": body()})),
    (
        definition(responses={"200": {"headers": {"Content-Type": {"schema": TEXT}, "ETag": {"schema": TEXT}}}}),
        definition(responses={"200": {"headers": {"etag": {"schema": TEXT}}}}),
    ),
    (
        definition(parameters=[{**TOP, "deprecated": True}]),
        definition(parameters=[{**TOP, "schema": {**NUMBER, "deprecated": True}}]),
    ),
    (
        definition(parameters=[TOP, ID]),
        definition(parameters=[ID, {"name": "$top", "in": "query", "content": {JSON: {"schema": NUMBER}}}]),
    ),
    (
        definition(parameters=[parameter("$select", schema=LIST)]),
        definition(parameters=[parameter("$select", schema=LIST, style="form", explode=True)]),
    ),
    (
        definition(security=[{"A": []}, {"B": ["x", "y"]}], tags=["Locks"], summary="Old"),
        definition(security=[{"B": ["y", "x"]}, {"A": []}], tags=["Locks"], description="New"),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME_DEFINITIONS)
def test_same_definitions(one: Json, other: Json) -> None:
    """Ways to write an operation that mean the same are no change."""
    assert compare(one, other) == []
    assert compare(other, one) == []


def test_operations_come_and_go() -> None:
    """A removed operation breaks, an added one does not; removed ones stand where they stood."""
    old, new = definition("/a"), definition("/b", operationId="get-other")
    assert compare(old, new) == [
        Change(breaking=True, where="get-imodel-locks", what="removed"),
        Change(breaking=False, where="get-other", what="added"),
    ]


def test_another_method_is_another_operation() -> None:
    """An operation is known by its method and path, and named by them where it has no id."""
    old, new = definition("/a"), definition("/a")
    new["paths"]["/a"] = {"get": {"responses": {}}}
    assert compare(old, new) == [
        Change(breaking=True, where="get-imodel-locks", what="removed"),
        Change(breaking=False, where="GET /a", what="added"),
    ]


def test_renamed_path_parameter() -> None:
    """A path parameter is known by its position: another name is compatible, its schema is still compared."""
    old = definition("/imodels/{iModelId}/changesets/{id}", parameters=[ID, parameter("id", "path", required=True)])
    new = definition(
        "/imodels/{id}/changesets/{changesetId}",
        parameters=[
            parameter("changesetId", "path", required=True, schema=NUMBER),
            parameter("id", "path", required=True),
        ],
    )
    assert compare(old, new) == [
        Change(breaking=False, where="get-imodel-locks · path iModelId", what="renamed to id"),
        Change(breaking=False, where="get-imodel-locks · path id", what="renamed to changesetId"),
        Change(breaking=True, where="get-imodel-locks · path id", what="type string → integer"),
    ]


def test_path_level_parameters() -> None:
    """A parameter of the path counts for its operations, and theirs goes before it."""
    path = "/imodels/{iModelId}/locks"
    old, new = definition(path, parameters=[ID, TOP]), definition(path, parameters=[TOP])
    new["paths"][path]["parameters"] = [ID, {**TOP, "schema": TEXT}]
    assert compare(old, new) == []


def test_referenced_parts() -> None:
    """Parameters, bodies, answers and headers may be referenced or written in place."""
    inline = definition(
        parameters=[TOP],
        requestBody=body(obj(a=TEXT), required=True),
        responses={"200": {**body(), "headers": RETRY}},
    )
    shared = definition(
        parameters=[{"$ref": "#/components/parameters/Top"}],
        requestBody={"$ref": "#/components/requestBodies/New"},
        responses={"200": {"$ref": "#/components/responses/Done"}},
    )
    shared["components"] |= {
        "parameters": {"Top": TOP},
        "requestBodies": {"New": body(obj(a=TEXT), required=True)},
        "responses": {"Done": {**body(), "headers": {"Retry-After": {"$ref": "#/components/headers/Retry"}}}},
        "headers": {"Retry": {"schema": NUMBER}},
    }
    assert compare(inline, shared) == []
    assert compare(shared, inline) == []


def test_several_media_types_are_named() -> None:
    """A change in one of several contents says in which."""
    png = {"image/png": {}}
    old = definition(requestBody={"content": {JSON: {"schema": obj(a=TEXT)}, **png}})
    new = definition(requestBody={"content": {JSON: {"schema": obj()}, **png}})
    assert compare(old, new) == [
        Change(breaking=True, where=f"get-imodel-locks · request · {JSON} · a", what="removed")
    ]


def test_servers_and_security_schemes() -> None:
    """The addresses and ways to sign in are compared, and compatible."""
    old = {**definition(), "servers": [{"url": "https://a.example"}]}
    new = {**definition(), "servers": [{"url": "https://b.example"}]}
    old["components"] = {"securitySchemes": {"Key": {"type": "apiKey", "description": "old"}, "Old": {}}}
    new["components"] = {"securitySchemes": {"Key": {"type": "http"}, "New": {}}}
    assert compare(old, new) == [
        Change(breaking=False, where="server https://a.example", what="removed"),
        Change(breaking=False, where="server https://b.example", what="added"),
        Change(breaking=False, where="security scheme Key", what="changed"),
        Change(breaking=False, where="security scheme Old", what="removed"),
        Change(breaking=False, where="security scheme New", what="added"),
    ]


def test_security_of_the_whole_definition() -> None:
    """What the definition demands of every operation counts as if each did."""
    demand = [{"OAuth2": ["imodels"]}]
    assert compare({**definition(), "security": demand}, definition(security=demand)) == []


def test_recursive_schemas() -> None:
    """A schema within itself ends, and a change in it is told where it is met first."""

    def tree(name: str, label: Json) -> Json:
        own = {"$ref": f"#/components/schemas/{name}"}
        node = obj(label=label, children={"type": "array", "items": own}, parent={"anyOf": [own, {"type": "null"}]})
        return answer(own, {name: node})

    assert compare(tree("Tree", TEXT), tree("Node", TEXT)) == []
    changes = compare(tree("Tree", TEXT), tree("Tree", NUMBER))
    assert changes[0] == Change(
        breaking=True, where="get-imodel-locks · answer 200 · value.label", what="type string → integer"
    )
    assert {change.what for change in changes} == {"type string → integer"}


def test_recursion_without_objects() -> None:
    """Schemas that are alternatives or compositions of themselves end too."""
    own = {"$ref": "#/components/schemas/Odd"}
    for odd in ({"anyOf": [own, TEXT]}, {"allOf": [own, TEXT]}, {"oneOf": [{"items": own}, own, NUMBER]}):
        assert compare(request(own, {"Odd": odd}), request(own, {"Odd": odd})) == []


def test_report() -> None:
    """Breaking changes come first, an operation's lines stay together, the counts come last."""
    changes = [
        Change(breaking=False, where="a · query x", what="added"),
        Change(breaking=True, where="b", what="removed"),
        Change(breaking=True, where="a · answer 200 · y", what="removed"),
        Change(breaking=False, where="b", what="deprecated"),
        Change(breaking=False, where="a · query z", what="added"),
    ]
    assert report(changes) == [
        "BREAKING   a · answer 200 · y: removed",
        "BREAKING   b: removed",
        "compatible a · query x: added",
        "compatible a · query z: added",
        "compatible b: deprecated",
        "2 breaking changes, 3 compatible changes",
    ]
    assert report(changes[1:2])[-1] == "1 breaking change, 0 compatible changes"
    assert report([]) == ["no semantic difference"]


def test_broken_references() -> None:
    """A reference that leads nowhere, outside or in a circle is found at its place; sample data is not one."""
    circle = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    sample = request({**TEXT, "example": {"$ref": "#/nowhere"}, "default": {"$ref": "x"}})
    assert broken_references(sample) == []
    assert broken_references(request(LINK, SCHEMAS)) == []
    place = "#/paths/~1imodels~1{iModelId}~1locks/post/responses/default/$ref"
    dangling = definition(responses={"default": {"$ref": "#/components/responses/Gone"}})
    for document, text in (
        (dangling, f"{place}: '#/components/responses/Gone' is not in the definition"),
        (definition(responses={"default": {"$ref": "other.json#/a"}}), f"{place}: 'other.json#/a' is not in"),
        (request(TEXT, circle), "#/components/schemas/A/$ref: '#/components/schemas/B' is not in"),
        (request(obj(example={"$ref": "#/gone"})), "properties/example/$ref"),
    ):
        assert text in broken_references(document)[0]


def test_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tool prints the report; only ``--fail-on-breaking`` makes a breaking change its exit status."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(definition(parameters=[TOP])), encoding="utf-8")
    new.write_text(json.dumps(definition()), encoding="utf-8")
    assert spec_diff.main([str(old), str(new)]) == 0
    expected = "BREAKING   get-imodel-locks · query $top: removed\n1 breaking change, 0 compatible changes\n"
    assert capsys.readouterr().out == expected
    assert spec_diff.main(["--fail-on-breaking", str(old), str(new)]) == 1
    assert spec_diff.main(["--fail-on-breaking", str(new), str(old)]) == 0
    assert spec_diff.main(["--fail-on-breaking", str(old), str(old)]) == 0
    assert capsys.readouterr().out.endswith("no semantic difference\n")


# --- properties: any definition equals a rearranged copy of itself ------------------------------------------

NAMES = ("id", "name", "state", "links")
REFERENCES = [{"$ref": f"#/components/schemas/{name}"} for name in ("Level", "Link", "Tree")]
SHARED: Json = {
    "Level": {"type": "string", "enum": ["none", "shared", "exclusive"]},
    "Link": {"type": ["object", "null"], "properties": {"href": {"type": "string", "format": "uri"}}},
    "Tree": {
        "type": "object",
        "properties": {
            "level": REFERENCES[0],
            "parent": {"anyOf": [REFERENCES[2], {"type": "null"}]},
            "children": {"type": "array", "items": REFERENCES[2]},
        },
        "required": ["level"],
    },
}


def leaves() -> st.SearchStrategy[Json]:
    """Schemas without schemas in them."""
    text = st.fixed_dictionaries(
        {"type": st.sampled_from(["string", ["string", "null"]])},
        optional={
            "format": st.sampled_from(["uuid", "date-time"]),
            "maxLength": st.integers(1, 9),
            "enum": st.lists(st.sampled_from("abc"), min_size=1, unique=True),
            "default": st.sampled_from("abc"),
        },
    )
    number = st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
        optional={
            "exclusiveMinimum": st.integers(0, 5),
            "maximum": st.integers(6, 9),
            "deprecated": st.just(value=True),
        },
    )
    return st.one_of(text, number, st.just({"const": "fixed"}), st.sampled_from(REFERENCES))


def compound(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Schemas made of others."""
    objects = st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
        },
        optional={
            "required": st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
            "additionalProperties": st.one_of(st.booleans(), inner),
        },
    )
    pair = st.lists(inner, min_size=2, max_size=2)
    return st.one_of(
        objects,
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda one: {"anyOf": [one, {"type": "null"}]}, inner),
        st.builds(lambda many: {"oneOf": many}, pair),
        st.builds(lambda many: {"anyOf": [*many, {"type": "null"}]}, pair),
        st.builds(lambda many: {"allOf": many}, st.lists(objects, min_size=1, max_size=2)),
    )


SCHEMA = st.recursive(leaves(), compound, max_leaves=6)


@st.composite
def definitions(draw: st.DrawFn) -> Json:
    """Definitions of two operations, with referenced and recursive schemas."""
    path = "/imodels/{iModelId}/locks"
    document = definition(
        path,
        copy.deepcopy(SHARED),
        parameters=[parameter("$top", schema=draw(SCHEMA)), parameter("mark", "header", schema=draw(SCHEMA))],
        requestBody=body(draw(SCHEMA), required=draw(st.booleans())),
        responses={
            "200": {**body(draw(SCHEMA)), "headers": {"ETag": {"schema": draw(SCHEMA)}}},
            "404": body(REFERENCES[1]),
        },
    )
    document["paths"][path] |= {
        "get": {"operationId": "other", "responses": {"200": body(draw(SCHEMA))}},
        "parameters": [ID],
    }
    return copy.deepcopy(document)


class Rearranged:
    """A definition written another way, by chance, without another meaning."""

    def __init__(self, document: Json, chance: random.Random) -> None:
        """Rearrange a copy of a definition."""
        self.chance = chance
        self.hoisted: Json = {}
        work = copy.deepcopy(document)
        schemas = work["components"]["schemas"]
        work["components"]["schemas"] = {name: self.schema(schema) for name, schema in schemas.items()}
        for item in work["paths"].values():
            self.path(item, work["components"])
        work["components"]["schemas"] |= self.hoisted
        names = {name: f"New{index}" for index, name in enumerate(work["components"]["schemas"])}
        self.document: Json = self.shuffled(work, names)
        schemas = self.document["components"]["schemas"]
        self.document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}

    def maybe(self) -> bool:
        """Toss a coin."""
        return self.chance.random() < 0.5

    def path(self, item: Json, components: Json) -> None:
        """Rearrange the operations of a path."""
        operations = [item[method] for method in ("get", "post")]
        if self.maybe():
            shared = item.pop("parameters")
            for operation in operations:
                operation.setdefault("parameters", []).extend(copy.deepcopy(shared))
        for operation in operations:
            for content in self.contents(operation):
                content["schema"] = self.schema(content["schema"])
            if self.maybe():
                self.chance.shuffle(operation.setdefault("parameters", []))
                self.hoist(operation["parameters"], range(len(operation["parameters"])), components, "parameters")
            if self.maybe():
                self.hoist(operation["responses"], list(operation["responses"]), components, "responses")

    def contents(self, operation: Json) -> list[Json]:
        """List whatever holds a schema in an operation."""
        bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
        return [
            *operation.get("parameters", []),
            *(media for one in bodies for media in one.get("content", {}).values()),
            *(header for one in bodies for header in one.get("headers", {}).values()),
        ]

    def hoist(self, holder: Any, keys: Any, components: Json, section: str) -> None:
        """Move members to the shared components."""
        shared = components.setdefault(section, {})
        for key in keys:
            name = f"{section}{len(shared)}"
            shared[name] = holder[key]
            holder[key] = {"$ref": f"#/components/{section}/{name}"}

    def schema(self, schema: Any) -> Any:
        """Write a schema another way."""
        if not isinstance(schema, dict):
            return schema
        changed = {key: self.member(key, value) for key, value in schema.items()}
        for step in (self.older_null, self.older_bounds, self.annotated, self.wrapped, self.named):
            if self.maybe():
                changed = step(changed)
        return changed

    def member(self, key: str, value: Any) -> Any:
        """Write a keyword's value another way."""
        if key == "properties":
            return {name: self.schema(schema) for name, schema in value.items()}
        if key in {"items", "additionalProperties"}:
            return self.schema(value)
        if key == "allOf":
            return [self.schema(member) for member in value]
        if key in {"anyOf", "oneOf"}:
            return self.mixed([member if member == {"type": "null"} else self.schema(member) for member in value])
        return self.mixed(value) if key in {"enum", "required"} else value

    def mixed(self, values: list[Any]) -> list[Any]:
        """Bring a list into another order."""
        return self.chance.sample(values, len(values))

    def older_null(self, schema: Json) -> Json:
        """Say null as OpenAPI 3.0 does."""
        if isinstance(schema.get("type"), list):
            (kind,) = set(schema["type"]) - {"null"}
            return {**schema, "type": kind, "nullable": True}
        members = schema.get("anyOf", [])
        others = [member for member in members if member != {"type": "null"}]
        if len(others) == len(members):
            return schema
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**rest, ("allOf" if len(others) == 1 else "anyOf"): others, "nullable": True}

    def older_bounds(self, schema: Json) -> Json:
        """Say exclusive bounds as OpenAPI 3.0 does, and a constant as an enumeration."""
        if "const" in schema:
            return {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}
        if not isinstance(schema.get("exclusiveMinimum"), int):
            return schema
        return {**schema, "minimum": schema["exclusiveMinimum"], "exclusiveMinimum": True}

    def annotated(self, schema: Json) -> Json:
        """Describe."""
        return {**schema, "description": str(self.chance.random()), "example": {"$ref": "sample"}}

    def wrapped(self, schema: Json) -> Json:
        """Compose of one."""
        return {"allOf": [schema], "title": "Wrapped"}

    def named(self, schema: Json) -> Json:
        """Move a schema to the shared ones."""
        name = f"Hoisted{len(self.hoisted)}"
        self.hoisted[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}

    def shuffled(self, node: Any, names: dict[str, str]) -> Any:
        """Bring all keys into another order and refer to schemas by their new names."""
        if isinstance(node, list):
            return [self.shuffled(child, names) for child in node]
        if not isinstance(node, dict):
            return node
        changed = {key: self.shuffled(node[key], names) for key in self.mixed(list(node))}
        section, _, name = str(changed.get("$ref", "")).rpartition("/")
        return {**changed, "$ref": f"{section}/{names[name]}"} if section.endswith("schemas") else changed


@settings(deadline=None)
@given(definitions(), st.integers(0, 2**32))
def test_rearranged(document: Json, seed: int) -> None:
    """A definition equals itself, and any copy of itself that only says the same in other words."""
    other = Rearranged(document, random.Random(seed)).document  # noqa: S311 - not a secret
    assert broken_references(other) == []
    untouched = copy.deepcopy(document)
    assert compare(document, document) == []
    assert compare(document, copy.deepcopy(document)) == []
    assert compare(document, other) == []
    assert compare(other, document) == []
    assert document == untouched


@settings(deadline=None)
@given(SCHEMA, SCHEMA)
def test_difference_is_mutual(one: Json, other: Json) -> None:
    """Where one schema differs from another, that differs from it, at the same places or around them."""
    first, second = answer(one, SHARED), answer(other, SHARED)
    assert bool(compare(first, second)) == bool(compare(second, first))
