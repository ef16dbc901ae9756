"""What the generator would silently do wrong with a corrected definition, found before it runs."""

from collections.abc import Collection, Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.specs import collisions
from scripts.specs.corrections import is_ignored_header
from scripts.specs.media import BINARY, JSON
from scripts.specs.parts import PLACE
from scripts.specs.references import is_sample
from scripts.specs.walk import Operation, Pointer, nodes, operations, resolved

Finding = tuple[Pointer, str]


def malformed(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield each place that does not have the form of OpenAPI 3.1; no correction could be trusted there."""
    for error in OpenAPIV31SpecValidator(document).schema_validator.iter_errors(document):
        yield tuple(error.absolute_path), f"not valid OpenAPI: {error.message}"


def problems(document: dict[str, Any], binary_media: Collection[str] = frozenset()) -> list[Finding]:
    """Return every reason not to hand this definition to the generator, with its place.

    Args:
        document: The corrected definition, OpenAPI 3.1.
        binary_media: Media types that the generator is told to treat as plain bytes.
    """
    return [
        *collisions.findings(document),
        *_invalid(document),
        *_leftovers(document),
        *(finding for each in operations(document) for finding in _operation(document, each)),
        *(finding for each in operations(document) for finding in _bodies(each, binary_media)),
    ]


def _invalid(document: dict[str, Any]) -> Iterator[Finding]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield tuple(getattr(error, "absolute_path", ())), f"not valid OpenAPI 3.1: {error.message}"


def _leftovers(document: dict[str, Any]) -> Iterator[Finding]:
    for place, node in nodes(document):
        if not isinstance(node, dict) or is_sample(place):
            continue
        if isinstance(node.get("nullable"), bool):
            yield place, "nullable is OpenAPI 3.0; the generator loses it beside $ref"
        if node.get("format") == "uuid":
            yield place, "format uuid makes the client refuse an odd id; an id is a plain string"


def _operation(document: dict[str, Any], operation: Operation) -> Iterator[Finding]:
    place, node = operation.pointer, operation.node
    if node.get("security"):
        yield (*place, "security"), "makes the generated function ask for a client that knows the token"
    for parameter in node.get("parameters", []):
        for what in _parameter(document, parameter):
            yield tuple(parameter.get(PLACE, (*place, "parameters"))), what


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> Iterator[str]:
    name, where = parameter.get("name", ""), parameter.get("in")
    if is_ignored_header(parameter):
        yield f"header {name} would become an argument"
    if where != "path" and "default" in resolved(document, parameter.get("schema", {})):
        yield f"the default of {name} would always be sent"
    if parameter.get("explode") is False:
        yield f"explode: false of {name} is ignored by the generator"


def _bodies(operation: Operation, binary_media: Collection[str]) -> Iterator[Finding]:
    place, node = operation.pointer, operation.node
    request = {(*place, "requestBody"): node["requestBody"]} if "requestBody" in node else {}
    answers = {(*place, "responses", status): body for status, body in node.get("responses", {}).items()}
    for where, body in {**request, **answers}.items():
        content = body.get("content", {})
        if where in request and len(content) > 1:
            yield (*where, "content"), "several media types; the generated module would not import"
        for media in content:
            if media not in {JSON, BINARY, *binary_media} and not media.endswith("+json"):
                yield (*where, "content", media), "media type unknown to the generator"
