"""Answers are read tolerantly: a generated parser must never fail on what the service really sent.

A definition says what its author expects today. A client in the field also meets the service of tomorrow: a new
enum value, a property left out, a null where an object stood. The generator turns each of these into a failure
of the whole answer. So in every schema that an answer can reach

- no property is required,
- no enum is closed, and no object: members that are new are kept,
- an object, a list or a time may be null (the generator's code for null also lets an odd value through).

A schema that requests use as well is opened with the rest. Which schemas answers reach follows from the
references, not from their names; that is why this is a rule and not an overlay.
"""

import copy
from typing import Any

from scripts.specs.walk import lookup, operations, resolved

_CLOSING = ("required", "enum", "const", "x-enum-varnames")
_MORE_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_MEMBERS = ("anyOf", "oneOf", "allOf")
_NULL = {"type": "null"}


def opened(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the definition (OpenAPI 3.1) whose answers are open."""
    result = copy.deepcopy(document)
    visited: set[int] = set()
    for schema in _answer_schemas(result):
        _open(result, schema, visited)
    return result


def _answer_schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        media["schema"]
        for operation in operations(document)
        for response in operation.node.get("responses", {}).values()
        for media in resolved(document, response).get("content", {}).values()
        if "schema" in media
    ]


def _open(document: dict[str, Any], schema: Any, visited: set[int]) -> None:
    if not isinstance(schema, dict) or id(schema) in visited:
        return
    visited.add(id(schema))
    if "$ref" in schema:
        _open(document, lookup(document, schema["$ref"]), visited)
        return
    for key in _CLOSING:
        schema.pop(key, None)
    for key in _MORE_MEMBERS:
        if schema.get(key) is False:
            del schema[key]
    for name, child in schema.get("properties", {}).items():
        _open(document, child, visited)
        schema["properties"][name] = _may_be_null(document, child)
    for child in (schema.get("items"), schema.get("additionalProperties")):
        _open(document, child, visited)
    for member in (member for key in _MEMBERS for member in schema.get(key, [])):
        _open(document, member, visited)


def _may_be_null(document: dict[str, Any], schema: Any) -> Any:
    """The schema, with null added where the generated parser would otherwise look inside the value."""
    if not isinstance(schema, dict) or any(key in schema for key in ("anyOf", "oneOf")):
        return schema
    target = resolved(document, schema)
    if target.get("format") not in ("date-time", "date") and target.get("type") in (
        "string",
        "integer",
        "number",
        "boolean",
    ):
        return schema
    if isinstance(target.get("type"), list):
        return schema
    words = {key: schema[key] for key in ("title", "description", "deprecated") if key in schema and "$ref" in schema}
    core = {"$ref": schema["$ref"]} if "$ref" in schema else schema
    return {"anyOf": [core, _NULL], **words}
