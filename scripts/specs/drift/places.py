"""The place in the definition that a finding concerns, and its JSONPath for overlays."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.specs.inventory import rows
from scripts.specs.matching import matches
from scripts.specs.walk import Pointer, lookup

_STEP = re.compile(r"\[\]|\{\}|[^.\[{]+")
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_COMPOSITIONS = ("allOf", "anyOf", "oneOf")
_CHILDREN = {"[]": "items", "{}": "additionalProperties"}


class Node(NamedTuple):
    """A part of the definition and its pointer."""

    pointer: Pointer
    value: dict[str, Any]

    def child(self, *keys: str | int) -> "Node":
        """Return the descendant with these keys."""
        value: Any = self.value
        for key in keys:
            value = value[key]
        return Node((*self.pointer, *keys), value)


def response(document: dict[str, Any], operation_id: str, status: int) -> Node | None:
    """Return the response of an operation for a status; None if the definition has none."""
    holder = responses(document, operation_id)
    if holder is None:
        return None
    keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
    found = next((holder.child(key) for key in keys if key in holder.value), None)
    return None if found is None else _followed(document, found)


def responses(document: dict[str, Any], operation_id: str) -> Node | None:
    """Return the responses of an operation by its inventory id; None if the definition lacks the operation."""
    for match in matches(document, rows()):
        named = match.operation.id if match.row is None else match.row.operation_id
        if named == operation_id:
            return Node(match.operation.pointer, match.operation.node).child("responses")
    return None


def schema(document: dict[str, Any], name: str, at: str, answer: Node | None) -> Node | None:
    """Return the schema at a place.

    Args:
        document: The definition.
        name: The named schema; empty for the schema of the response.
        at: The path from that schema.
        answer: The response, for a place outside named schemas.

    Returns:
        The schema, or a reference to it; None if the definition has no such place.
    """
    node = _named(document, name) if name else _body(answer)
    for step in _STEP.findall(at):
        if node is None:
            return None
        node = next((each.child(*_keys(step)) for each in parts(document, node) if _has(each.value, _keys(step))), None)
    return node


def parts(document: dict[str, Any], node: Node) -> Iterator[Node]:
    """Yield a schema and those that compose it, with references resolved."""
    followed = _followed(document, node)
    yield followed
    for key in _COMPOSITIONS:
        for index in range(len(followed.value.get(key, []))):
            yield from parts(document, followed.child(key, index))


def json_path(pointer: Pointer) -> str:
    """Return the JSONPath of a pointer."""
    return "$" + "".join(_segment(part) for part in pointer)


def _segment(part: str | int) -> str:
    if isinstance(part, str) and _PLAIN.fullmatch(part):
        return f".{part}"
    escaped = str(part).replace("\\", "\\\\").replace("'", "\\'")
    return f"[{part}]" if isinstance(part, int) else f"['{escaped}']"


def _named(document: dict[str, Any], name: str) -> Node | None:
    reference = name if name.startswith("#/") else f"#/components/schemas/{name}"
    try:
        return Node(_pointer(reference), lookup(document, reference))
    except KeyError:
        return None


def _body(answer: Node | None) -> Node | None:
    content = {} if answer is None else answer.value.get("content", {})
    found = [media for media in content if media.partition(";")[0].strip().endswith(("/json", "+json"))]
    if answer is None or not found or "schema" not in content[found[0]]:
        return None
    return answer.child("content", found[0], "schema")


def _followed(document: dict[str, Any], node: Node) -> Node:
    while "$ref" in node.value:
        reference = node.value["$ref"]
        node = Node(_pointer(reference), lookup(document, reference))
    return node


def _pointer(reference: str) -> Pointer:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))


def _keys(step: str) -> tuple[str, ...]:
    return (_CHILDREN[step],) if step in _CHILDREN else ("properties", step)


def _has(value: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return isinstance(value, dict)
