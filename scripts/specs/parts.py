"""Inline shared parameters, bodies, responses and headers.

A definition may keep shared parts, even whole path items, in ``components``, and shared parameters next to the methods
of a path. After inlining, each operation contains all of its parts, so that later steps need to support only one form.
"""

from typing import Any

from scripts.specs.references import to_named_parts
from scripts.specs.walk import METHODS, Pointer, resolved

PLACE = "x-place"
_SHARED = ("parameters", "requestBodies", "responses", "headers", "pathItems")

Json = dict[str, Any]


def inlined(document: Json) -> Json:
    """Return the definition without shared parts, and without references except those to named schemas.

    Each parameter records its pointer in the original definition in ``x-place``, for messages.
    """
    document = to_named_parts(document)
    paths = {path: _path_item(document, path, resolved(document, item)) for path, item in document["paths"].items()}
    components = {name: part for name, part in document.get("components", {}).items() if name not in _SHARED}
    return {**document, "paths": paths, "components": components}


def _path_item(document: Json, path: str, item: Json) -> Json:
    of_path = _parameters(document, item, ("paths", path))
    result = {key: value for key, value in item.items() if key != "parameters"}
    for method in METHODS:
        if method in item:
            result[method] = _operation(document, item[method], ("paths", path, method), of_path)
    return result


def _operation(document: Json, operation: Json, place: Pointer, of_path: list[Json]) -> Json:
    own = _parameters(document, operation, place)
    names = {_identity(each) for each in own}
    inherited = [each for each in of_path if _identity(each) not in names]
    result = {**operation, "parameters": [*inherited, *own]}
    if "requestBody" in operation:
        result["requestBody"] = _part(document, operation["requestBody"])
    if "responses" in operation:
        result["responses"] = {
            status: _response(document, response) for status, response in operation["responses"].items()
        }
    return result


def _identity(parameter: Json) -> tuple[str, str]:
    """Return the place and the name of a parameter; the case of a header does not matter."""
    place, name = str(parameter.get("in")), str(parameter.get("name"))
    return place, name.lower() if place == "header" else name


def _parameters(document: Json, holder: Json, place: Pointer) -> list[Json]:
    return [
        {**_part(document, entry), PLACE: [*place, "parameters", index]}
        for index, entry in enumerate(holder.get("parameters", []))
    ]


def _response(document: Json, response: Json) -> Json:
    result = _part(document, response)
    if "headers" not in result:
        return result
    return {**result, "headers": {name: _part(document, header) for name, header in result["headers"].items()}}


def _part(document: Json, node: Json) -> Json:
    part: Json = resolved(document, node)
    return part
