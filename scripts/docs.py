"""Write the generated pages of docs/, or check that they are up to date.

python -m scripts.docs            writes them
python -m scripts.docs --check    fails if a page is not up to date
python -m scripts.docs NAME       writes one page, such as operations.md
"""

import argparse
from collections.abc import Callable, Iterator

from scripts.pages import commands, faults, injected_faults, operations, summary
from scripts.toolkit import ROOT, ToolError, replace_file, run, shown

FOLDER = ROOT / "docs"
PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "operations.md": operations.lines,
    "faults.md": faults.lines,
    "injected-faults.md": injected_faults.lines,
    "reference/cli.md": commands.lines,
    "api-summary.md": summary.api_lines,
    "llms.txt": summary.contents_lines,
}


def main(argv: list[str]) -> int:
    """Run ``make docs`` and ``make docs-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(PAGES)}; default: all")
    options = parser.parse_args(argv)
    check = options.check
    if unknown := set(options.names) - set(PAGES):
        parser.error(f"no generated page: {', '.join(sorted(unknown))}")
    for name in options.names or PAGES:
        path = FOLDER / name
        content = "".join(f"{line}\n" for line in PAGES[name]()).encode()
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)
        elif not path.exists() or path.read_bytes() != content:
            raise ToolError(f"{shown(path)}: not up to date; run 'make docs'")
    return 0


if __name__ == "__main__":
    run(main)
