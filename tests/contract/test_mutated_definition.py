"""A compatible change to the definition has no effect above the seam.

The facade uses one function of each generated module, its request builder. A builder depends only on the request half
of an operation, so it suffices to compare that half: a change may only add to it. All changes together, which are the
API as its vendor is likely to publish it, too, are generated once. On the result, every call that the facade builds is
recorded, the recorded requests are compared, and ``tests/behaviour`` runs.
"""

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
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
SEAM = (
    "tests/contract/test_seam.py",
    "tests/contract/test_wire_goldens.py",
    "tests/contract/test_reliance.py::test_the_record_is_what_the_facade_sends_and_reads",
)

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


def includes(new: Any, old: Any) -> bool:
    """Return whether the input of request builders has all of an older one, and whatever is new is optional."""
    if isinstance(old, dict) and isinstance(new, dict):
        added = [new[key] for key in new if key not in old and key not in {"required", "default"}]
        return all(key in new and includes(new[key], old[key]) for key in old) and not any(map(_is_required, added))
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        left = list(new)
        for each in old:
            matching = [index for index, other in enumerate(left) if includes(other, each)]
            if not matching:
                return False
            del left[matching[0]]
        return not any(map(_is_required, left))
    return bool(new == old)


def _is_required(node: Any) -> bool:
    return isinstance(node, str) or (isinstance(node, dict) and bool(node.get("required")))


@pytest.mark.parametrize("mutation", mutations.COMPATIBLE, ids=lambda mutation: mutation.__name__)
def test_a_compatible_change_stays_below_the_seam(mutation: Mutation, today: dict[str, Any]) -> None:
    """The record of what the facade relies on is valid, and the builders can build the same requests."""
    document = mutated(mutation)
    assert problems(readable(document, []), load()) == []
    changed = requests(mutations.generated_from(document))
    assert [name for name in today if not includes(changed[name], today[name])] == []


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mutation], Path]:
    """Return the folder of the client generated from a changed definition, which is generated once."""

    @cache
    def folder(mutation: Mutation) -> Path:
        document = mutated(mutation)
        assert problems(readable(document, overlays_of(mutation)), load()) == []
        return generate(document, overlays_of(mutation), tmp_path_factory.mktemp("client")).parent

    return folder


@pytest.mark.thorough(keep=1)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutation", WHOLE, ids=lambda mutation: mutation.__name__)
def test_the_seam_holds_on_the_regenerated_client(mutation: Mutation, regenerated: Callable[[Mutation], Path]) -> None:
    """One client is enough, because the seam is the same for both."""
    done = run_tests(regenerated(mutation), "-x", "-k", "not async", *SEAM)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


@pytest.mark.thorough(keep=1)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutation", WHOLE, ids=lambda mutation: mutation.__name__)
def test_the_behaviour_suite_passes_on_the_regenerated_client(
    mutation: Mutation, regenerated: Callable[[Mutation], Path]
) -> None:
    """The facade sends and reads the same."""
    done = run_tests(regenerated(mutation), "-x", "-k", "not async", "tests/behaviour")
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([{"name": "a"}], [{"name": "b"}, {"name": "a"}], True),
        ([{"name": "a"}], [{"name": "b", "required": True}, {"name": "a"}], False),
        ([{"name": "a"}], [{"name": "b"}], False),
        ({"properties": {"a": {"type": "string"}}}, {"properties": {"b": {}, "a": {"type": "string"}}}, True),
        ({"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "integer"}}}, False),
        ({"required": ["a"]}, {"required": ["a", "b"]}, False),
    ],
)
def test_what_the_builders_get_may_only_grow(old: Any, new: Any, *, expected: bool) -> None:
    """Whatever is new must be optional."""
    assert includes(new, old) is expected


def test_an_incompatible_change_is_noticed(today: dict[str, Any]) -> None:
    """Without its overlay the misspelled list property breaks the record; the builders differ after a renaming."""
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
    changed = requests(mutations.generated_from(renamed))
    assert [name for name in today if not includes(changed[name], today[name])] == ["get-imodel-changesets"]


def test_an_overlay_that_has_nothing_to_mend_stops_the_generation(tmp_path: Path) -> None:
    """A correction that the definition no longer needs is reported, not skipped."""
    overlays = [*overlay_files(OVERLAYS), *overlay_files(mutations.VENDOR_OVERLAYS)]
    with pytest.raises(ToolError, match=r"90-misspelt\.yaml.*matches nothing"):
        generate(DEFINITION, overlays, tmp_path)
