"""Schemas of responses are relax_responses; those of requests keep their rules."""

import copy
from typing import Any

from scripts.specs.answers import relax_responses


def definition(
    schemas: dict[str, Any], answer: dict[str, Any], request: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a definition with one operation."""
    operation: dict[str, Any] = {
        "operationId": "get-x",
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}},
    }
    if request:
        operation["requestBody"] = {"content": {"application/json": {"schema": request}}}
    return {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}, "components": {"schemas": schemas}}


def reference(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def test_an_answer_requires_nothing_and_closes_no_enum() -> None:
    """Required properties and enum values are removed from inline, referenced and combined schemas."""
    schemas = {
        "Box": {"type": "object", "required": ["item"], "properties": {"item": reference("Item")}},
        "Item": {
            "type": "object",
            "required": ["state", "level"],
            "properties": {"state": reference("State"), "level": {"type": "string", "enum": ["a"]}},
        },
        "State": {"type": "string", "enum": ["on", "off"], "x-enum-varnames": ["ON", "OFF"]},
    }
    after = relax_responses(definition(schemas, {"anyOf": [reference("Box"), {"type": "object", "required": ["z"]}]}))
    box, item, state = (after["components"]["schemas"][name] for name in ("Box", "Item", "State"))
    assert "required" not in box
    assert "required" not in item
    assert item["properties"]["level"] == {"type": "string"}
    assert state == {"type": "string"}
    union = after["paths"]["/x"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert union["anyOf"][1] == {"type": "object"}


def test_what_the_parser_would_look_into_may_be_null() -> None:
    """Objects, lists and times of responses may be null; plain values need no change."""
    schemas = {
        "Box": {
            "type": "object",
            "properties": {
                "link": {**reference("Link"), "description": "where"},
                "when": {"type": "string", "format": "date-time"},
                "list": {"type": "array", "items": reference("Link")},
                "name": {"type": "string"},
                "count": {"type": ["integer", "null"]},
                "maybe": {"anyOf": [reference("Link"), {"type": "null"}]},
            },
        },
        "Link": {"type": "object", "properties": {"href": {"type": "string"}}},
    }
    before = definition(schemas, reference("Box"))
    properties = relax_responses(before)["components"]["schemas"]["Box"]["properties"]
    null = {"type": "null"}
    assert properties["link"] == {"anyOf": [reference("Link"), null], "description": "where"}
    assert properties["when"]["anyOf"][1] == null
    assert properties["list"]["anyOf"][1] == null
    for name in ("name", "count", "maybe"):
        assert properties[name] == schemas["Box"]["properties"][name]


def test_an_answer_may_have_more_members() -> None:
    """Objects of responses are not closed; declared types of other properties are kept, as in requests."""
    closed = {"type": "object", "additionalProperties": False, "unevaluatedProperties": False}
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    schemas = {"Box": {**closed, "properties": {"texts": texts}}, "Create": copy.deepcopy(closed)}
    after = relax_responses(definition(schemas, reference("Box"), reference("Create")))["components"]["schemas"]
    assert after["Box"].keys() == {"type", "properties"}
    assert after["Box"]["properties"]["texts"]["anyOf"][0] == texts
    assert after["Create"] == closed


def test_requests_keep_their_rules_unless_answers_share_the_schema() -> None:
    """Schemas of requests keep required and enum; shared ones are relax_responses."""
    rules = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "enum": ["x"]}}}
    schemas = {"Create": {**copy.deepcopy(rules)}, "Shared": copy.deepcopy(rules)}
    schemas["Create"]["properties"]["shared"] = reference("Shared")
    before = definition(schemas, reference("Shared"), reference("Create"))
    after = relax_responses(before)["components"]["schemas"]
    assert after["Create"]["required"] == ["a"]
    assert after["Create"]["properties"]["a"]["enum"] == ["x"]
    assert "required" not in after["Shared"]
    assert before["components"]["schemas"]["Shared"]["required"] == ["a"]


def test_a_schema_that_contains_itself_ends() -> None:
    """Recursion through references is followed once."""
    schemas = {"Node": {"type": "object", "required": ["next"], "properties": {"next": reference("Node")}}}
    assert "required" not in relax_responses(definition(schemas, reference("Node")))["components"]["schemas"]["Node"]
