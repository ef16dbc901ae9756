"""Names and paths that do not depend on those in a definition.

The inventory determines the operationId and the module of its operations, and every path is relative to the base URL of
the API. The generated package therefore keeps its modules when a definition renames operations or tags, omits them, or
repeats the base path.
"""

import re
from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import Any

from scripts.specs.inventory import Row
from scripts.specs.matching import Match, base_path, is_below, matches
from scripts.specs.names import is_module_name, snake_case
from scripts.specs.walk import Finding

Json = dict[str, Any]


def named(document: Json, rows: Collection[Row]) -> Json:
    """Return the definition with operationIds from the inventory and one tag per operation: the folder of its module.

    An operation without a row keeps its operationId and first tag. If it has none, if another operation has the same
    operationId, or if Python reserves the name, they are derived from its path.
    """
    found = matches(document, rows)
    taken = {snake_case(match.row.operation_id) for match in found if match.row}
    nodes = {match.operation.pointer: _named(match, rows, taken) for match in found}
    paths = {
        path: {key: nodes.get(("paths", path, key), value) for key, value in item.items()}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def _named(match: Match, rows: Collection[Row], taken: set[str]) -> Json:
    node = match.operation.node
    if match.row:
        return {**node, "operationId": match.row.operation_id, "tags": [_folder(match.row)]}
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", str(node.get("operationId") or "")).strip("-_")
    if not is_module_name(snake_case(name)) or snake_case(name) in taken:
        name = _name(match.request)
    taken.add(snake_case(name))
    tag = next((snake_case(str(tag)) for tag in node.get("tags", [])), "")
    folder = tag if is_module_name(tag) else _neighbouring_folder(match, rows)
    return {**node, "operationId": name, "tags": [folder]}


def _folder(row: Row) -> str:
    return row.module.split(".")[1]


def _name(request: str) -> str:
    """Return an operation id for a request: ``GET /{}/locks/{}/owner`` → ``get-by-id-locks-by-id-owner``."""
    method, path = request.split()
    words = re.sub(r"[^A-Za-z0-9]+", "-", path.replace("{}", "-by-id-"))
    return f"{method.lower()}-{words.strip('-')}".strip("-")


def _neighbouring_folder(match: Match, rows: Collection[Row]) -> str:
    """Return the folder of the row whose path has the longest common prefix with this one."""
    path = match.request.split()[1].split("/")

    def shared(row: Row) -> int:
        pairs = zip(path, row.request.split()[1].split("/"), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return _folder(max(rows, key=shared))


def outside(document: Json, rows: Collection[Row]) -> Iterator[Finding]:
    """Yield each path that is not below the base path of the others; the client would call a wrong URL."""
    base = base_path(document, [row.request for row in rows])
    for path in document["paths"]:
        if not is_below(path, base):
            yield ("paths", path), f"outside the base path {base} of the other operations; remove it"


def relative(document: Json, rows: Collection[Row]) -> Json:
    """Return a definition with paths relative to the base URL of the API; requires that `outside` yields nothing."""
    base = base_path(document, [row.request for row in rows])
    if not base:
        return document
    paths: dict[str, Json] = {}
    for path, item in document["paths"].items():
        paths.setdefault(path.removeprefix(base) or "/", {}).update(item)
    return {**document, "paths": paths}
