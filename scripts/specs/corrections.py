"""What the generator would make badly of any definition of this API, corrected wherever it stands.

The definition may be right in each of these points; it is the generated client that needs them otherwise. A
correction that concerns one definition only is an overlay.
"""

import copy
from collections.abc import Callable, Collection
from typing import Any

from scripts.specs.media import bare, preferred
from scripts.specs.references import is_sample
from scripts.specs.walk import Operation, nodes, operations, resolved

IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_EXPLODED = frozenset({"array", "object"})
_COMPOSITIONS = ("allOf", "anyOf", "oneOf")

Json = dict[str, Any]


def applied(document: Json, binary_media: Collection[str] = ()) -> Json:
    """Return a corrected copy of a definition.

    Args:
        document: The definition in OpenAPI 3.1, without shared parts.
        binary_media: Media types that the generator is told to treat as plain bytes.
    """
    result = copy.deepcopy(document)
    for operation in operations(result):
        for correct in _CORRECTIONS:
            correct(result, operation)
        _one_media_type(operation, binary_media)
    _opaque_ids(result)
    return result


def _no_security(_: Json, operation: Operation) -> None:
    """Drop the operation's own security: with it, the generated function takes only the client of a fixed token.

    The token is sent by the HTTP client that is injected, and it is renewed there.
    """
    operation.node.pop("security", None)


def _no_ignored_headers(_: Json, operation: Operation) -> None:
    """Drop the headers that OpenAPI tells a reader to ignore: they would become arguments.

    ``Authorization`` is sent by the HTTP client, ``Accept`` picks the version of the API, ``Content-Type`` follows from
    the body.
    """
    operation.node["parameters"] = [each for each in operation.node["parameters"] if not is_ignored_header(each)]


def is_ignored_header(parameter: Json) -> bool:
    """Check whether OpenAPI tells a reader to ignore a parameter."""
    return parameter.get("in") == "header" and str(parameter.get("name")).lower() in IGNORED_HEADERS


def _no_defaults(document: Json, operation: Operation) -> None:
    """Drop the defaults of parameters: the generated function would always send them.

    ``$skip=0`` beside ``$continuationToken`` is refused, and a default that the service changes one day would be
    overruled by every old client.
    """
    for parameter in operation.node["parameters"]:
        _drop_default(document, parameter.get("schema"), set())


def _drop_default(document: Json, schema: Any, visited: set[int]) -> None:
    if not isinstance(schema, dict) or id(schema) in visited:
        return
    visited.add(id(schema))
    schema.pop("default", None)
    if "$ref" in schema:
        _drop_default(document, resolved(document, schema), visited)
    for member in (member for key in _COMPOSITIONS for member in schema.get(key, [])):
        _drop_default(document, member, visited)


def _no_idle_explode(document: Json, operation: Operation) -> None:
    """Drop ``explode: false`` where it says nothing: for values that are neither lists nor objects."""
    for parameter in operation.node["parameters"]:
        types = resolved(document, parameter.get("schema", {})).get("type")
        kinds = {types} if isinstance(types, str) else set(types or ())
        if kinds and not kinds & _EXPLODED:
            parameter.pop("explode", None)


def _one_media_type(operation: Operation, binary_media: Collection[str]) -> None:
    """Leave one media type of a body and one JSON type of an answer, without parameters such as a charset.

    With two binary media types of a body, the generated module does not import. The bytes go through as they are;
    whoever uploads another kind sets the ``Content-Type`` of the request.
    """
    body = operation.node.get("requestBody", {})
    if "content" in body:
        body["content"] = preferred(bare(body["content"]), binary_media, only=True)
    for response in operation.node.get("responses", {}).values():
        if "content" in response:
            response["content"] = preferred(bare(response["content"]), binary_media, only=False)


def _opaque_ids(document: Json) -> None:
    """Make every id plain text: UUID objects refuse an odd id before the service could answer 404, and fold case."""
    for pointer, node in nodes(document):
        if isinstance(node, dict) and node.get("format") == "uuid" and not is_sample(pointer):
            del node["format"]


_CORRECTIONS: tuple[Callable[[Json, Operation], None], ...] = (
    _no_security,
    _no_ignored_headers,
    _no_defaults,
    _no_idle_explode,
)
