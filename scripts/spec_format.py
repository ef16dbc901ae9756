"""Lay out the definition that is kept by hand; a fetched one is never touched.

python -m scripts.spec_format            rewrites the definition, records its digest, copies it for the tests
python -m scripts.spec_format --check    fails if that would change anything
"""

import argparse
from pathlib import Path

from scripts.specs import lock
from scripts.specs.definition import DEFINITION, load, sha256
from scripts.specs.layout import laid_out
from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, run, shown

COPY = ROOT / "tests" / "contract" / "data" / "hand-kept.openapi.json"
"""What the tests know of the API; it stays when another definition is fetched."""


def main(argv: list[str]) -> int:
    """Command line of the definition's part of ``make format`` and ``make lint``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail instead of writing")
    check = parser.parse_args(argv).check
    if lock.is_ours():
        content = laid_out(load()).encode()
        for path in (DEFINITION, COPY):
            _write(path, content, check=check)
        if not check and lock.read()["definition"]["sha256"] != sha256(content):
            lock.record_definition(sha256(content))
    return 0


def _write(path: Path, content: bytes, *, check: bool) -> None:
    if path.exists() and read_bytes(path, "the definition") == content:
        return
    if check:
        raise ToolError(f"{shown(path)}: not laid out as the definition is kept; run 'make format'")
    replace_file(path, content)


if __name__ == "__main__":
    run(main)
