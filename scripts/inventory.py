"""Complete spec/operations.toml: the operations of the definition, and where the facade and the hub implement them.

python -m scripts.inventory            adds rows, methods and handlers that are missing
python -m scripts.inventory --check    fails if one is missing
"""

import argparse
import re
from collections.abc import Collection
from pathlib import Path

from itwin_imodels_hub.api.routes import OPERATIONS
from scripts.facade_calls import builders, calls
from scripts.specs.definition import DEFINITION, load
from scripts.specs.inventory import INVENTORY, Row, rows
from scripts.specs.proposals import proposed_rows, toml
from scripts.toolkit import ToolError, read_bytes, replace_file, run, shown


def main(argv: list[str]) -> int:
    """Run ``make inventory``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail instead of writing")
    parser.add_argument("--definition", type=Path, default=DEFINITION, help="the definition to read")
    parser.add_argument("--inventory", type=Path, default=INVENTORY, help="the inventory to complete")
    options = parser.parse_args(argv)
    present = rows(options.inventory)
    texts = [toml(row) for row in proposed_rows(load(options.definition), present)]
    print("\n".join(texts), end="")
    place = shown(options.inventory)
    if texts and options.check:
        raise ToolError(f"{place}: operations without a row: {len(texts)}; run 'make inventory', which adds these rows")
    text = read_bytes(options.inventory, "the inventory").decode()
    completed, implemented = _completed("\n".join([f"{text.rstrip()}\n", *texts]), present)
    print("".join(f"{each}\n" for each in implemented), end="")
    if implemented and options.check:
        raise ToolError(f"{place}: implemented, but recorded as missing: {len(implemented)}; run 'make inventory'")
    if completed == text:
        print(f"{place}: up to date")
    else:
        replace_file(options.inventory, completed.encode())
        print(f"{place}: written")
    return 0


def _completed(text: str, rows: Collection[Row]) -> tuple[str, list[str]]:
    """Return the inventory with the methods and handlers of operations that are implemented, and a line for each."""
    methods = {call.endpoint: call.name for builder in builders() for call in calls(builder)}
    handlers = {each.id: each.handler for each in OPERATIONS}
    lines = []
    for row in rows:
        method, handler = methods.get(row.module.removeprefix("api.")), handlers.get(row.operation_id)
        places = {}
        if row.facade_missing and method:
            places["facade.missing"] = f'facade.method = "{method}"'
        if row.hub_missing and handler:
            module = handler.__module__.partition(".")[2]
            places["hub.missing"] = f'hub.handler = "{module}.{handler.__name__}"'
        for missing, place in places.items():
            pattern = rf"(^\[{re.escape(row.operation_id)}\]\n(?:\w.*\n)*?){re.escape(missing)} = .*$"
            text, count = re.subn(pattern, rf"\g<1>{place}", text, flags=re.MULTILINE)
            if not count:
                raise ToolError(f"[{row.operation_id}]: write {missing} in a line of its own; it is now {place}")
            lines.append(f"[{row.operation_id}] {place}")
    return text, lines


if __name__ == "__main__":
    run(main)
