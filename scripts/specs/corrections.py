"""Corrections for constructs that the generator mishandles, applicable to any definition of this API.

The constructs may be valid; only the generated client requires another form. Corrections of a single definition are
overlays.
"""

import copy
from collections.abc import Callable
from typing import Any

import jsonschema_rs

from scripts.specs.endpoints import NO_ARGUMENTS
from scripts.specs.media import bare, is_known, preferred
from scripts.specs.references import NAMING, is_sample
from scripts.specs.walk import COMPOSITIONS, Operation, nodes, operations, resolved, stated_types

_EXPLODED = frozenset({"array", "object"})
_IN_FORM = frozenset({"query", "cookie"})
_SCHEMAS = ("schema", "items")
_BYTES = {"schema": {"type": "string", "format": "binary"}}

Json = dict[str, Any]


def applied(document: Json) -> Json:
    """Return a corrected copy of a definition.

    Args:
        document: The definition in OpenAPI 3.1, without shared parts.
    """
    result = copy.deepcopy(document)
    for operation in operations(result):
        for correct in _CORRECTIONS:
            correct(result, operation)
    for place, schema in list(nodes(result)):
        if isinstance(schema, dict) and place[-1:] != ("properties",) and not is_sample(place):
            _simplify(schema)
            if "default" in schema and place[-1] not in NAMING and not _has_valid_default(result, schema):
                del schema["default"]
    _open_recursive_lists(result)
    return result


def _open_recursive_lists(document: Json) -> None:
    """Allow any entry in a list that contains itself; the generator rejects such lists."""
    for schema in document.get("components", {}).get("schemas", {}).values():
        inner, visited = schema, list[Any]()
        while isinstance(inner, dict) and "items" in inner and not any(inner is each for each in visited):
            visited.append(inner)
            inner = resolved(document, inner["items"])
        if any(inner is each for each in visited):
            schema["items"] = {}


def _no_security(_: Json, operation: Operation) -> None:
    """Drop the operation's own security; with it, the generated function accepts only a client with a fixed token.

    The injected HTTP client sends the token and renews it.
    """
    operation.node.pop("security", None)


def _no_ignored_headers(_: Json, operation: Operation) -> None:
    """Drop the header parameters that the HTTP client sends itself; they would become arguments.

    ``Accept`` selects the version of the API, and ``Content-Type`` follows from the body.
    """
    operation.node["parameters"] = [each for each in operation.node["parameters"] if not is_ignored_header(each)]


def is_ignored_header(parameter: Json) -> bool:
    """Check whether a parameter is a header that the HTTP client sends itself."""
    return parameter.get("in") == "header" and str(parameter.get("name")).lower() in NO_ARGUMENTS


def _no_defaults(document: Json, operation: Operation) -> None:
    """Drop the defaults of parameters; the generated function would always send them.

    The service rejects ``$skip=0`` in combination with ``$continuationToken``, and old clients would override a default
    that the service changes later.
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
    for member in (member for key in COMPOSITIONS for member in schema.get(key, [])):
        _drop_default(document, member, visited)


def _have_schemas(_: Json, operation: Operation) -> None:
    """Convert parameters that are described by a media type; the generator would omit them."""
    for parameter in operation.node["parameters"]:
        for content in parameter.pop("content", {}).values():
            parameter.setdefault("schema", content.get("schema", {}))
        parameter.setdefault("schema", {})


def _joined_lists_are_text(document: Json, operation: Operation) -> None:
    """Convert a list or object serialized as one value (``a,b,c``) to a string; the generator would repeat the name.

    For plain values, ``explode: false`` has no effect and is dropped.
    """
    for parameter in operation.node["parameters"]:
        style = parameter.get("style", "form" if parameter.get("in") in _IN_FORM else "simple")
        types = stated_types(parameter_schema(document, parameter))
        if not parameter.pop("explode", style == "form") and not _EXPLODED.isdisjoint(types):
            parameter["schema"] = {"type": "string"}


def parameter_schema(document: Json, parameter: Json) -> Json:
    """Return the schema of a parameter; it is empty if the parameter has none or accepts anything."""
    schema = resolved(document, parameter.get("schema"))
    return schema if isinstance(schema, dict) else {}


def _one_media_type(document: Json, operation: Operation) -> None:
    """Keep one media type of a body and one JSON type of a response, without parameters such as a charset.

    If a body has two binary media types, the generated module cannot be imported. The bytes are sent unchanged; a
    caller that uploads another type sets the ``Content-Type`` of the request.
    """
    body = operation.node.get("requestBody", {})
    if "content" in body:
        body["content"] = _readable(document, preferred(bare(body["content"]), only=True), sent=True)
    for response in operation.node.get("responses", {}).values():
        if "content" in response:
            content = preferred(bare(response["content"]), only=False)
            response["content"] = _readable(document, content, sent=False)


def _readable(document: Json, content: Json, *, sent: bool) -> Json:
    """Return content with unsupported media types replaced with plain bytes."""
    return {
        media: body if is_known(media, sent=sent) or _is_binary(document, body) else _BYTES
        for media, body in content.items()
    }


def _is_binary(document: Json, body: Json) -> bool:
    schema = resolved(document, body.get("schema"))
    return isinstance(schema, dict) and schema.get("format") == "binary"


def _simplify(schema: Json) -> None:
    """Correct constructs in a schema that the generator mishandles.

    - Ids are plain strings: UUID objects reject malformed ids, for which the service returns 404, and change the case.
    - Enums with values of several types accept any value and do not become classes.
    - Lists without an item type accept items of any type.
    - Schemas that are ``true`` or ``false`` instead of an object accept any value.
    """
    if schema.get("format") == "uuid":
        del schema["format"]
    if isinstance(schema.get("enum"), list) and not _of_one_kind(schema["enum"]):
        del schema["enum"]
    if "array" in stated_types(schema) and "prefixItems" not in schema:
        schema.setdefault("items", {})
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {name: _an_object(member) for name, member in schema["properties"].items()}
    for key in _SCHEMAS:
        if key in schema:
            schema[key] = _an_object(schema[key])


def _has_valid_default(document: Json, schema: Json) -> bool:
    """Check whether a schema permits its default; the generator rejects the schema otherwise."""
    whole = {**schema, "components": document.get("components", {})}
    try:
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(schema["default"])
    except ValueError:
        return False


def _of_one_kind(values: list[Any]) -> bool:
    kinds = {type(value) for value in values if value is not None}
    return kinds in ({str}, {int})


def _an_object(schema: Any) -> Any:
    return {} if isinstance(schema, bool) else schema


_CORRECTIONS: tuple[Callable[[Json, Operation], None], ...] = (
    _no_security,
    _no_ignored_headers,
    _have_schemas,
    _no_defaults,
    _joined_lists_are_text,
    _one_media_type,
)
