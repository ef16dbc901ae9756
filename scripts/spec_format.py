"""Format the definition if it is maintained by hand; a fetched definition is never changed.

python -m scripts.spec_format            formats the definition, records its digest, copies it for the tests
python -m scripts.spec_format --check    fails if that would change anything
"""

import argparse
from pathlib import Path

from scripts.specs import lock
from scripts.specs.definition import DEFINITION, load, sha256
from scripts.specs.layout import laid_out
from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, run, shown

COPY = ROOT / "tests" / "contract" / "data" / "hand-kept.openapi.json"
"""The definition that the tests use; fetching another definition does not replace it."""


def main(argv: list[str]) -> int:
    """Run the part of ``make format`` and ``make lint`` that concerns the definition."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail instead of writing")
    parser.add_argument("--definition", type=Path, default=DEFINITION, help="the file to format")
    parser.add_argument("--lock", type=Path, default=lock.LOCK, help="the lock that records its source and digest")
    parser.add_argument("--copy", type=Path, default=COPY, help="the copy for the tests")
    options = parser.parse_args(argv)
    if not lock.is_ours(options.lock):
        return 0
    content = laid_out(load(options.definition)).encode()
    for path in (options.definition, options.copy):
        _write(path, content, check=options.check)
    if not options.check and lock.read(options.lock)["definition"]["sha256"] != sha256(content):
        lock.record_definition(sha256(content), None, options.lock)
    return 0


def _write(path: Path, content: bytes, *, check: bool) -> None:
    if path.exists() and read_bytes(path, "the definition") == content:
        return
    if check:
        raise ToolError(f"{shown(path)}: not formatted, or not a copy of the definition; run 'make format'")
    replace_file(path, content)


if __name__ == "__main__":
    run(main)
