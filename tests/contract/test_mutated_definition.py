"""A compatible change to the definition has no effect above the seam.

The facade uses one function of each generated module, its request builder. A builder depends only on the request half
of an operation, so a change that leaves that half unchanged is tested by comparing it. After any other change, the
low-level client is generated, and the seam runs on it. All changes together, and the API as its vendor is likely to
publish it, are generated too, and all of ``tests/behaviour`` runs on them.
"""

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.generate import generate
from scripts.specs.correct import readable
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.reliance import load, problems
from scripts.specs.walk import operations, resolved
from scripts.toolkit import ROOT, ToolError
from tests.contract import mutations
from tests.examples import DEFINITION

Mutation = Callable[[dict[str, Any]], None]

WHOLE = (mutations.everything, mutations.vendor_style)  # the first includes the second
SEAM = ("tests/contract/test_seam.py", "tests/contract/test_wire_goldens.py")
BEHAVIOUR = ("tests/behaviour", *SEAM)

# What of a schema no request builder follows from.
_WORDS = frozenset({"title", "description", "example", "examples", "enum", "deprecated", "default"})


def overlays_of(mutation: Mutation) -> list[Path]:
    """Return the committed overlays, with a correction of the vendor's spelling mistake if it is present."""
    return overlay_files(OVERLAYS) + (overlay_files(mutations.VENDOR_OVERLAYS) if mutation in WHOLE else [])


def mutated(mutation: Mutation) -> dict[str, Any]:
    """The definition with a change."""
    document = copy.deepcopy(DEFINITION)
    mutation(document)
    assert document != DEFINITION
    return document


def requests(document: dict[str, Any]) -> dict[str, Any]:
    """Return all input of the request builder of each operation, with references resolved and without texts."""
    known = {operation.id for operation in operations(DEFINITION)}
    return {
        operation.id: (
            operation.method,
            operation.path,
            operation.node.get("tags"),
            _plain(document, operation.node.get("parameters", [])),
            _plain(document, operation.node.get("requestBody")),
        )
        for operation in operations(document)
        if operation.id in known
    }


def _plain(document: dict[str, Any], node: Any) -> Any:
    node = resolved(document, node)
    if isinstance(node, list):
        return [_plain(document, each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in _WORDS and not key.startswith("x-")}
    return {
        key: sorted(value) if key == "required" and isinstance(value, list) else _plain(document, value)
        for key, value in kept.items()
    }


def run_tests(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tests with the client in a folder instead of the installed one."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    compiled = {"PYTHONPYCACHEPREFIX": str(ROOT / "build" / "compiled")}  # compiling the tests takes 20 s
    environment = {**compiled, **os.environ, "PYTHONPATH": path, "IMODELS_TEST_PLACES": "in_process"}
    for name in ("PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)


@pytest.fixture(scope="module")
def today() -> dict[str, Any]:
    """What the request builders of today follow from."""
    return requests(mutations.generated_from(DEFINITION))


@pytest.mark.parametrize("mutation", mutations.COMPATIBLE, ids=lambda mutation: mutation.__name__)
def test_a_compatible_change_stays_below_the_seam(mutation: Mutation, tmp_path: Path, today: dict[str, Any]) -> None:
    """The record of what the facade relies on is valid, and the builders build the same requests."""
    document = mutated(mutation)
    assert problems(readable(document, []), load()) == []
    if requests(mutations.generated_from(document)) != today:
        folder = generate(document, overlay_files(OVERLAYS), tmp_path).parent
        done = run_tests(folder, "-x", "-k", "not async", *SEAM)
        assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.thorough(keep=1)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutation", WHOLE, ids=lambda mutation: mutation.__name__)
def test_the_behaviour_suite_passes_on_the_regenerated_client(mutation: Mutation, tmp_path: Path) -> None:
    """One client is enough, because the seam is the same for both."""
    document = mutated(mutation)
    assert problems(readable(document, overlays_of(mutation)), load()) == []
    folder = generate(document, overlays_of(mutation), tmp_path).parent
    done = run_tests(folder, "-x", "-k", "not async", *BEHAVIOUR)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


def test_an_incompatible_change_is_noticed_twice(tmp_path: Path, today: dict[str, Any]) -> None:
    """Without its overlay the misspelled list property breaks the record, and the seam notices a renamed parameter."""
    document = mutated(mutations.vendor_style)
    assert [each for each in problems(readable(document, []), load()) if "briefcases[]" in each]
    renamed = copy.deepcopy(DEFINITION)
    (parameter,) = (
        each
        for operation in operations(renamed)
        if operation.id == "get-imodel-changesets"
        for each in operation.node["parameters"]
        if each["name"] == "afterIndex"
    )
    parameter["name"] = "after"
    assert requests(mutations.generated_from(renamed)) != today
    folder = generate(renamed, overlay_files(OVERLAYS), tmp_path).parent
    done = run_tests(folder, "tests/contract/test_seam.py")
    assert done.returncode == 1
    assert "changesets.list" in done.stdout


def test_an_overlay_that_has_nothing_to_mend_stops_the_generation(tmp_path: Path) -> None:
    """A correction that the definition no longer needs is reported, not skipped."""
    overlays = [*overlay_files(OVERLAYS), *overlay_files(mutations.VENDOR_OVERLAYS)]
    with pytest.raises(ToolError, match=r"90-misspelt\.yaml.*matches nothing"):
        generate(DEFINITION, overlays, tmp_path)
