"""Malformed definitions: each tool reports the place, and none crashes."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from scripts.specs.correct import in_one_form
from scripts.specs.definition import recognize
from scripts.specs.diff.compare import compare
from scripts.specs.diff.report import report
from scripts.specs.formats import plain_json
from scripts.specs.inventory import rows
from scripts.specs.walk import Pointer, nodes, pointer_text
from scripts.toolkit import ToolError

Json = dict[str, Any]

DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "iModels", "version": "2"},
    "servers": [{"url": "https://{region}.example.com", "variables": {"region": {"default": "eu", "enum": ["eu"]}}}],
    "security": [{"OAuth2": ["read"]}],
    "paths": {
        "/{id}/locks": {
            "summary": "Locks",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "get-imodel-locks",
                "tags": ["Locks"],
                "deprecated": False,
                "parameters": [
                    {"name": "$top", "in": "query", "explode": False, "schema": {"type": "integer", "maximum": 9}},
                    {"name": "x", "in": "header", "content": {"application/json": {"schema": {"type": "object"}}}},
                    {"$ref": "#/components/parameters/Prefer"},
                ],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Lock"}}},
                    }
                },
            },
        }
    },
    "components": {
        "parameters": {"Prefer": {"name": "Prefer", "in": "header", "schema": {"enum": ["a"], "default": "a"}}},
        "securitySchemes": {"OAuth2": {"type": "oauth2", "flows": {}}},
        "schemas": {
            "Lock": {
                "title": "A lock",
                "type": "object",
                "required": ["level"],
                "properties": {
                    "level": {"type": ["string", "null"], "enum": ["a", None], "format": "uuid", "minLength": 1},
                    "ids": {
                        "type": "array",
                        "items": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Id"}]},
                    },
                },
                "additionalProperties": {"type": "string"},
            },
            "Id": {"allOf": [{"type": "string", "pattern": "^a"}]},
        },
    },
}


def replaced(place: Pointer, value: Any) -> Json:
    """The document with another value at a place."""
    document = copy.deepcopy(DOCUMENT)
    holder: Any = document
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = value
    return document


def everywhere() -> Iterator[Pointer]:
    """Each place of the document."""
    return (place for place, _ in nodes(DOCUMENT) if place)


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    "value", [None, 5, "text", True, [], {}, [None], {"a": None}, [[]], {"$ref": "#/info"}], ids=str
)
def test_a_value_of_another_kind_never_breaks_a_tool(value: Any, version: str) -> None:
    """It is accepted or reported, for any value."""
    old = recognize(json.dumps(DOCUMENT).encode(), "old")
    for place in everywhere():
        document = {**replaced(place, value), "openapi": version}
        with suppress(ToolError):
            new = recognize(json.dumps(document).encode(), "new")
            report(compare(old, new, {}))
            report(compare(new, old, {}))
            in_one_form(new, rows())


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("paths", "/{id}/locks", "get", "responses"), None, 'null is not of type "object"'),
        (("paths", "/{id}/locks", "get", "parameters"), {}, '{} is not of type "array"'),
        (("servers",), "here", '"here" is not of type "array"'),
        (("components", "schemas", "Lock", "properties", "level", "enum"), 5, '5 is not of type "array"'),
        (("components", "schemas", "Lock", "properties", "level", "type"), "text", '"text" is not valid under any'),
        (("components", "schemas", "Id", "allOf", 0), {"$ref": "#/components/schemas/Id"}, "is composed of itself"),
    ],
)
def test_it_is_reported_at_its_place(place: Pointer, value: Any, told: str) -> None:
    """The message has its pointer, and what to do."""
    with pytest.raises(ToolError) as caught:
        recognize(json.dumps(replaced(place, value)).encode(), "new")
    assert str(caught.value).startswith(f"new: {pointer_text(place)}: ") or told.startswith("is ")
    assert told in str(caught.value)
    assert str(caught.value).endswith("; fetch it again, or correct it in a copy and fetch that")


def bomb(levels: int) -> bytes:
    """YAML that is small as text and large as a value."""
    return b"a0: &a0 [x, x]\n" + b"".join(
        f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}, *a{level - 1}]\n".encode() for level in range(1, levels)
    )


@pytest.mark.thorough(keep=5)
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "more than 100 levels deep"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "more than 100 levels deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": 1e999}', "a number that is too large"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "more than 100 levels deep"),
        (b"a: " + b"9" * 5000, "digits"),
        (b"a: !!timestamp 2026-01-01", "could not determine a constructor for the tag"),
        (b"a: !!binary YQ==", "could not determine a constructor for the tag"),
        (b"a: !!python/name:os.system", "could not determine a constructor for the tag"),
        (b"? [a]\n: b", "unhashable"),
        (bomb(40), "more than 2,000,000 values"),
    ],
    ids=[
        "deep",
        "rather-deep",
        "long-number",
        "nan",
        "infinite",
        *("yaml-" + name for name in ("deep", "long-number", "timestamp", "binary", "python", "list-as-key", "bomb")),
    ],
)
def test_text_that_no_definition_is(content: bytes, told: str) -> None:
    """It is rejected immediately with a message."""
    with pytest.raises(ToolError, match=told):
        recognize(plain_json(content, "new", 2**20), "new")


def refer(document: Json) -> None:
    """References to the property of a schema, to a parameter of another operation, and around in a circle."""
    lock = document["components"]["schemas"]["Lock"]["properties"]
    lock["other"] = {"$ref": "#/components/schemas/Lock/properties/ids", "description": "more"}
    lock["again"] = {"$ref": "#/components/schemas/Lock/properties/ids/items"}
    document["paths"]["/{id}/users"] = {
        "parameters": document["paths"]["/{id}/locks"]["parameters"],
        "get": {
            "operationId": "get-imodel-users",
            "parameters": [{"$ref": "#/paths/~1{id}~1locks/get/parameters/0"}],
            "responses": {"200": {"description": ""}},
        },
    }


def simplified(change: Callable[[Json], None]) -> Json:
    """The changed document as the generator would get it."""
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return in_one_form(recognize(json.dumps(document).encode(), "new"), rows())


def test_a_reference_into_another_part_is_replaced_by_what_it_means() -> None:
    """The generator knows references to named schemas only."""
    result = simplified(refer)
    properties = result["components"]["schemas"]["Lock"]["properties"]
    ids, other = (properties[name]["anyOf"][0] for name in ("ids", "other"))
    assert other == {**ids, "description": "more"}
    assert properties["again"]["anyOf"][:2] == ids["items"]["anyOf"]
    names = [each["name"] for each in result["paths"]["/{id}/users"]["get"]["parameters"]]
    assert names == ["id", "$top"]


def linked(document: Json) -> None:
    """Nine schemas that all lead to all."""
    schemas = document["components"]["schemas"]
    names = [f"E{number}" for number in range(9)]
    for name in names:
        properties = {other.lower(): {"$ref": f"#/components/schemas/{other}"} for other in names}
        schemas[name] = {"type": "object", "properties": properties}
    schemas["Lock"]["properties"]["entity"] = {"$ref": "#/components/schemas/E0"}


def doubled(document: Json) -> None:
    """References into properties, each of which has two of them."""
    schemas = document["components"]["schemas"]
    schemas["T0"] = {"type": "object", "properties": {"v": {"type": "string"}, "w": {"type": "string"}}}
    for number in range(1, 27):
        before = {"$ref": f"#/components/schemas/T{number - 1}/properties/v"}
        value = {"type": "object", "properties": {"a": before, "b": before}}
        schemas[f"T{number}"] = {"type": "object", "properties": {"v": value}}
    schemas["Lock"]["properties"]["entity"] = {"$ref": "#/components/schemas/T26"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("change", [linked, doubled], ids=lambda change: change.__name__)
def test_what_leads_everywhere_has_an_end(change: Callable[[Json], None]) -> None:
    """The number of paths through it grows exponentially."""
    document = copy.deepcopy(DOCUMENT)
    change(document)
    new = recognize(json.dumps(document).encode(), "new")
    told = report(compare(DOCUMENT, new, {}))
    assert any("Lock.entity: added" in line for line in told)
    in_one_form(new, rows())
