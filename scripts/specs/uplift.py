"""Convert OpenAPI 3.0 to 3.1, so that later steps need to support only one notation for null.

The generator ignores ``nullable`` next to ``$ref`` and fails on it next to ``enum``; it handles ``anyOf`` with null
correctly. A 3.1 definition is returned unchanged.
"""

from typing import Any

from scripts.specs.walk import COMPOSITIONS

_NOT_SCHEMAS = frozenset({"default", "enum", "example", "examples"})
_NAMED = frozenset(
    {"properties", "patternProperties", "responses", "schemas", "headers", "parameters", "requestBodies", "paths"}
)
"""Keys whose members have arbitrary names, which may be equal to keywords."""
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_PLAIN_TYPES = ("boolean", "integer", "number", "string")
_NULL = {"type": "null"}


def to_3_1(document: dict[str, Any]) -> dict[str, Any]:
    """Return the same definition in OpenAPI 3.1."""
    if not document["openapi"].startswith("3.0"):
        return document
    return {**_rewritten(document), "openapi": "3.1.0"}


def _rewritten(node: Any) -> Any:
    if isinstance(node, list):
        return [_rewritten(child) for child in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _rewritten_member(key, value) for key, value in node.items()}
    nullable = schema.get("nullable")
    if isinstance(nullable, bool):
        del schema["nullable"]
    return _with_null(_numeric_bounds(schema)) if nullable is True else _numeric_bounds(schema)


def _rewritten_member(key: str, value: Any) -> Any:
    if key in _NOT_SCHEMAS:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: _rewritten(schema) for name, schema in value.items()}
    return _rewritten(value)


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") in _PLAIN_TYPES and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    words: dict[str, Any] = {key: schema.pop(key) for key in ("title", "description", "deprecated") if key in schema}
    if isinstance(schema.get("enum"), list):
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    return {"anyOf": [_without_single_composition(schema), _NULL], **words}


def _without_single_composition(schema: dict[str, Any]) -> dict[str, Any]:
    for key in COMPOSITIONS:
        members = schema.get(key)
        if schema.keys() == {key} and isinstance(members, list) and len(members) == 1:
            member: dict[str, Any] = members[0]
            return member
    return schema


def _numeric_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    for exclusive, inclusive in _BOUNDS.items():
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and inclusive in schema:
                schema[exclusive] = schema.pop(inclusive)
    return schema
