"""``spec/operations.toml``: every operation, its generated module, its facade method, its hub handler."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from scripts.toolkit import ROOT, ToolError, read_bytes, shown

INVENTORY = ROOT / "spec" / "operations.toml"


class Row(NamedTuple):
    """One operation. Of each pair exactly one is given: the place, or the reason why there is none yet."""

    operation_id: str
    module: str
    facade_method: str | None
    facade_missing: str | None
    hub_handler: str | None
    hub_missing: str | None
    hub_partly: str | None = None


def rows(path: Path = INVENTORY) -> list[Row]:
    """The rows of the inventory.

    Raises:
        ToolError: The file is not TOML, or a row lacks a place and a reason, or has both.
    """
    try:
        tables = tomllib.loads(read_bytes(path, "the inventory").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(path)}: not valid TOML: {error}") from error
    return [_row(name, table, f"{shown(path)}: [{name}]") for name, table in tables.items()]


def _row(name: str, table: dict[str, object], place: str) -> Row:
    facade, hub = table.get("facade", {}), table.get("hub", {})
    if not isinstance(table.get("module"), str) or not isinstance(facade, dict) or not isinstance(hub, dict):
        raise ToolError(f"{place}: give module, facade and hub")
    row = Row(
        name,
        str(table["module"]),
        facade.get("method"),
        facade.get("missing"),
        hub.get("handler"),
        hub.get("missing"),
        hub.get("partly"),
    )
    if bool(row.facade_method) == bool(row.facade_missing) or bool(row.hub_handler) == bool(row.hub_missing):
        raise ToolError(f"{place}: name the facade's method and the hub's handler, or say why there is none yet")
    return row
