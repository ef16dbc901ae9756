"""Relax response schemas: a generated parser must never fail on a response from the service.

A definition describes the service at one time. Deployed clients also receive responses of later versions: with a new
enum value, without a property, or with null instead of an object. The generated code would reject the whole response.
So in every schema that a response can reach

- no property is required,
- enums and objects are open: new members are kept,
- an object, a list or a time may be null (the generated code for null also accepts unexpected values).

Schemas that are also used by requests are relaxed as well. The references determine which schemas responses reach;
therefore this is a rule and not an overlay.
"""

import copy
from typing import Any

from scripts.specs.walk import COMPOSITIONS, lookup, operations, resolved

_CLOSING = ("required", "enum", "const", "x-enum-varnames")
_MORE_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_NULL = {"type": "null"}


def relax_responses(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of the definition (OpenAPI 3.1) with relaxed response schemas."""
    result = copy.deepcopy(document)
    visited: set[int] = set()
    for schema in _answer_schemas(result):
        _relax(result, schema, visited)
    return result


def _answer_schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        media["schema"]
        for operation in operations(document)
        for response in operation.node.get("responses", {}).values()
        for media in resolved(document, response).get("content", {}).values()
        if "schema" in media
    ]


def _relax(document: dict[str, Any], schema: Any, visited: set[int]) -> None:
    if not isinstance(schema, dict) or id(schema) in visited:
        return
    visited.add(id(schema))
    if "$ref" in schema:
        _relax(document, lookup(document, schema["$ref"]), visited)
        return
    for key in _CLOSING:
        schema.pop(key, None)
    for key in _MORE_MEMBERS:
        if schema.get(key) is False:
            del schema[key]
    for name, child in schema.get("properties", {}).items():
        _relax(document, child, visited)
        schema["properties"][name] = _may_be_null(document, child)
    for child in (schema.get("items"), schema.get("additionalProperties")):
        _relax(document, child, visited)
    for member in (member for key in COMPOSITIONS for member in schema.get(key, [])):
        _relax(document, member, visited)


def _may_be_null(document: dict[str, Any], schema: Any) -> Any:
    """Return the schema, with null added where the generated parser would otherwise look inside the value."""
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
