"""Measure the cost of the generated client: its import, and reading a long list of changesets with its classes.

Absolute times depend on the machine, so each figure is a ratio: to importing httpx alone, and to parsing the same JSON
into plain dicts. Rounds are interleaved; the figure is the median.
"""

import importlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "generated"))

ROUNDS = 7
CHANGESETS = 2_000


def main() -> None:
    """Print the two ratios."""
    everything = "import itwin_imodels_api.models; import itwin_imodels_api.api.changesets.get_imodel_changesets"
    print(f"import of the client with all models : {import_ratio(everything):5.2f} x import of httpx alone")
    print(f"list of {CHANGESETS} changesets, full form: {list_ratio():5.2f} x json.loads into dicts")


def import_ratio(statement: str) -> float:
    """Return the time of a statement in a new interpreter, divided by that of ``import httpx``."""
    baseline, measured = medians(lambda: import_seconds("import httpx"), lambda: import_seconds(statement))
    return measured / baseline


def import_seconds(statement: str) -> float:
    """Return the seconds that a statement takes in a new interpreter, without the start of the interpreter."""
    code = f"import time; begin = time.perf_counter(); {statement}; print(time.perf_counter() - begin)"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'generated')!r}); {code}"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def list_ratio() -> float:
    """Return the time of creating generated objects from a list response, divided by that of parsing its JSON."""
    text = list_answer()
    representation = importlib.import_module("itwin_imodels_api.models").ChangesetsRepresentation
    baseline, measured = medians(
        lambda: seconds(lambda: json.loads(text)),
        lambda: seconds(lambda: representation.from_dict(json.loads(text))),
    )
    return measured / baseline


def list_answer() -> str:
    """Return a page of changesets in full form, created from the definition's example."""
    definition = json.loads((ROOT / "tests/contract/data/hand-kept.openapi.json").read_text(encoding="utf-8"))
    answer = definition["paths"]["/{id}/changesets"]["get"]["responses"]["200"]
    example = answer["content"]["application/json"]["examples"]["representation"]["value"]
    return json.dumps({**example, "changesets": example["changesets"][:1] * CHANGESETS})


def medians(*measures: Callable[[], float]) -> list[float]:
    """Return the median of each measure over interleaved rounds."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def seconds(action: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
