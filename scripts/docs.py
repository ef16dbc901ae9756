"""Write the pages of docs/ that follow from other files, or check that they are up to date.

python -m scripts.docs            writes docs/operations.md
python -m scripts.docs --check    fails when it is not what the definition and the inventory give
"""

import argparse
from collections.abc import Iterator

from scripts.specs.definition import DEFINITION, load
from scripts.specs.inventory import INVENTORY, Row, rows
from scripts.specs.walk import operations
from scripts.toolkit import ROOT, ToolError, replace_file, run, shown

PAGE = ROOT / "docs" / "operations.md"


def main(argv: list[str]) -> int:
    """Command line of ``make docs`` and ``make docs-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    content = "".join(f"{line}\n" for line in _page()).encode()
    if parser.parse_args(argv).check:
        if not PAGE.exists() or PAGE.read_bytes() != content:
            raise ToolError(f"{shown(PAGE)}: not up to date; run 'make docs'")
    else:
        PAGE.parent.mkdir(exist_ok=True)
        replace_file(PAGE, content)
    return 0


def _page() -> Iterator[str]:
    by_id = {row.operation_id: row for row in rows()}
    yield "# Operations"
    yield ""
    yield f"Made by `make docs` from `{shown(DEFINITION)}` and `{shown(INVENTORY)}`; do not edit."
    yield ""
    yield "Module: of the low-level client, below `itwin_imodels_api.api`. Empty: not there yet."
    tag = None
    for operation in operations(load()):
        if operation.node["tags"][0] != tag:
            tag = operation.node["tags"][0]
            yield from ("", f"## {tag}", "", "| operation | request | module | facade | hub |", "|---|---|---|---|---|")
        preview = " (preview)" if operation.node.get("x-technical-preview") else ""
        request = f"`{operation.method.upper()} {operation.path}`"
        yield f"| {operation.node['summary']}{preview} | {request} | {' | '.join(_places(by_id[operation.id]))} |"


def _places(row: Row) -> tuple[str, str, str]:
    hub = _code(row.hub_handler)
    if row.hub_partly:
        hub = f"{hub} partly: {row.hub_partly}"
    return _code(row.module.removeprefix("api.")), _code(row.facade_method), hub


def _code(place: str | None) -> str:
    return f"`{place}`" if place else ""


if __name__ == "__main__":
    run(main)
