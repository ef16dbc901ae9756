"""Detect constructs in a corrected definition that the generator would silently mishandle."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.specs import collisions
from scripts.specs.corrections import is_ignored_header, parameter_schema
from scripts.specs.parts import PLACE
from scripts.specs.references import is_sample
from scripts.specs.walk import Finding, Operation, Pointer, nodes, operations

_OTHER_REGEX = "is not a 'regex'"
"""The message for a pattern in another regex dialect; the generator does not use patterns."""


def problems(document: dict[str, Any]) -> list[Finding]:
    """Return the reasons why the generator must not process the definition, with their places.

    Args:
        document: The corrected definition, OpenAPI 3.1.
    """
    return [
        *collisions.findings(document),
        *_invalid(document),
        *_leftovers(document),
        *(finding for each in operations(document) for finding in _operation(document, each)),
        *(finding for each in operations(document) for finding in _bodies(each)),
    ]


def _invalid(document: dict[str, Any]) -> Iterator[Finding]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        if _OTHER_REGEX in error.message:
            continue
        yield _place(document, error), f"not valid OpenAPI 3.1: {error.message.splitlines()[0]}"


def _place(document: dict[str, Any], error: Exception) -> Pointer:
    """Return the place of an error; for errors in schemas, the validator reports only the place within the schema."""
    value, place = getattr(error, "instance", None), tuple(getattr(error, "absolute_path", ()))
    places = (at for at, node in nodes(document) if at and node is value and isinstance(node, dict | list | str))
    return next(places, place)


def _leftovers(document: dict[str, Any]) -> Iterator[Finding]:
    for place, node in nodes(document):
        if not isinstance(node, dict) or is_sample(place):
            continue
        if isinstance(node.get("nullable"), bool):
            yield place, "nullable is OpenAPI 3.0; the generator ignores it beside $ref"
        if node.get("format") == "uuid":
            yield place, "format uuid makes the client reject malformed ids; an id is a plain string"


def _operation(document: dict[str, Any], operation: Operation) -> Iterator[Finding]:
    place, node = operation.pointer, operation.node
    if node.get("security"):
        yield (*place, "security"), "makes the generated function require a client with a token"
    for parameter in node.get("parameters", []):
        for what in _parameter(document, parameter):
            yield tuple(parameter.get(PLACE, (*place, "parameters"))), what


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> Iterator[str]:
    name, where = parameter.get("name", ""), parameter.get("in")
    if is_ignored_header(parameter):
        yield f"header {name} would become an argument"
    if where != "path" and "default" in parameter_schema(document, parameter):
        yield f"the default of {name} would always be sent"


def _bodies(operation: Operation) -> Iterator[Finding]:
    body = operation.node.get("requestBody", {})
    if len(body.get("content", {})) > 1:
        yield (
            (*operation.pointer, "requestBody", "content"),
            "several media types; the generated module would not import",
        )
