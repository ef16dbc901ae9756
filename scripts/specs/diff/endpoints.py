"""Comparing two operations: parameters, request body, answers."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scripts.specs.diff.places import Change, Family, Place, coming_or_going, compare_named, flag_change, moved
from scripts.specs.diff.reading import Document, Schema, as_list, as_mapping, forms_of, read_schema, types_of
from scripts.specs.diff.rules import DEPRECATED, PREVIEW, REQUIRED, Side
from scripts.specs.diff.schemas import Comparison
from scripts.specs.walk import Operation, operations, resolved

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}
"""Header parameters that OpenAPI tells readers to ignore."""

_MARKED_DEPRECATED: Document = {"deprecated": True}
_BYTES: Document = {"type": "string", "format": "binary"}
_TEXT_MEDIA = re.compile(r"json|xml|^text/|^multipart/|x-www-form-urlencoded")
_TEMPLATE = re.compile(r"\{([^}]*)\}")


class Body(NamedTuple):
    """What a request or an answer carries, by media type."""

    required: bool
    media: dict[str, Schema]


class Parameter(NamedTuple):
    """A parameter of a request or a header of an answer."""

    group: str
    name: str
    required: bool
    schema: Schema
    writing: str | None = None


class Answer(NamedTuple):
    """An answer of an operation."""

    status: str
    body: Body
    headers: dict[str, Parameter]


class Endpoint(NamedTuple):
    """An operation as a client meets it."""

    operation: Operation
    security: str
    parameters: dict[tuple[str, str], Parameter]
    body: dict[str, Body]
    answers: dict[str, Answer]


def endpoints(document: Document) -> dict[tuple[str, str], Endpoint]:
    """Every operation, by its method and its path without the names in it."""
    return {
        (operation.method, _TEMPLATE.sub("{}", operation.path)): _endpoint(document, operation)
        for operation in operations(document)
    }


def _endpoint(document: Document, operation: Operation) -> Endpoint:
    node = operation.node
    body = as_mapping(resolved(document, node.get("requestBody")))
    answers = {
        status.lower(): _answer(document, status, as_mapping(resolved(document, answer)))
        for status, answer in as_mapping(node.get("responses")).items()
    }
    return Endpoint(
        operation,
        _security(node.get("security", document.get("security"))),
        _parameters(document, operation),
        {"": _body(document, body)} if body else {},
        answers,
    )


def _parameters(document: Document, operation: Operation) -> dict[tuple[str, str], Parameter]:
    """The parameters of an operation and its path, those in the path known by their position."""
    shared = as_list(document["paths"][operation.path].get("parameters"))
    template = _TEMPLATE.findall(operation.path)
    found = {}
    for node in (*shared, *as_list(operation.node.get("parameters"))):
        parameter = _parameter(document, as_mapping(resolved(document, node)))
        key = parameter.name
        if parameter.group == "header":
            key = key.lower()
        elif parameter.group == "path" and key in template:
            key = str(template.index(key))
        if parameter.group != "header" or key not in _IGNORED_HEADERS:
            found[parameter.group, key] = parameter
    return found


def _parameter(document: Document, node: Document) -> Parameter:
    group = str(node.get("in"))
    media = next(iter(as_mapping(node.get("content")).values()), None)
    schema = as_mapping(media).get("schema") if media else node.get("schema")
    marks = [_MARKED_DEPRECATED] if node.get("deprecated") is True else []
    read = read_schema(document, schema, *marks)
    return Parameter(group, str(node.get("name")), node.get("required") is True, read, _writing(node, read))


def _writing(node: Document, schema: Schema) -> str | None:
    """How a parameter with several values is written; None where there is nothing to choose."""
    if not {"array", "object"} & {kind for form in forms_of(schema) for kind in types_of(form)}:
        return None
    style = node.get("style", "form" if node.get("in") in {"query", "cookie"} else "simple")
    exploded = node.get("explode", style == "form")
    return f"{style}, exploded" if exploded else str(style)


def _body(document: Document, node: Document) -> Body:
    media = {}
    for name, content in as_mapping(node.get("content")).items():
        kind = name.partition(";")[0].strip().lower()
        schema = as_mapping(content).get("schema") or {}
        media[kind] = read_schema(document, schema if schema or _TEXT_MEDIA.search(kind) else _BYTES)
    return Body(node.get("required") is True, media)


def _answer(document: Document, status: str, node: Document) -> Answer:
    headers = {
        name.lower(): _parameter(document, {"in": "header", "name": name, **as_mapping(resolved(document, header))})
        for name, header in as_mapping(node.get("headers")).items()
        if name.lower() != "content-type"
    }
    return Answer(status, _body(document, node), headers)


def _security(requirements: object) -> str:
    ways = [as_mapping(requirement) for requirement in as_list(requirements)]
    return " or ".join(sorted(filter(None, map(_way, ways)))) or "none"


def _way(requirement: Document) -> str:
    names = [
        f"{name} {' '.join(sorted(map(str, as_list(scopes))))}".strip() for name, scopes in sorted(requirement.items())
    ]
    return " and ".join(names)


def compare_endpoints(place: Place, old: Endpoint, new: Endpoint) -> Iterator[Change]:
    """The changes between two versions of an operation."""
    before, after = old.operation.node, new.operation.node
    if before.get("operationId") != after.get("operationId"):
        what = moved("operationId", before.get("operationId"), after.get("operationId"))
        yield Change(breaking=True, where=str(place), what=what)
    if _tag(before) != _tag(after):
        yield Change(breaking=True, where=str(place), what=moved("tag", _tag(before), _tag(after)))
    for flag, key in ((DEPRECATED, "deprecated"), (PREVIEW, "x-technical-preview")):
        yield from flag_change(flag, Side.REQUEST, place, old=bool(before.get(key)), new=bool(after.get(key)))
    if old.security != new.security:
        yield Change(breaking=False, where=str(place), what=moved("security", old.security, new.security))
    parameters = Family[Parameter](
        place=lambda found: place.part(f"{found.group} {found.name}"),
        compare=_compare_parameters,
        kind=lambda _: "parameter",
        required=lambda found: found.required,
    )
    yield from compare_named(old.parameters, new.parameters, parameters)
    bodies = Family[Body](
        place=lambda _: place.part("request"),
        compare=_compare_bodies,
        kind=lambda _: "request body",
        required=lambda found: found.required,
    )
    yield from compare_named(old.body, new.body, bodies)
    answers = Family[Answer](
        place=lambda found: place.part(f"answer {found.status}"),
        compare=_compare_answers,
        kind=lambda found: "success answer" if found.status[:1] in {"1", "2", "3"} else "error answer",
    )
    yield from compare_named(old.answers, new.answers, answers)


def _tag(node: Document) -> str | None:
    """The first tag, which decides the folder of the generated module."""
    return next(iter(as_list(node.get("tags"))), None)


def _compare_parameters(place: Place, old: Parameter, new: Parameter) -> Iterator[Change]:
    if old.group == "path" and old.name != new.name:
        yield Change(breaking=False, where=str(place), what=f"renamed to {new.name}")
    yield from flag_change(REQUIRED, Side.REQUEST, place, old=old.required, new=new.required)
    if old.writing and new.writing and old.writing != new.writing:
        yield Change(breaking=True, where=str(place), what=moved("style", old.writing, new.writing))
    yield from Comparison(Side.REQUEST).schemas(place, old.schema, new.schema)


def _compare_bodies(place: Place, old: Body, new: Body) -> Iterator[Change]:
    yield from flag_change(REQUIRED, Side.REQUEST, place, old=old.required, new=new.required)
    yield from _compare_media(Side.REQUEST, place, old.media, new.media)


def _compare_answers(place: Place, old: Answer, new: Answer) -> Iterator[Change]:
    headers = Family[Parameter](
        place=lambda found: place.part(f"header {found.name}"),
        compare=_compare_headers,
        kind=lambda _: "answer header",
    )
    yield from compare_named(old.headers, new.headers, headers)
    yield from _compare_media(Side.ANSWER, place, old.body.media, new.body.media)


def _compare_headers(place: Place, old: Parameter, new: Parameter) -> Iterator[Change]:
    yield from flag_change(REQUIRED, Side.ANSWER, place, old=old.required, new=new.required)
    yield from Comparison(Side.ANSWER).schemas(place, old.schema, new.schema)


def _compare_media(side: Side, place: Place, old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[Change]:
    """Compare contents; the media type is named where it came or went, or where there are several."""
    several = len({**old, **new}) > 1
    for name in {**old, **new}:
        if name in old and name in new:
            here = place.part(name) if several else place
            yield from Comparison(side).schemas(here, old[name], new[name])
        else:
            word = "added" if name in new else "removed"
            yield coming_or_going(f"{side.value} media type", word, place.part(name))
