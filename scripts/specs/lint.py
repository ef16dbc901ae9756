"""What the generator would silently do wrong with a corrected definition, found before it runs."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.specs.walk import Operation, Pointer, nodes, operations, pointer_text, resolved

_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_KNOWN_MEDIA = frozenset({"application/json", "application/octet-stream"})


def problems(document: dict[str, Any], binary_media: frozenset[str] = frozenset()) -> list[str]:
    """Every reason not to hand this definition to the generator.

    Args:
        document: The corrected definition, OpenAPI 3.1.
        binary_media: Media types that the generator is told to treat as plain bytes.

    Returns:
        One line for each, ``#/pointer: what is wrong``; empty when there is none.
    """
    findings = [
        *_invalid(document),
        *_leftovers(document),
        *_repeated_ids(document),
        *(finding for each in operations(document) for finding in _operation(document, each)),
        *(finding for each in operations(document) for finding in _bodies(document, each, binary_media)),
    ]
    return [f"{pointer_text(place)}: {what}" for place, what in findings]


def _invalid(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        yield tuple(getattr(error, "absolute_path", ())), f"not valid OpenAPI 3.1: {error.message}"


def _leftovers(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for place, node in nodes(document):
        if "example" in place or "examples" in place or not isinstance(node, dict):
            continue
        if isinstance(node.get("nullable"), bool):
            yield place, "nullable is OpenAPI 3.0; the generator loses it beside $ref"
        if node.get("format") == "uuid":
            yield place, "format uuid makes the client refuse an odd id; an id is a plain string"


def _operation(document: dict[str, Any], operation: Operation) -> Iterator[tuple[Pointer, str]]:
    place, node = operation.pointer, operation.node
    if not node.get("operationId"):
        yield place, "no operationId; the generator would make up a module name from the path"
    if len(node.get("tags", [])) != 1:
        yield place, "an operation needs exactly one tag: it decides the module's folder"
    if node.get("security"):
        yield (*place, "security"), "makes the generated function ask for a client that knows the token"
    for index, entry in enumerate(node.get("parameters", [])):
        for what in _parameter(resolved(document, entry)):
            yield (*place, "parameters", index), what


def _bodies(
    document: dict[str, Any], operation: Operation, binary_media: frozenset[str]
) -> Iterator[tuple[Pointer, str]]:
    place, node = operation.pointer, operation.node
    request = {(*place, "requestBody"): node["requestBody"]} if "requestBody" in node else {}
    answers = {(*place, "responses", status): body for status, body in node.get("responses", {}).items()}
    for where, body in {**request, **answers}.items():
        content = resolved(document, body).get("content", {})
        if where in request and len(content) > 1:
            yield (*where, "content"), "several media types; the generated module would not import"
        for media in content:
            if not _is_known(media, binary_media):
                yield (*where, "content", media), "media type unknown to the generator"


def _parameter(parameter: dict[str, Any]) -> Iterator[str]:
    name, where, schema = parameter.get("name", ""), parameter.get("in"), parameter.get("schema", {})
    if where == "header" and name.lower() in _IGNORED_HEADERS:
        yield f"header {name} would become an argument"
    if where != "path" and isinstance(schema, dict) and "default" in schema:
        yield f"the default of {name} would always be sent"
    if parameter.get("explode") is False:
        yield f"explode: false of {name} is ignored by the generator"


def _repeated_ids(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    seen: set[str] = set()
    for operation in operations(document):
        if operation.id in seen:
            yield (
                operation.pointer,
                f"operationId {operation.id!r} stands twice; one module would overwrite the other",
            )
        seen.add(operation.id)


def _is_known(media: str, binary_media: frozenset[str]) -> bool:
    return media in _KNOWN_MEDIA or media in binary_media or media.endswith("+json")
