"""The responses that a definition describes, in the compact form that the facade compares real responses with.

It contains only the data for the comparison: statuses, media types, header names, error codes, and the types,
properties, required properties and values of schemas. The definition is used before its responses are relaxed for the
generator, so that required properties remain required.
"""

import json
from typing import Any

from scripts.specs.media import without_parameters
from scripts.specs.names import snake_case
from scripts.specs.uplift import to_3_1
from scripts.specs.walk import lookup, operations, resolved

FILE_NAME = "answers.json"

_SCHEMAS = "#/components/schemas/"
_CODES = {"codes": "x-error-codes", "details": "x-detail-codes", "inner": "x-inner-codes"}
_MEMBERS = ("anyOf", "oneOf")


def contract_text(document: dict[str, Any]) -> str:
    """Return the content of the contract file: JSON with one line per schema and operation."""
    tables = answers_contract(document)
    return "{" + ",\n".join(f"{json.dumps(name)}: {_lines(table)}" for name, table in tables.items()) + "}\n"


def answers_contract(document: dict[str, Any]) -> dict[str, Any]:
    """Return the operations by generated module, and the schemas that their responses reach.

    Args:
        document: The definition, with overlays, its operations named by the inventory.
    """
    document = to_3_1(document)
    schemas = _Schemas(document)
    found = {
        snake_case(operation.id): {
            "id": operation.id,
            "answers": {
                str(status): _answer(schemas, resolved(document, response))
                for status, response in operation.node.get("responses", {}).items()
            },
        }
        for operation in operations(document)
    }
    return {"operations": found, "schemas": schemas.reached()}


def _lines(table: dict[str, Any]) -> str:
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'), sort_keys=True)}"
        for name, value in sorted(table.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def _answer(schemas: "_Schemas", response: dict[str, Any]) -> dict[str, Any]:
    media = {
        without_parameters(name): schemas.compact(content.get("schema", {}))
        for name, content in response.get("content", {}).items()
    }
    codes = {key: response[source] for key, source in _CODES.items() if source in response}
    headers = sorted(name.lower() for name in response.get("headers", {}))
    return {"media": media, **codes, **({"headers": headers} if headers else {})}


class _Schemas:
    """Converts schemas to the compact form and records which ones they refer to."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._open: list[str] = []

    def reached(self) -> dict[str, Any]:
        """Return every schema that a compact one refers to, directly or indirectly, by name."""
        found: dict[str, Any] = {}
        while self._open:
            reference = self._open.pop()
            name = reference.removeprefix(_SCHEMAS)
            if name not in found:
                found[name] = self.compact(lookup(self._document, reference))
        return found

    def compact(self, schema: Any) -> dict[str, Any]:
        """Return the parts of a schema that a comparison needs."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            self._open.append(schema["$ref"])
            return {"$ref": schema["$ref"].removeprefix(_SCHEMAS)}
        if "allOf" in schema:
            own = {key: value for key, value in schema.items() if key != "allOf"}
            return self._merged([own, *schema["allOf"]])
        kept = self._plain(schema)
        members = [member for key in _MEMBERS for member in schema.get(key, [])]
        if not members:
            return kept
        if "properties" in kept:
            own = {key: value for key, value in schema.items() if key not in _MEMBERS}
            return {"anyOf": [self._merged([own, member]) for member in members]}
        return {"anyOf": [self.compact(member) for member in members]}

    def _plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        if "type" in schema:
            kept["type"] = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if "properties" in schema:
            kept["properties"] = {name: self.compact(child) for name, child in schema["properties"].items()}
        if schema.get("required"):
            kept["required"] = schema["required"]
        if "items" in schema:
            kept["items"] = self.compact(schema["items"])
        if schema.get("additionalProperties", False) is not False:
            kept["additionalProperties"] = self.compact(schema["additionalProperties"])
        if "enum" in schema or "const" in schema:
            kept["enum"] = schema.get("enum", [schema.get("const")])
        return kept

    def _merged(self, parts: list[Any]) -> dict[str, Any]:
        """Return one schema for a value that all of the parts describe."""
        result: dict[str, Any] = {}
        for part in parts:
            compact = self.compact(resolved(self._document, part))
            properties = {**result.get("properties", {}), **compact.get("properties", {})}
            required = [*result.get("required", []), *compact.get("required", [])]
            result = {**result, **compact}
            if properties:
                result["properties"] = properties
            if required:
                result["required"] = sorted(set(required))
        return result
