"""``spec/operations.toml``: every operation, its request, generated module, facade method and hub handler."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from scripts.toolkit import ROOT, ToolError, read_bytes, shown

INVENTORY = ROOT / "spec" / "operations.toml"

_REQUEST = re.compile(r"[A-Z]+ (/|(/([^/{}]|\{\})+)+)")
_MODULE = re.compile(r"api\.[a-z0-9_]+\.[a-z0-9_]+")


class Row(NamedTuple):
    """One operation. For the facade and the hub, it names the implementation or the reason why there is none.

    The request identifies the operation in any definition: method and path relative to the base path, with ``{}`` for
    each parameter. The operation id and the module are its names in the generated client.
    """

    operation_id: str
    request: str
    module: str
    facade_method: str | None
    facade_missing: str | None
    hub_handler: str | None
    hub_missing: str | None
    hub_partly: str | None = None


def rows(path: Path = INVENTORY) -> list[Row]:
    """Return the rows of the inventory.

    Raises:
        ToolError: The file is not TOML, a row is incomplete or contradictory, or two rows name one operation.
    """
    try:
        tables = tomllib.loads(read_bytes(path, "the inventory").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(path)}: not valid TOML: {error}") from error
    found = [_row(name, table, f"{shown(path)}: [{name}]") for name, table in tables.items()]
    for field in ("request", "module"):
        _check_unique(found, field, shown(path))
    return found


def _check_unique(rows: list[Row], field: str, place: str) -> None:
    first: dict[str, str] = {}
    for row in rows:
        value = getattr(row, field)
        if value in first:
            raise ToolError(f"{place}: [{first[value]}] and [{row.operation_id}] have the same {field}: {value}")
        first[value] = row.operation_id


def _row(name: str, table: Any, place: str) -> Row:
    if not isinstance(table, dict) or "module" not in table:
        raise ToolError(f"{place}: module, request, facade and hub are required")
    facade, hub = table.get("facade", {}), table.get("hub", {})
    if not isinstance(facade, dict) or not isinstance(hub, dict):
        raise ToolError(f'{place}: facade and hub must be tables: write facade.method = "…" and hub.handler = "…"')
    if not (_has_one(facade, "method") and _has_one(hub, "handler")):
        raise ToolError(f"{place}: specify the facade method and the hub handler, or the reasons why they are missing")
    return Row(
        operation_id=name,
        request=_text(table, "request", _REQUEST, f"{place}: request must be METHOD /path with {{}} per parameter"),
        module=_text(table, "module", _MODULE, f"{place}: module must be api.<tag>.<operation>"),
        facade_method=facade.get("method"),
        facade_missing=facade.get("missing"),
        hub_handler=hub.get("handler"),
        hub_missing=hub.get("missing"),
        hub_partly=hub.get("partly"),
    )


def _has_one(table: dict[str, Any], key: str) -> bool:
    """Check that a table contains either the key or the reason why it is missing, not both."""
    return bool(table.get(key)) != bool(table.get("missing"))


def _text(table: dict[str, Any], key: str, form: re.Pattern[str], complaint: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ToolError(f"{complaint}, not {value!r}")
    return value
