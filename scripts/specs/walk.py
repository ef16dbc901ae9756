"""Traverse an OpenAPI document. A place in it is a JSON pointer, represented as a tuple of its parts."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

Pointer = tuple[str | int, ...]
Finding = tuple[Pointer, str]
"""A place and its problem."""

COMPOSITIONS = ("allOf", "anyOf", "oneOf")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Operation(NamedTuple):
    """One operation of a definition and its pointer."""

    path: str
    method: str
    pointer: Pointer
    node: dict[str, Any]

    @property
    def id(self) -> str:
        """The operationId, or ``METHOD path`` if the definition contains none."""
        return str(self.node.get("operationId") or f"{self.method.upper()} {self.path}")


def pointer_text(pointer: Pointer) -> str:
    """Return a pointer as an RFC 6901 URI fragment: ``#/paths/~1{id}/get``."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation, in the order of the document."""
    for path, written in document.get("paths", {}).items():
        item = resolved(document, written)
        for method in METHODS:
            if method in item:
                yield Operation(path, method, ("paths", path, method), item[method])


def nodes(node: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Yield ``node`` and every value below it, parents first."""
    yield pointer, node
    children: Any = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for key, child in children:
        yield from nodes(child, (*pointer, key))


def lookup(document: dict[str, Any], reference: str) -> Any:
    """Return the target of a local ``$ref``.

    Raises:
        KeyError: The reference is not local, or its target does not exist.
    """
    if not reference.startswith("#/"):
        raise KeyError(reference)
    node: Any = document
    for part in reference[2:].split("/"):
        key = _unescaped(part)
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise KeyError(reference) from error
    return node


def located(document: dict[str, Any], pointer: Pointer) -> Pointer:
    """Return the actual place of a pointer after resolving the references on its path.

    If the document does not contain the place, return that of its nearest existing ancestor.
    """
    node: Any = document
    place: Pointer = ()
    for part in pointer:
        key = str(part) if isinstance(node, dict) else part
        if not _has(node, key):
            break
        node, place = _followed(document, node[key], (*place, key))
    return place


def _has(node: Any, key: str | int) -> bool:
    return key in node if isinstance(node, dict) else isinstance(node, list) and key in range(len(node))


def _followed(document: dict[str, Any], node: Any, place: Pointer) -> tuple[Any, Pointer]:
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        place = tuple(map(_unescaped, node["$ref"][2:].split("/")))
        node = lookup(document, node["$ref"])
    return node, place


def _unescaped(part: str) -> str:
    return unquote(part).replace("~1", "/").replace("~0", "~")


def stated_types(schema: dict[str, Any]) -> list[str]:
    """Return the types that a schema names; empty if it permits any."""
    types: str | list[str] = schema.get("type") or []
    return [types] if isinstance(types, str) else types


def resolved(document: dict[str, Any], node: Any) -> Any:
    """Return ``node`` itself, or the end of its ``$ref`` chain."""
    seen = set()
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        if node["$ref"] in seen:
            raise KeyError(node["$ref"])
        seen.add(node["$ref"])
        node = lookup(document, node["$ref"])
    return node
