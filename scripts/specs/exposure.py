"""The parts of a definition that the facade does not expose: operations, parameters, and properties of bodies.

Paging and links are excluded: the client follows them itself.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from scripts.specs.endpoints import path_names, read_endpoint
from scripts.specs.inventory import Row
from scripts.specs.matching import Match, matches
from scripts.specs.media import JSON
from scripts.specs.reliance import ENTRY, Reliance
from scripts.specs.shapes import Shapes

_PAGING = ("$skip", "$continuationToken")
_UNLISTED = frozenset({"_links", "*"})
"""Steps of the paths that are not listed: links, and members with any name."""


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
    shapes = read_endpoint(document, match.operation, path_names(match.operation)).shapes
    headers = {name.lower() for name in entry.headers}
    return Hidden(
        match,
        parameters=(*_unused(shapes, ".query", {*entry.query, *_PAGING}), *_unused(shapes, ".header", headers)),
        request=_unused(shapes, f".body {JSON}", entry.body),
        answer=_unused(shapes, f".answer {JSON}", entry.reads),
    )


def _unused(shapes: Shapes, root: str, used: Collection[str]) -> tuple[str, ...]:
    """Return the outermost unused values below a part of an operation."""
    names = (
        path.removeprefix(root).removeprefix(".") for path in shapes if path.startswith((f"{root}.", root + ENTRY))
    )
    left = [name for name in names if name not in used and _UNLISTED.isdisjoint(name.split("."))]
    return tuple(name for name in left if not any(name.startswith((f"{each}.", f"{each}{ENTRY}")) for each in left))
