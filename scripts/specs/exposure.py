"""The parts of a definition that the facade does not expose: operations, parameters, properties of bodies.

Paging and links are excluded: the client follows them itself.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from scripts.specs.inventory import Row
from scripts.specs.matching import Match, matches
from scripts.specs.reliance import ENTRY, Reliance, body_schema, parameters, schemas_at, success_schemas

_OF_THE_CLIENT = frozenset({"accept", "authorization", "content-type"})
"""Headers that the client always sends."""

_PAGING = frozenset({"$skip", "$continuationtoken"})
_LINKS = "_links"


class Hidden(NamedTuple):
    """The parts of one operation that the facade does not expose; all of it if the operation is not recorded."""

    match: Match
    whole: bool = False
    parameters: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()


def hidden(document: dict[str, Any], rows: Collection[Row], record: Mapping[str, Reliance]) -> list[Hidden]:
    """Return the operations that the facade does not fully expose, in the order of the document.

    Args:
        document: A definition in OpenAPI 3.1.
        rows: The inventory.
        record: The values that the facade sends and reads.
    """
    found = (_hidden(document, match, record) for match in matches(document, rows))
    return [each for each in found if each.whole or each.parameters or each.request or each.answer]


def _hidden(document: dict[str, Any], match: Match, record: Mapping[str, Reliance]) -> Hidden:
    entry = record.get(match.row.operation_id) if match.row else None
    if entry is None:
        return Hidden(match, whole=True)
    sent = {*entry.query, *(name.lower() for name in entry.headers)}
    declared = [each for each in parameters(document, match.operation) if each["in"] in {"query", "header"}]
    names = [each["name"] for each in declared if each["name"].lower() not in _OF_THE_CLIENT | _PAGING]
    body = body_schema(document, match.operation)
    answers = list(success_schemas(document, match.operation))
    return Hidden(
        match,
        parameters=tuple(name for name in names if name not in sent and name.lower() not in sent),
        request=_left(document, [] if body is None else [body], entry.body),
        answer=_left(document, answers, entry.reads),
    )


def _left(document: dict[str, Any], schemas: list[Any], used: Collection[str]) -> tuple[str, ...]:
    """Return the outermost unused properties of schemas."""
    paths = dict.fromkeys(path for schema in schemas for path in _paths(document, schema, "", ()))
    left = [path for path in paths if path not in used]
    return tuple(path for path in left if not any(path.startswith((f"{each}.", f"{each}{ENTRY}")) for each in left))


def _paths(document: dict[str, Any], schema: Any, path: str, above: tuple[int, ...]) -> Iterator[str]:
    for form in schemas_at(document, schema, ""):
        if id(form) in above:
            continue
        inside = (*above, id(form))
        for name, child in form.get("properties", {}).items():
            if name == _LINKS:
                continue
            below = f"{path}.{name}" if path else name
            yield below
            yield from _paths(document, child, below, inside)
        if "items" in form:
            yield from _paths(document, form["items"], f"{path}{ENTRY}", inside)
