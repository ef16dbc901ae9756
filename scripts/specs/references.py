"""References of a definition: every ``$ref`` leads somewhere inside it, and those to the generator to named parts."""

import re
from typing import Any

from scripts.specs.walk import Pointer, lookup, nodes, pointer_text, resolved

_NAMED_PART = re.compile(r"#/components/[^/]+/[^/]+")

_LITERALS = {"default", "enum", "const", "example", "value"}
_NAMING = {
    "properties",
    "schemas",
    "parameters",
    "responses",
    "headers",
    "examples",
    "requestBodies",
    "patternProperties",
}


def broken_references(document: dict[str, Any]) -> list[str]:
    """Every reference that points nowhere, in a circle, or out of the definition.

    Returns:
        One line for each, ``#/pointer: what is wrong``.
    """
    return [
        f"{pointer_text((*pointer, '$ref'))}: {node['$ref']!r} is not in the definition"
        for pointer, node in nodes(document)
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and not is_sample(pointer)
        if not _leads_somewhere(document, node)
    ]


def _leads_somewhere(document: dict[str, Any], node: dict[str, Any]) -> bool:
    try:
        resolved(document, node)
    except KeyError:
        return False
    return True


def is_sample(pointer: Pointer) -> bool:
    """Check whether a place lies in sample data, where ``$ref`` is a property like any other."""
    steps = zip((None, *pointer), pointer, strict=False)
    return any(
        (key in _LITERALS and before not in _NAMING) or (before == "examples" and isinstance(key, int))
        for before, key in steps
    )


def to_named_parts(document: dict[str, Any]) -> dict[str, Any]:
    """Return a definition whose references lead to named parts: any other is replaced by what it leads to.

    One that leads into something that contains it stays.
    """
    result: dict[str, Any] = _named_only(document, document, (), frozenset())
    return result


def _named_only(document: dict[str, Any], node: Any, place: Pointer, above: frozenset[str]) -> Any:
    if isinstance(node, list):
        return [_named_only(document, each, (*place, index), above) for index, each in enumerate(node)]
    if not isinstance(node, dict) or is_sample(place):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and not _NAMED_PART.fullmatch(reference) and reference not in above:
        target = _named_only(document, lookup(document, reference), (), above | {reference})
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **beside} if isinstance(target, dict) else target
    return {key: _named_only(document, value, (*place, key), above) for key, value in node.items()}
