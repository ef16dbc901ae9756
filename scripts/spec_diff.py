"""Show what differs for a client between two definitions.

python -m scripts.spec_diff NEW        compares with the committed definition
python -m scripts.spec_diff OLD NEW    compares any two files
"""

import argparse
from pathlib import Path

from scripts.specs.definition import DEFINITION, load
from scripts.specs.diff import compare, report
from scripts.toolkit import run


def main(argv: list[str]) -> int:
    """Command line of ``make spec-diff``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", nargs="?", type=Path, default=DEFINITION, help="default: the committed definition")
    parser.add_argument("new", type=Path)
    parser.add_argument("--fail-on-breaking", action="store_true", help="exit status 1 when a change breaks clients")
    options = parser.parse_args(argv)
    changes = compare(load(options.old), load(options.new))
    print("\n".join(report(changes)))
    return int(options.fail_on_breaking and any(change.breaking for change in changes))


if __name__ == "__main__":
    run(main)
