"""Operations from a client's point of view, and pairs of the same operation in two definitions."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from scripts.specs.media import JSON, is_any, is_json, is_versioned, without_parameters
from scripts.specs.shapes import Document, Home, Reader, Shape, Shapes, either, joined
from scripts.specs.walk import Operation, operations, resolved

_OF_ALL_REQUESTS = ("accept", "accept-encoding", "content-type")
"""Headers that the client always sends; a definition can only exclude values of them."""

NO_ARGUMENTS: Final = frozenset({*_OF_ALL_REQUESTS, "authorization", "user-agent"})
"""Header parameters that are not arguments of the generated functions."""

_TEMPLATE = re.compile(r"\{([^}]*)\}")
_TEXT_MEDIA = re.compile(r"json|xml|^text/|^multipart/|x-www-form-urlencoded")
_BYTES: Document = {"type": "string", "format": "binary"}

Key = tuple[str, str]
"""A method, and a path without parameter names."""


class Endpoint(NamedTuple):
    """An operation: its traits, and the shapes of all its parts in one map.

    The first member of a path is the part: ``query``, ``header``, ``path``, ``body MEDIA``, ``answer MEDIA``, ``answer
    header``, ``error STATUS`` or ``value`` for the permitted values of headers that every request has.
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
    parts = {**_request(document, operation, renamed), "value": _values(document, operation)}
    parts |= _answers(document, operation)
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
    for parameter in _parameters(document, operation):
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        name = name.lower() if place == "header" else names.get(name, name) if place == "path" else name
        if place != "header" or name not in NO_ARGUMENTS:
            found.setdefault(place, {})[name] = parameter
    places = {place: _object(reader, parameters, place) for place, parameters in found.items()}
    bodies = _bodies(reader, resolved(document, operation.node.get("requestBody", {})), Home("body"))
    return {**places, **{f"body {media}": shapes for media, shapes in bodies.items()}}


def _values(document: Document, operation: Operation) -> Shapes:
    """Read which values of the headers of all requests a definition permits, with its media types."""
    reader = Reader(document, sent=True)
    found = {name: Shape(Home("header", name), None, None, {}) for name in _OF_ALL_REQUESTS}
    for parameter in _parameters(document, operation):
        name = str(parameter.get("name")).lower()
        if parameter.get("in") == "header" and name in found:
            shape = reader.shapes(parameter.get("schema"), found[name].home)[""]
            values = None if shape.values is None else _media_types(json.loads(each) for each in shape.values)
            found[name] = shape._replace(types=None, values=values)
    answers = [node for status, node in operation.node.get("responses", {}).items() if _succeeds(status)]
    sent = _media_of(document, [operation.node.get("requestBody", {})])
    read = list(filter(is_json, _media_of(document, answers)))
    limits = {} if any(map(is_any, sent)) else {"content-type": sent}
    limits |= {"accept": read} if all(map(is_versioned, read)) else {}
    for name, media in limits.items():
        if media:
            found[name] = joined(found[name], Shape(found[name].home, None, _media_types(media), {}))
    return {f".{name}": shape for name, shape in found.items()}


def _media_of(document: Document, bodies: list[Document]) -> list[str]:
    return [without_parameters(media) for body in bodies for media in resolved(document, body).get("content", {})]


def _media_types(texts: Iterable[object]) -> tuple[str, ...]:
    return tuple(json.dumps(without_parameters(str(text))) for text in texts)


def _parameters(document: Document, operation: Operation) -> Iterator[Document]:
    shared = resolved(document, document["paths"][operation.path]).get("parameters", ())
    for node in (*shared, *operation.node.get("parameters", ())):
        yield resolved(document, node)


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
