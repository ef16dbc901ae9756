"""Run all combinations of the fault matrix, and record the outcomes in tests/faults/outcomes.json.

python -m scripts.faults [arguments for pytest]
"""

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts import run_tests
from scripts.toolkit import ROOT, ToolError, replace_file, run, shown

RECORD = ROOT / "tests" / "faults" / "outcomes.json"
_MATRIX = "tests/faults/test_matrix.py"


def main(argv: list[str]) -> int:
    """Run ``make faults``."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FAULT_CELLS": "all", "FAULT_OUTCOMES": folder}
        code = run_tests.main([_MATRIX, "-q", "-n", str(os.cpu_count() or 1), *argv])
        if code:
            raise ToolError(f"{_MATRIX}: nothing was recorded because tests failed; see above")
        replace_file(RECORD, merged(Path(folder).glob("*.jsonl")))
    print(f"{shown(RECORD)}: written; run 'make docs' to update the page")
    return 0


def merged(notes: Iterable[Path]) -> bytes:
    """Return the record of a run, merged from its notes: the outcomes of each workflow and fault."""
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in notes:
        for line in path.read_text(encoding="utf-8").splitlines():
            note: Mapping[str, Any] = json.loads(line)
            found[note["workflow"]][note["fault"]].add(note["outcome"])
    ordered = {
        workflow: {fault: sorted(outcomes) for fault, outcomes in sorted(faults.items())}
        for workflow, faults in sorted(found.items())
    }
    return f"{json.dumps(ordered, indent=1)}\n".encode()


if __name__ == "__main__":
    run(main)
