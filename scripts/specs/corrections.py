"""What the generator would make badly of any definition of this API, corrected wherever it stands.

The definition may be right in each of these points; it is the generated client that needs them otherwise. A
correction that concerns one definition only is an overlay.
"""

import copy
from collections.abc import Callable
from typing import Any

from scripts.specs.media import bare, is_known, preferred
from scripts.specs.references import is_sample
from scripts.specs.walk import COMPOSITIONS, Operation, nodes, operations, resolved, stated_types

_IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
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
    return parameter.get("in") == "header" and str(parameter.get("name")).lower() in _IGNORED_HEADERS


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
    for member in (member for key in COMPOSITIONS for member in schema.get(key, [])):
        _drop_default(document, member, visited)


def _joined_lists_are_text(document: Json, operation: Operation) -> None:
    """Make a list or an object that is written in one piece (``a,b,c``) a text: the generator would repeat the name.

    Where ``explode: false`` says nothing, for plain values, it goes.
    """
    for parameter in operation.node["parameters"]:
        style = parameter.get("style", "form" if parameter.get("in") in _IN_FORM else "simple")
        types = stated_types(parameter_schema(document, parameter))
        if not parameter.pop("explode", style == "form") and not _EXPLODED.isdisjoint(types):
            parameter["schema"] = {"type": "string"}


def parameter_schema(document: Json, parameter: Json) -> Json:
    """Return the schema of a parameter; it is empty where the parameter has none or takes anything."""
    schema = resolved(document, parameter.get("schema"))
    return schema if isinstance(schema, dict) else {}


def _one_media_type(document: Json, operation: Operation) -> None:
    """Leave one media type of a body and one JSON type of an answer, without parameters such as a charset.

    With two binary media types of a body, the generated module does not import. The bytes go through as they are;
    whoever uploads another kind sets the ``Content-Type`` of the request.
    """
    body = operation.node.get("requestBody", {})
    if "content" in body:
        body["content"] = _readable(document, preferred(bare(body["content"]), only=True), sent=True)
    for response in operation.node.get("responses", {}).values():
        if "content" in response:
            content = preferred(bare(response["content"]), only=False)
            response["content"] = _readable(document, content, sent=False)


def _readable(document: Json, content: Json, *, sent: bool) -> Json:
    """Return content in which what the generator does not know is plain bytes."""
    return {
        media: body if is_known(media, sent=sent) or _is_binary(document, body) else _BYTES
        for media, body in content.items()
    }


def _is_binary(document: Json, body: Json) -> bool:
    schema = resolved(document, body.get("schema"))
    return isinstance(schema, dict) and schema.get("format") == "binary"


def _simplify(schema: Json) -> None:
    """Correct what the generator makes badly of a schema, wherever it stands.

    - An id is plain text: UUID objects refuse an odd id before the service could answer 404, and fold case.
    - Listed values of several kinds become no class: any value may come.
    - A list of anything has items of any kind.
    - A schema that is ``true`` or ``false`` instead of an object takes any value.
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


def _of_one_kind(values: list[Any]) -> bool:
    kinds = {type(value) for value in values if value is not None}
    return kinds in ({str}, {int})


def _an_object(schema: Any) -> Any:
    return {} if isinstance(schema, bool) else schema


_CORRECTIONS: tuple[Callable[[Json, Operation], None], ...] = (
    _no_security,
    _no_ignored_headers,
    _no_defaults,
    _joined_lists_are_text,
    _one_media_type,
)
