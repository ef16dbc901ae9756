"""References in a definition: validate every ``$ref``, and replace those to unnamed parts."""

import re
from typing import Any

from scripts.specs.walk import Pointer, lookup, nodes, pointer_text, resolved

_MAX_REPLACED = 10_000
_NAMED_PART = re.compile(r"#/components/[^/]+/[^/]+")

_LITERALS = {"default", "enum", "const", "example", "value"}
NAMING = {
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
    """Return every reference that has no target, is circular, or leads out of the definition.

    Returns:
        One line for each, ``#/pointer: problem``.
    """
    return [
        f"{pointer_text((*pointer, '$ref'))}: {_what_is_wrong(node['$ref'])}"
        for pointer, node in nodes(document)
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and not is_sample(pointer)
        if not _has_target(document, node)
    ]


def _what_is_wrong(reference: str) -> str:
    if reference.startswith("#"):
        return f"{reference!r} is not in the definition, or is circular"
    return f"{reference!r} is in another file, not in the definition (bundle them into one file)"


def _has_target(document: dict[str, Any], node: dict[str, Any]) -> bool:
    try:
        resolved(document, node)
    except KeyError:
        return False
    return True


def is_sample(pointer: Pointer) -> bool:
    """Check whether a place is in sample data, where ``$ref`` is an ordinary property."""
    steps = zip((None, *pointer), pointer, strict=False)
    return any(
        (key in _LITERALS and before not in NAMING) or (before == "examples" and isinstance(key, int))
        for before, key in steps
    )


def to_named_parts(document: dict[str, Any]) -> dict[str, Any]:
    """Return a definition whose references lead to named parts; all others are replaced with their targets.

    Recursive references are kept. If there are too many references, all are kept.
    """
    try:
        result: dict[str, Any] = _Replacing(document).node(document, (), frozenset())
    except _TooManyError:
        return document
    return result


class _TooManyError(Exception):
    """The expansion of references exceeds the limit."""


class _Replacing:
    """Replaces references with their targets."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._replaced = 0

    def node(self, node: Any, place: Pointer, above: frozenset[str]) -> Any:
        """Return a node without references to unnamed parts; ``above`` contains the references on the path to it."""
        if isinstance(node, list):
            return [self.node(each, (*place, index), above) for index, each in enumerate(node)]
        if not isinstance(node, dict) or is_sample(place):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str) and not _NAMED_PART.fullmatch(reference) and reference not in above:
            return self._target(node, reference, above | {reference})
        return {key: self.node(value, (*place, key), above) for key, value in node.items()}

    def _target(self, node: dict[str, Any], reference: str, above: frozenset[str]) -> Any:
        self._replaced += 1
        if self._replaced > _MAX_REPLACED:
            raise _TooManyError
        target = self.node(lookup(self._document, reference), (), above)
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **beside} if isinstance(target, dict) else target
