"""Show the differences between two definitions that matter to clients, and which of them break the facade.

python -m scripts.spec_diff NEW        compares with the committed definition
python -m scripts.spec_diff OLD NEW    compares any two files
"""

import argparse
from pathlib import Path

from scripts.specs.definition import DEFINITION, load
from scripts.specs.diff import explain
from scripts.toolkit import run


def main(argv: list[str]) -> int:
    """Run ``make spec-diff``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", nargs="?", type=Path, default=DEFINITION, help="default: the committed definition")
    parser.add_argument("new", type=Path)
    parser.add_argument("--whole", action="store_true", help="list everything instead of counting it")
    parser.add_argument("--fail-on-breaking", action="store_true", help="exit with status 1 if the facade breaks")
    options = parser.parse_args(argv)
    explanation = explain(load(options.old), load(options.new), whole=options.whole)
    print("\n".join(explanation.lines))
    return int(options.fail_on_breaking and explanation.breaking)


if __name__ == "__main__":
    run(main)
