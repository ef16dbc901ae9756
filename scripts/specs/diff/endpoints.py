"""Operations as a client meets them, and which operation of one definition is which of another."""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from scripts.specs.diff.shapes import Document, Home, Reader, Shapes
from scripts.specs.walk import Operation, operations, resolved

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}
"""Header parameters that OpenAPI tells readers to ignore."""

_TEMPLATE = re.compile(r"\{([^}]*)\}")
_TEXT_MEDIA = re.compile(r"json|xml|^text/|^multipart/|x-www-form-urlencoded")
_BYTES: Document = {"type": "string", "format": "binary"}
_JSON = "application/json"
_REQUEST, _ANSWER = "readOnly", "writeOnly"


class Endpoint(NamedTuple):
    """An operation: the shapes of its parts, and what is told of it as a whole."""

    operation: Operation
    traits: dict[str, str]
    parts: dict[str, Shapes]
    media: dict[str, set[str]]
    statuses: set[str]


def pairs(old: Document, new: Document) -> tuple[str, list[tuple[Operation | None, Operation | None]]]:
    """Match operations by method and path, without the names in it.

    Returns:
        The base path that only the new paths have (``+/imodels``) or only the old ones (``-/imodels``), and the pairs.
    """
    before, after = _by_path(old), _by_path(new)
    gained, lost = _base(after, before), _base(before, after)
    after = {(method, path.removeprefix(gained)): found for (method, path), found in after.items()}
    before = {(method, path.removeprefix(lost)): found for (method, path), found in before.items()}
    moved = f"+{gained}" if gained else f"-{lost}" if lost else ""
    return moved, [(before.get(key), after.get(key)) for key in {**before, **after}]


def _by_path(document: Document) -> dict[tuple[str, str], Operation]:
    return {(each.method, _TEMPLATE.sub("{}", each.path).rstrip("/")): each for each in operations(document)}


def _base(keys: Collection[tuple[str, str]], others: Collection[tuple[str, str]]) -> str:
    """The literal beginning without which most of the paths are among the others."""
    heads = (re.match(r"[^{]*(?=/|$)", path) for _, path in keys)
    prefixes = {"", *(head[0] for head in heads if head)}
    return max(
        sorted(prefixes, key=len),
        key=lambda prefix: sum(
            (method, path.removeprefix(prefix)) in others for method, path in keys if path.startswith(prefix)
        ),
    )


def read_endpoint(document: Document, operation: Operation, names: list[str]) -> Endpoint:
    """Read an operation; ``names`` are those by which its path parameters are to be known."""
    node = operation.node
    request, answer = Reader(document, _REQUEST), Reader(document, _ANSWER)
    body = resolved(document, node.get("requestBody")) or {}
    responses = {str(status).upper(): resolved(document, each) for status, each in node.get("responses", {}).items()}
    success = [each for status, each in responses.items() if status[0] in "23"]
    parts = {
        **_parameters(request, operation, dict(zip(path_names(operation), names, strict=True))),
        "body": _body(request, body, "body"),
        "answer": _body(answer, _merged(success), "answer"),
        "answer header": _headers(answer, success),
    }
    parts |= {
        f"error {status}": _body(answer, each, "error") for status, each in responses.items() if status[0] not in "23"
    }
    return Endpoint(
        operation,
        _traits(document, node),
        parts,
        {"body": _media(body), "answer": _media(_merged(success))},
        set(responses),
    )


def path_names(operation: Operation) -> list[str]:
    """Return the names of the path's parameters."""
    return _TEMPLATE.findall(operation.path)


def _traits(document: Document, node: Document) -> dict[str, str]:
    security = node.get("security", document.get("security")) or []
    ways = (" and ".join(f"{name} {' '.join(sorted(scopes))}".strip() for name, scopes in way.items()) for way in security)
    return {
        "operation id": str(node.get("operationId", "none")),
        "tag": ", ".join(map(str, node.get("tags", ()))) or "none",
        "security": " or ".join(sorted(filter(None, ways))) or "none",
        "deprecated": "yes" if node.get("deprecated") else "no",
        "technical preview": "yes" if node.get("x-technical-preview") else "no",
    }


def _parameters(reader: Reader, operation: Operation, names: dict[str, str]) -> dict[str, Shapes]:
    """The parameters by their place, each place read as an object with a property for each."""
    shared = reader.document["paths"][operation.path].get("parameters", ())
    found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for node in (*shared, *operation.node.get("parameters", ())):
        parameter = resolved(reader.document, node)
        place, name = parameter["in"], parameter["name"]
        name = name.lower() if place == "header" else names.get(name, name) if place == "path" else name
        if name not in _IGNORED_HEADERS:
            found.setdefault(place, {})[name] = parameter
    return {place: _object(reader, parameters, place) for place, parameters in found.items()}


def _headers(reader: Reader, answers: Iterable[Document]) -> Shapes:
    headers = {
        name.lower(): resolved(reader.document, header)
        for answer in answers
        for name, header in answer.get("headers", {}).items()
    }
    return _object(reader, headers, "answer header")


def _object(reader: Reader, members: dict[str, Document], home: str) -> Shapes:
    properties = {name: _schema(member) for name, member in members.items()}
    required = [name for name, member in members.items() if member.get("required") is True]
    return reader.shapes({"type": "object", "properties": properties, "required": required}, Home(home))


def _schema(parameter: Document) -> Document:
    media: Document = next(iter(parameter.get("content", {}).values()), parameter)
    marks = {"deprecated": True} if parameter.get("deprecated") is True else {}
    return {"allOf": [media.get("schema", {})], **marks}


def _merged(answers: list[Document]) -> Document:
    return {"content": {media: content for each in answers for media, content in each.get("content", {}).items()}}


def _kind(media: str) -> str:
    """The media type without parameters; all kinds of JSON are one."""
    name = media.partition(";")[0].strip().lower()
    return _JSON if name == _JSON or name.endswith("+json") else name


def _media(node: Document) -> set[str]:
    return set(map(_kind, node.get("content", {})))


def _body(reader: Reader, node: Document, home: str) -> Shapes:
    """The shapes of a body, of the JSON one where there are several."""
    contents = {_kind(media): content for media, content in node.get("content", {}).items()}
    if not contents:
        return {}
    media = _JSON if _JSON in contents else next(iter(contents))
    schema = contents[media].get("schema") or ({} if _TEXT_MEDIA.search(media) else _BYTES)
    shapes = reader.shapes(schema, Home(home))
    return {**shapes, "": shapes[""]._replace(required=node.get("required") is True)}
