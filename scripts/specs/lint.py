"""What the generator would silently do wrong with a corrected definition, found before it runs."""

from collections.abc import Collection, Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.specs import collisions
from scripts.specs.collisions import Finding
from scripts.specs.corrections import is_ignored_header, parameter_schema
from scripts.specs.media import BINARY, JSON
from scripts.specs.parts import PLACE
from scripts.specs.references import is_sample
from scripts.specs.walk import COMPOSITIONS, Operation, Pointer, nodes, operations


def malformed(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield each place that does not have the form of OpenAPI 3.1; no correction could be trusted there."""
    for error in OpenAPIV31SpecValidator(document).schema_validator.iter_errors(document):
        yield tuple(error.absolute_path), f"not valid OpenAPI: {error.message.splitlines()[0]}"
    for place, node in nodes(document):
        if isinstance(node, dict) and place[-1:] != ("properties",) and not is_sample(place):
            yield from ((place, f"not valid OpenAPI: {what}") for what in _shapeless_keywords(node))


def _shapeless_keywords(schema: dict[str, Any]) -> Iterator[str]:
    """What the form of the whole document leaves open, and every correction looks into."""
    if not isinstance(schema.get("properties", {}), dict):
        yield "properties is not an object"
    for key in COMPOSITIONS:
        if not isinstance(schema.get(key, []), list):
            yield f"{key} is not a list"


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
        yield _place(document, error), f"not valid OpenAPI 3.1: {error.message.splitlines()[0]}"


def _place(document: dict[str, Any], error: Exception) -> Pointer:
    """Where an error is: it knows the value, but of a schema only the place inside it."""
    value, place = getattr(error, "instance", None), tuple(getattr(error, "absolute_path", ()))
    places = (at for at, node in nodes(document) if at and node is value and isinstance(node, dict | list | str))
    return next(places, place)


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
    if where != "path" and "default" in parameter_schema(document, parameter):
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
