"""Rows for the operations of a definition that the inventory does not contain yet."""

import json
from collections.abc import Collection
from typing import Any

from scripts.specs.identity import named
from scripts.specs.inventory import INVENTORY, Row
from scripts.specs.matching import Match, matches
from scripts.specs.names import snake_case
from scripts.toolkit import ToolError, shown

NEW = "new"


def proposed_rows(document: dict[str, Any], rows: Collection[Row]) -> list[Row]:
    """Return a row for each operation of a definition without one, in the order of the document.

    The rows state that the operation is missing in the facade and in the hub.

    Raises:
        ToolError: An operation has the id of a row with another request, that is, it was moved.
    """
    found = matches(named(document, rows), rows)
    proposed = [_proposed(match) for match in found if match.row is None]
    kept = {match.request for match in found}
    known = {row.operation_id: row.request for row in rows if row.request not in kept}
    moved = [
        f"[{row.operation_id}] is {known[row.operation_id]}, but {row.request} in the definition"
        for row in proposed
        if row.operation_id in known
    ]
    if moved:
        raise ToolError(f"{shown(INVENTORY)}: {'; '.join(moved)}; correct each request, and adapt the hub")
    return proposed


def toml(row: Row) -> str:
    """Return a proposed row in the format of the inventory."""
    values = {
        "request": row.request,
        "module": row.module,
        "facade.missing": row.facade_missing,
        "hub.missing": row.hub_missing,
    }
    return "".join([f"[{row.operation_id}]\n", *(f"{key} = {json.dumps(value)}\n" for key, value in values.items())])


def _proposed(match: Match) -> Row:
    (folder,) = match.operation.node["tags"]
    module = snake_case(match.operation.id)
    return Row(
        operation_id=module.replace("_", "-"),
        request=match.request,
        module=f"api.{snake_case(folder)}.{module}",
        facade_method=None,
        facade_missing=NEW,
        hub_handler=None,
        hub_missing=NEW,
    )
