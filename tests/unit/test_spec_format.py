"""The hand-written definition is formatted by a tool; a downloaded one is unchanged."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scripts import spec_format
from scripts.specs import lock
from scripts.specs.layout import laid_out
from scripts.toolkit import ToolError
from tests.examples import DEFINITION


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A lock of our definition, that definition in disorder, and its copy."""
    paths = {name: tmp_path / name for name in ("definition", "lock", "copy")}
    paths["definition"].write_text(json.dumps(disordered(), indent=4), encoding="utf-8")
    shutil.copy(lock.LOCK, paths["lock"])
    text = paths["lock"].read_text(encoding="utf-8")
    current = lock.read()["definition"]["source"]
    paths["lock"].write_text(text.replace(f'source = "{current}"', f'source = "{lock.OURS}"'), encoding="utf-8")
    paths["copy"].write_text("{}", encoding="utf-8")
    return paths


def disordered() -> dict[str, Any]:
    """Return the definition with its parts in another order."""
    document = dict(reversed(copy.deepcopy(DEFINITION).items()))
    locks = document["paths"]["/{id}/locks"]["get"]
    locks["parameters"].sort(key=lambda parameter: parameter["in"])
    locks["responses"] = dict(reversed(locks["responses"].items()))
    return document


def format_files(files: dict[str, Path], *more: str) -> int:
    """Run the tool on some files."""
    return spec_format.main([*(f"--{name}={path}" for name, path in files.items()), *more])


def test_order_is_restored() -> None:
    """This applies to sections, parameters and statuses."""
    assert laid_out(disordered()) == laid_out(DEFINITION)
    assert json.dumps(disordered()) != json.dumps(DEFINITION)


def test_parameters_have_their_places() -> None:
    """Those of the path as in the path, then the query's, then headers, `Authorization` and `Accept` first."""
    names = ["Prefer", "Accept", "$top", "lockId", "Authorization", "id"]
    places = {"id": "path", "lockId": "path", "$top": "query"}
    parameters = [{"name": name, "in": places.get(name, "header")} for name in names]
    document = {"paths": {"/{id}/locks/{lockId}": {"get": {"parameters": parameters}}}}
    found = json.loads(laid_out(document))["paths"]["/{id}/locks/{lockId}"]["get"]["parameters"]
    assert [each["name"] for each in found] == ["id", "lockId", "$top", "Authorization", "Accept", "Prefer"]


def test_ours_is_written_copied_and_recorded(files: dict[str, Path]) -> None:
    """A second run changes nothing."""
    with pytest.raises(ToolError, match="make format"):
        format_files(files, "--check")
    assert format_files(files) == 0
    assert files["definition"].read_text(encoding="utf-8") == laid_out(DEFINITION)
    assert files["copy"].read_bytes() == files["definition"].read_bytes()
    lock.check_definition(files["definition"], files["lock"])
    assert format_files(files, "--check") == 0


def test_a_fetched_definition_is_left_alone(files: dict[str, Path]) -> None:
    """Whatever its order, and so is the copy."""
    text = files["lock"].read_text(encoding="utf-8")
    files["lock"].write_text(text.replace(f'source = "{lock.OURS}"', 'source = "https://host/file"'), encoding="utf-8")
    before = {name: path.read_bytes() for name, path in files.items()}
    assert format_files(files, "--check") == 0
    assert format_files(files) == 0
    assert {name: path.read_bytes() for name, path in files.items()} == before
