"""Rows for the operations of a definition that the inventory does not name yet."""

import json
import re
from collections.abc import Collection
from typing import Any

from scripts.specs.inventory import Row
from scripts.specs.matching import Match, matches

NEW = "new"


def proposed_rows(document: dict[str, Any], rows: Collection[Row]) -> list[Row]:
    """Return a row for each operation of a definition without one, in the document's order.

    It says that neither the facade nor the hub has the operation.
    """
    return [_proposed(match) for match in matches(document, rows) if match.row is None]


def toml(row: Row) -> str:
    """Return a proposed row as the inventory writes it."""
    values = {
        "request": row.request,
        "module": row.module,
        "facade.missing": row.facade_missing,
        "hub.missing": row.hub_missing,
    }
    return "".join([f"[{row.operation_id}]\n", *(f"{key} = {json.dumps(value)}\n" for key, value in values.items())])


def _proposed(match: Match) -> Row:
    name = match.operation.id
    tag = next(iter(match.operation.node.get("tags", [])), "default")
    return Row(
        operation_id="-".join(_words(name)),
        request=match.request,
        module=f"api.{'_'.join(_words(tag))}.{'_'.join(_words(name))}",
        facade_method=None,
        facade_missing=NEW,
        hub_handler=None,
        hub_missing=NEW,
    )


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z0-9]+", apart.lower())
