"""Which operation is where: the table of the definition, the inventory and the command line."""

from collections.abc import Iterator

from scripts.pages.commands import by_operation
from scripts.specs.definition import DEFINITION, load
from scripts.specs.inventory import INVENTORY, Row, rows
from scripts.specs.walk import operations
from scripts.toolkit import shown

_SHOWN_COMMANDS = 4


def lines() -> Iterator[str]:
    """The lines of the page."""
    by_id = {row.operation_id: row for row in rows()}
    commands = by_operation()
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
    yield "Empty: not there."
    tag = None
    for operation in operations(load()):
        if operation.node["tags"][0] != tag:
            tag = operation.node["tags"][0]
            yield from ("", f"## {tag}", "", "| operation | request | module | facade | command | hub |")
            yield "|---|---|---|---|---|---|"
        preview = " (preview)" if operation.node.get("x-technical-preview") else ""
        request = f"`{operation.method.upper()} {operation.path}`"
        row = by_id[operation.id]
        cells = [f"{operation.node['summary']}{preview}", request, _code(row.module.removeprefix("api."))]
        cells += [_code(row.facade_method), _commands(*commands.get(operation.id, ([], []))), _hub(row)]
        yield f"| {' | '.join(cells)} |"


def _commands(direct: list[str], within: list[str]) -> str:
    """The commands that are about an operation; in brackets those that only use it, where there is none."""
    names = direct or within
    more = " …" if len(names) > _SHOWN_COMMANDS else ""
    told = f"{', '.join(map(_code, names[:_SHOWN_COMMANDS]))}{more}"
    return f"({told})" if within and not direct else told


def _hub(row: Row) -> str:
    return f"{_code(row.hub_handler)} partly: {row.hub_partly}" if row.hub_partly else _code(row.hub_handler)


def _code(place: str | None) -> str:
    return f"`{place}`" if place else ""
