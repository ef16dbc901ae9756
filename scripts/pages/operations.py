"""The operations page: a table from the definition, the inventory and the command line."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts.pages.commands import by_operation
from scripts.specs import reliance
from scripts.specs.correct import readable
from scripts.specs.definition import DEFINITION, load
from scripts.specs.exposure import Hidden, hidden
from scripts.specs.inventory import INVENTORY, Row, rows
from scripts.specs.matching import Match, matches
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.reliance import Reliance
from scripts.toolkit import shown

_SHOWN_COMMANDS = 4


def lines() -> Iterator[str]:
    """Yield the lines of the page."""
    return page(load(), overlay_files(OVERLAYS), rows(), reliance.load())


def page(
    document: dict[str, Any], overlays: list[Path], inventory: list[Row], record: Mapping[str, Reliance]
) -> Iterator[str]:
    """Yield the lines of the page for a definition as downloaded, its overlays, an inventory and a record."""
    yield "# Operations"
    yield ""
    yield f"Made by `make docs` from `{shown(DEFINITION)}`, `{shown(INVENTORY)}` and the command line; do not edit."
    yield ""
    yield "- **Module**: of the low-level client, below `itwin_imodels_api.api`."
    yield "- **Facade**: method of `IModelsClient` and `AsyncIModelsClient`. Workflows, such as `push_changeset`, are"
    yield "  made of these; the [reference](reference/client.md) says which."
    yield "- **Command**: of `imodels`; in brackets, those that use the operation within a workflow only."
    yield "- **Hub**: the function of the local hub that answers, below `itwin_imodels_hub`."
    yield ""
    yield "Empty: missing."
    commands = by_operation()
    tables: dict[str, list[str]] = {}
    for match in matches(document, inventory):
        tables.setdefault(_tag(match), []).append(_line(match, commands))
    for tag, table in tables.items():
        yield from ("", f"## {tag}", "", "| operation | request | module | facade | command | hub |")
        yield "|---|---|---|---|---|---|"
        yield from table
    yield from _not_exposed(hidden(readable(document, overlays), inventory, record))


def _tag(match: Match) -> str:
    """Return the first tag of an operation, or the first segment of its path that is not a parameter."""
    segments = re.findall(r"[^/{}]+", match.request.partition(" ")[2])
    return str(next(iter(match.operation.node.get("tags") or segments or ["iModels"])))


def _name(match: Match) -> str:
    return str(match.operation.node.get("summary") or match.operation.id)


def _line(match: Match, commands: dict[str, tuple[list[str], list[str]]]) -> str:
    operation, row = match.operation, match.row
    preview = " (preview)" if operation.node.get("x-technical-preview") else ""
    cells = [f"{_name(match)}{preview}", f"`{operation.method.upper()} {operation.path}`"]
    if row is None:
        cells += [""] * 4
    else:
        cells += [_code(row.module.removeprefix("api.")), _code(row.facade_method)]
        cells += [_commands(*commands.get(row.operation_id, ([], []))), _hub(row)]
    return f"| {' | '.join(cells)} |"


def _not_exposed(found: list[Hidden]) -> Iterator[str]:
    """Yield the section on what the facade does not expose."""
    yield from ("", "## Not exposed by the facade", "")
    yield "What is new in the definition is listed here until the facade exposes it. New properties of an answer are in"
    yield "`extra` of its model. Paging and links are left out: the client follows them itself."
    yield ""
    if not found:
        yield "Nothing."
        return
    yield from ("| operation | parameters | request | answer |", "|---|---|---|---|")
    for each in found:
        cells = ["the whole operation", "", ""] if each.whole else []
        cells = cells or [", ".join(map(_code, names)) for names in (each.parameters, each.request, each.answer)]
        yield f"| {_name(each.match)} | {' | '.join(cells)} |"


def _commands(direct: list[str], within: list[str]) -> str:
    """Return the commands for an operation; if there are none, those that use it in a workflow, in brackets."""
    names = direct or within
    more = " …" if len(names) > _SHOWN_COMMANDS else ""
    told = f"{', '.join(map(_code, names[:_SHOWN_COMMANDS]))}{more}"
    return f"({told})" if within and not direct else told


def _hub(row: Row) -> str:
    return f"{_code(row.hub_handler)} partly: {row.hub_partly}" if row.hub_partly else _code(row.hub_handler)


def _code(place: str | None) -> str:
    return f"`{place}`" if place else ""
