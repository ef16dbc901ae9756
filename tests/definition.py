"""The committed definition for tests, in any form, and validation of JSON against its schemas.

Tests take their knowledge of the API from ``tests.examples``, because the definition changes and tests do not.
"""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from scripts.specs import lock
from scripts.specs.correct import readable
from scripts.specs.definition import load
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.walk import Operation, nodes, operations, pointer_text, resolved
from tests import examples

_URI = "urn:definition"

Node = dict[str, Any]


def is_json(media_type: str) -> bool:
    """Check whether a media type is JSON, ignoring parameters such as a charset."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def answer_key(responses: Node, status: str) -> str | None:
    """Return the key of the response for a status: its own, that of its class, or the default."""
    return next((key for key in (status, f"{status[0]}XX", "default") if key in responses), None)


class Schemas:
    """The schemas of a definition: their addresses, and validation of values."""

    def __init__(self, document: Node) -> None:
        """Prepare a readable definition."""
        self.document = document
        self._registry = jsonschema_rs.Registry([(_URI, document)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def addresses(self, holder: Node, *pointer: str | int) -> Iterator[str]:
        """Yield the addresses of the JSON schemas of a request body or a response.

        Args:
            holder: The body or response.
            pointer: Its place in the definition.
        """
        for media_type, media in holder.get("content", {}).items():
            if is_json(media_type) and "schema" in media:
                yield pointer_text((*pointer, "content", media_type, "schema"))

    def errors(self, value: object, address: str) -> list[str]:
        """Return the places where a value does not match a schema, and why; formats are checked too.

        Args:
            value: The value.
            address: Address of the schema, such as ``#/components/schemas/Lock``.
        """
        if address not in self._validators:
            schema = {"$ref": _URI + quote(address, safe="#/~:")}
            self._validators[address] = jsonschema_rs.Draft202012Validator(
                schema, registry=self._registry, validate_formats=True
            )
        found = self._validators[address].iter_errors(value)
        return [f"{pointer_text(tuple(error.instance_path))}: {error.message}" for error in found]


@cache
def committed() -> Node:
    """Return the definition that the low-level client is generated from."""
    return readable(load(), overlay_files(OVERLAYS))


def by_id(document: Node) -> dict[str, Operation]:
    """Return the operations of a definition by their ids."""
    return {operation.id: operation for operation in operations(document)}


@cache
def expected() -> Node:
    """Return the committed definition, in which properties that the tests do not know are not required.

    The hub cannot send properties that did not exist when it was written.
    """
    names = {name for node in _objects(examples.DEFINITION) for name in node["properties"]}
    document = copy.deepcopy(committed())
    for node in _objects(document):
        if isinstance(node.get("required"), list):
            node["required"] = [name for name in node["required"] if name in names]
    return document


@cache
def known() -> Node:
    """Return a definition to which the responses of the current hub and documentation conform.

    Unless the definition is ours, every property may be null: other definitions of this API do not state which may be,
    although the documentation shows null.
    """
    document = copy.deepcopy(expected())
    if not lock.is_ours():
        for node in _objects(document):
            node["properties"] = {name: _or_null(schema) for name, schema in node["properties"].items()}
    return document


def _or_null(schema: Node) -> Node:
    return {"anyOf": [schema, {"type": "null"}]}


@cache
def error_codes(operation_id: str, status: int) -> frozenset[str]:
    """Return the error codes of an operation for a status, according to the definition of the tests."""
    operation = by_id(examples.DEFINITION).get(operation_id)
    response = operation.node["responses"].get(str(status), {}) if operation else {}
    return frozenset(resolved(examples.DEFINITION, response).get("x-error-codes", ()))


def _objects(document: Node) -> list[Node]:
    return [node for _, node in nodes(document) if isinstance(node, dict) and isinstance(node.get("properties"), dict)]
