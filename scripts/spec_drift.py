"""Show where recorded responses from the service differ from the definition, as a proposed change to the definition.

python -m scripts.spec_drift FOLDER    the folder given in IMODELS_RECORD_DRIFT, or a folder with several of them

The output is an OpenAPI overlay: review it, then correct the definition with it.
"""

import argparse
from collections import Counter
from pathlib import Path

from itwin_imodels._drift.finding import Finding
from itwin_imodels._drift.store import COMPARED, DRIFT, StoreError, read
from scripts.specs.definition import DEFINITION, load
from scripts.specs.drift.facts import facts
from scripts.specs.drift.report import report
from scripts.toolkit import ToolError, run, shown


def main(argv: list[str]) -> int:
    """Run ``make spec-drift``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder given in IMODELS_RECORD_DRIFT")
    parser.add_argument("--definition", type=Path, default=DEFINITION, help="default: the committed definition")
    options = parser.parse_args(argv)
    print(report(load(options.definition), recorded(options.folder), facts()), end="")
    return 0


def recorded(folder: Path) -> Counter[Finding]:
    """Read everything recorded in a folder and its subfolders.

    Raises:
        ToolError: Nothing was recorded there, or a file is damaged.
    """
    files = sorted(path for path in folder.rglob("*.jsonl") if path.name in (DRIFT, COMPARED))
    if not files:
        raise ToolError(
            f"{shown(folder)}: no recorded responses; set IMODELS_RECORD_DRIFT to a folder, use the client, and pass"
            " that folder with FROM="
        )
    found: Counter[Finding] = Counter()
    for path in files:
        try:
            found.update(read(path))
        except StoreError as error:
            raise ToolError(str(error)) from error
        except OSError as error:
            raise ToolError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    return found


if __name__ == "__main__":
    run(main)
