"""Operations from a client's point of view, and matching those of two definitions."""

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from scripts.specs.media import JSON, is_json, without_parameters
from scripts.specs.shapes import Document, Home, Reader, Shapes, either
from scripts.specs.walk import Operation, operations, resolved

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}
"""Header parameters that OpenAPI ignores."""

_TEMPLATE = re.compile(r"\{([^}]*)\}")
_TEXT_MEDIA = re.compile(r"json|xml|^text/|^multipart/|x-www-form-urlencoded")
_BYTES: Document = {"type": "string", "format": "binary"}

Key = tuple[str, str]
"""A method, and a path without parameter names."""


class Endpoint(NamedTuple):
    """An operation: its traits, and the shapes of all its parts in one map.

    The first member of a path is the part: ``query``, ``header``, ``path``, ``body MEDIA``, ``answer MEDIA``, ``answer
    header`` or ``error STATUS``.
    """

    traits: dict[str, str]
    shapes: Shapes


def pairs(old: Document, new: Document) -> tuple[str, str, list[tuple[Operation | None, Operation | None]]]:
    """Match operations by method and path.

    Returns:
        The base path that only the old paths have, the base path that only the new paths have, and the pairs.
    """
    before, after = _by_path(old), _by_path(new)
    lost, gained = _base(before, after), _base(after, before)
    before, after = _without(before, lost), _without(after, gained)
    return lost, gained, [(before.get(key), after.get(key)) for key in {**before, **after}]


def _by_path(document: Document) -> dict[Key, Operation]:
    return {(each.method, _TEMPLATE.sub("{}", each.path).rstrip("/")): each for each in operations(document)}


def _without(keys: dict[Key, Operation], base: str) -> dict[Key, Operation]:
    return {(method, path.removeprefix(base)): operation for (method, path), operation in keys.items()}


def _base(keys: Collection[Key], others: Collection[Key]) -> str:
    """Return the shortest prefix whose removal makes most operations match the others."""
    literals = {path.partition("{")[0] for _, path in keys}
    beginnings = {text[:end] for text in literals for end in range(len(text) + 1) if text[end : end + 1] in {"", "/"}}

    def matching(base: str) -> int:
        return len({(method, path.removeprefix(base)) for method, path in keys}.intersection(others))

    return max(sorted({"", *beginnings}), key=matching)


def path_names(operation: Operation) -> list[str]:
    """Return the names of the path parameters."""
    return _TEMPLATE.findall(operation.path)


def read_endpoint(document: Document, operation: Operation, names: list[str]) -> Endpoint:
    """Read an operation; ``names`` replace the names of its path parameters."""
    renamed = dict(zip(path_names(operation), names, strict=True))
    parts = {**_request(document, operation, renamed), **_answers(document, operation)}
    node = operation.node
    security = node.get("security", document.get("security")) or []
    ways = (" and ".join(" ".join([name, *sorted(way[name])]) for name in sorted(way)) for way in security)
    traits = {
        "operation id": str(node.get("operationId", "none")),
        "server": ", ".join(str(each.get("url")) for each in _servers(document, operation)) or "that of the API",
        "tag": ", ".join(map(str, node.get("tags", ()))) or "none",
        "security": " or ".join(sorted(filter(None, ways))) or "none",
        "status of success": ", ".join(map(str, filter(_succeeds, node.get("responses", {})))) or "none",
        "deprecated": "yes" if node.get("deprecated") else "no",
        "technical preview": "yes" if node.get("x-technical-preview") else "no",
    }
    shapes = {f".{part}{path}": shape for part, shapes in parts.items() for path, shape in shapes.items()}
    return Endpoint(traits, {path: each for path, each in shapes.items() if each.declared or is_sent(path)})


def is_sent(path: str) -> bool:
    """Return whether a value is part of a request."""
    return not path.startswith((".answer ", ".error "))


def _servers(document: Document, operation: Operation) -> list[Document]:
    """Return the servers that an operation or its path defines for itself."""
    item = resolved(document, document["paths"][operation.path])
    found: list[Document] = operation.node.get("servers") or item.get("servers") or []
    return found


def _request(document: Document, operation: Operation, names: dict[str, str]) -> dict[str, Shapes]:
    """Read the parts of a request; the parameters of one location are properties of an object."""
    reader = Reader(document, sent=True)
    found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    shared = resolved(document, document["paths"][operation.path]).get("parameters", ())
    for node in (*shared, *operation.node.get("parameters", ())):
        parameter = resolved(document, node)
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        name = name.lower() if place == "header" else names.get(name, name) if place == "path" else name
        if name not in _IGNORED_HEADERS:
            found.setdefault(place, {})[name] = parameter
    places = {place: _object(reader, parameters, place) for place, parameters in found.items()}
    bodies = _bodies(reader, resolved(document, operation.node.get("requestBody", {})), Home("body"))
    return {**places, **{f"body {media}": shapes for media, shapes in bodies.items()}}


def _answers(document: Document, operation: Operation) -> dict[str, Shapes]:
    reader, found = Reader(document, sent=False), dict[str, Shapes]()
    headers: dict[str, Any] = {}
    for status, node in operation.node.get("responses", {}).items():
        response = resolved(document, node)
        if _succeeds(status):
            headers |= {name.lower(): resolved(document, each) for name, each in response.get("headers", {}).items()}
            for media, shapes in _bodies(reader, response, Home("answer")).items():
                part = f"answer {media}"
                found[part] = either([found[part], shapes]) if part in found else shapes
        else:
            bodies = _bodies(reader, response, Home("error", status))
            found[f"error {status}"] = bodies.get(JSON) or reader.shapes({}, Home("error", status))
    return {**found, "answer header": _object(reader, headers, "answer header")}


def _succeeds(status: object) -> bool:
    return str(status)[:1] in {"2", "3"}


def _object(reader: Reader, members: dict[str, Document], home: str) -> Shapes:
    properties = {}
    for name, member in members.items():
        content: Document = next(iter(member.get("content", {}).values()), member)
        marks = {"deprecated": True} if member.get("deprecated") is True else {}
        properties[name] = {"allOf": [content.get("schema", {})], **marks}
    required = [name for name, member in members.items() if member.get("required") is True]
    return reader.shapes({"type": "object", "properties": properties, "required": required}, Home(home))


def _bodies(reader: Reader, node: Document, home: Home) -> dict[str, Shapes]:
    """Read the contents of a body by media type; all JSON types count as one."""
    found = dict[str, Shapes]()
    for name, content in node.get("content", {}).items():
        media = without_parameters(name)
        media = JSON if is_json(media) else media
        schema = content.get("schema") or ({} if _TEXT_MEDIA.search(media) else _BYTES)
        shapes = reader.shapes(schema, home if media == JSON else home.below(f".{media}"))
        shapes[""] = shapes[""]._replace(required=node.get("required") is True)
        found[media] = either([found[media], shapes]) if media in found else shapes
    return found
