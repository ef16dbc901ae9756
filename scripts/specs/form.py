"""Validate the form of a definition: whether each value has the type that OpenAPI and JSON Schema require.

The checks are lenient enough for any real file, and cover everything that the other tools rely on.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.specs.references import is_sample
from scripts.specs.walk import COMPOSITIONS, Finding, Pointer, nodes, resolved

_META_SCHEMA = jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})
_OTHER_KIND = "is not of type"
_MAPS_BY_NAME = (("paths",), ("responses",))
_NAMING = frozenset({"properties", "schemas", "parameters", "headers", "responses", "patternProperties", "$defs"})


def misshapen(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield the places that prevent an OpenAPI 3.1 document from being read.

    All references must be valid.
    """
    errors = [each for each in _errors(document) if _hides(*each)]
    yield from _unreadable(document, errors)


def malformed(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield the places that are not valid OpenAPI 3.1; such a definition cannot be corrected reliably."""
    errors = list(_errors(document))
    yield from dict.fromkeys([*errors, *_unreadable(document, [each for each in errors if _hides(*each)])])


def _hides(place: Pointer, what: str) -> bool:
    """Return whether an error prevents reading anything below its place."""
    return _OTHER_KIND in what or place[-1:] in _MAPS_BY_NAME


def _unreadable(document: dict[str, Any], errors: list[Finding]) -> Iterator[Finding]:
    found = [*errors, *_errors_of_schemas(document)]
    yield from dict.fromkeys(found or _cycles(document))


def _errors(document: dict[str, Any]) -> Iterator[Finding]:
    for error in OpenAPIV31SpecValidator(document).schema_validator.iter_errors(document):
        yield tuple(error.absolute_path), _plain_message(error.message)


def _plain_message(message: str) -> str:
    return f"not valid OpenAPI: {message.splitlines()[0]}"


def _errors_of_schemas(document: dict[str, Any]) -> Iterator[Finding]:
    schemas = dict(_schemas(document))
    places = list(schemas)
    for error in _META_SCHEMA.iter_errors({"$defs": {str(index): each for index, each in enumerate(schemas.values())}}):
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.UniqueItems):
            continue
        _, index, *below = error.instance_path
        yield (*places[int(index)], *below), _plain_message(error.message)


def _schemas(document: dict[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    """Yield the outermost schemas with their places."""
    for place, node in nodes(document):
        named = place[:2] == ("components", "schemas") and len(place) == len(("components", "schemas", "name"))
        used = place[-1:] == ("schema",) and not _NAMING.intersection(place[-2:-1])
        if (named or used) and not is_sample(place):
            yield place, node


def _cycles(document: dict[str, Any]) -> Iterator[Finding]:
    """Yield schemas that are composed of themselves, and so do not describe any value."""
    schemas = document.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if any(schema is each for each in _composing(document, schema)):
            yield ("components", "schemas", name), "is composed of itself"


def _composing(document: dict[str, Any], schema: Any) -> Iterator[Any]:
    """Yield all schemas of which this one is composed, directly or indirectly."""
    pending, visited = [schema], set[int]()
    while pending:
        node = pending.pop()
        members = [member for key in COMPOSITIONS for member in node.get(key, [])] if isinstance(node, dict) else []
        for member in (resolved(document, each) for each in members):
            if id(member) not in visited:
                visited.add(id(member))
                pending.append(member)
                yield member
