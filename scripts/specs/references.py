"""References of a definition: every ``$ref`` leads somewhere inside it."""

from typing import Any

from scripts.specs.walk import Pointer, nodes, pointer_text, resolved

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
