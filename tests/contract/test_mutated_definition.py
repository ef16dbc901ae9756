"""When the definition changes compatibly, regenerating leaves everything above the seam as it was.

Each mutation is applied, the low-level client generated from the result, and what stands on it run again with that
client in place of the installed one: the whole behaviour suite, and the signatures that the seam relies on. What is
added to ``tests/behaviour`` is held to this promise without a word here.
"""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.generate import generate
from scripts.specs.inventory import rows
from scripts.specs.matching import matches
from scripts.specs.overlay import overlay_files
from scripts.toolkit import ROOT, ToolError
from tests.contract import mutations
from tests.examples import DEFINITION

SIGNATURES = """\
import importlib, inspect, json, sys
import itwin_imodels_api
assert itwin_imodels_api.__file__.startswith(sys.argv[1]), itwin_imodels_api.__file__
found = {}
for name in sys.argv[2:]:
    parameters = inspect.signature(importlib.import_module("itwin_imodels_api." + name).sync_detailed).parameters
    positional = [each for each in parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    keywords = {each.name: each.default is each.empty for each in parameters.values() if each.kind is each.KEYWORD_ONLY}
    found[name] = [len(positional), keywords]
print(json.dumps(found))
"""

each_mutation = pytest.mark.parametrize(
    "mutation",
    [*mutations.COMPATIBLE, mutations.vendor_style, mutations.everything],
    ids=lambda mutation: mutation.__name__,
)


def regenerated(mutation: Callable[[dict[str, Any]], None], folder: Path) -> Path:
    """The low-level client of a mutated definition; returns the folder to put on the path."""
    document = copy.deepcopy(DEFINITION)
    mutation(document)
    assert document != DEFINITION
    misspelt = mutation in (mutations.vendor_style, mutations.everything)
    overlays = overlay_files(mutations.VENDOR_OVERLAYS) if misspelt else []
    return generate(document, overlays, folder).parent


def run_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a folder in front of what is installed."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "IMODELS_TEST_PLACES": "in_process",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)


def run_behaviour_suite(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run tests/behaviour and the tests of the seam with the client in a folder in place of the installed one."""
    suite = ("tests/behaviour", "tests/contract/test_seam.py")
    return run_python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *suite)


def signatures(folder: Path) -> dict[str, Any]:
    """Of each operation's function: how many path arguments, and which keywords with whether they are required."""
    modules = [match.row.module for match in matches(DEFINITION, rows()) if match.row]
    done = run_python(folder, "-c", SIGNATURES, str(folder), *modules)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def unchanged_signatures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The signatures of the client that the definition gives without a change."""
    return signatures(generate(DEFINITION, [], tmp_path_factory.mktemp("unchanged")).parent)


@pytest.mark.timeout(900)
@each_mutation
def test_a_compatible_change_stays_below_the_seam(
    mutation: Callable[[dict[str, Any]], None], tmp_path: Path, unchanged_signatures: dict[str, Any]
) -> None:
    """The regenerated client takes the same calls, and the behaviour suite passes on it.

    In both colours where everything changes at once, else in one: below the seam they are one code.
    """
    folder = regenerated(mutation, tmp_path)
    for module, (path_arguments, keywords) in signatures(folder).items():
        path_arguments_before, keywords_before = unchanged_signatures[module]
        assert path_arguments == path_arguments_before
        assert keywords.items() >= keywords_before.items()
        assert not any(required for name, required in keywords.items() if name not in keywords_before)
    one_colour = () if mutation in {mutations.everything, mutations.vendor_style} else ("-k", "not async")
    done = run_behaviour_suite(folder, "-x", *one_colour)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


def test_the_suite_notices_an_incompatible_change(tmp_path: Path) -> None:
    """The proof is worth something: without its overlay, the misspelt list property fails the behaviour suite."""
    document = copy.deepcopy(DEFINITION)
    mutations.vendor_style(document)
    folder = generate(document, [], tmp_path).parent
    done = run_python(
        folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/behaviour", "-k", "get-imodel-briefcases"
    )
    assert done.returncode == 1, done.stdout[-4000:]


def test_an_overlay_that_has_nothing_to_mend_stops_the_generation(tmp_path: Path) -> None:
    """A correction that the definition no longer needs is reported, not skipped."""
    overlays = overlay_files(mutations.VENDOR_OVERLAYS)
    with pytest.raises(ToolError, match=r"90-misspelt\.yaml.*matches nothing"):
        generate(DEFINITION, overlays, tmp_path)
