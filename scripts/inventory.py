"""Add a row to spec/operations.toml for each operation of the definition that is not listed.

python -m scripts.inventory            appends the rows and shows them
python -m scripts.inventory --check    fails if a row is missing, and shows it
"""

import argparse
from pathlib import Path

from scripts.specs.definition import DEFINITION, load
from scripts.specs.inventory import INVENTORY, rows
from scripts.specs.proposals import proposed_rows, toml
from scripts.toolkit import ToolError, read_bytes, replace_file, run, shown


def main(argv: list[str]) -> int:
    """Run ``make inventory``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail instead of writing")
    parser.add_argument("--definition", type=Path, default=DEFINITION, help="the definition to read")
    parser.add_argument("--inventory", type=Path, default=INVENTORY, help="the inventory to complete")
    options = parser.parse_args(argv)
    texts = [toml(row) for row in proposed_rows(load(options.definition), rows(options.inventory))]
    print("\n".join(texts), end="")
    place = shown(options.inventory)
    if texts and options.check:
        raise ToolError(f"{place}: operations without a row: {len(texts)}; run 'make inventory', which adds these rows")
    if texts:
        present = read_bytes(options.inventory, "the inventory").rstrip().decode()
        replace_file(options.inventory, "\n".join([f"{present}\n", *texts]).encode())
        print(f"{place}: added {len(texts)}; describe each in the facade and the hub, or leave it as new")
    else:
        print(f"{place}: every operation of the definition has a row")
    return 0


if __name__ == "__main__":
    run(main)
