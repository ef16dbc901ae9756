"""Generating is repeatable, and whatever stops it names the place and leaves the tree as it was."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import generate as tool
from scripts.generate import GENERATED, generate
from scripts.specs import lock
from scripts.specs.definition import load
from scripts.specs.inventory import rows
from scripts.specs.names import attribute_name, class_name, snake_case
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.walk import operations
from scripts.toolkit import ToolError, check_folder, replace_folder
from tests.examples import DEFINITION


def compare(fresh: Path, committed: Path) -> None:
    """Compare two packages."""
    check_folder(committed, fresh, "the definition", "make generate")


@pytest.mark.thorough
def test_two_runs_give_the_committed_bytes(tmp_path: Path) -> None:
    """Two runs generate the committed client, byte for byte."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        compare(generate(load(), overlay_files(OVERLAYS), tmp_path / name), GENERATED)


@pytest.mark.parametrize("finding", ["different", "missing", "superfluous"])
def test_a_package_that_was_touched_is_named(tmp_path: Path, finding: str) -> None:
    """The comparison names the file that differs from the generated one."""
    touched = tmp_path / "touched"
    replace_folder(touched, GENERATED)
    file = touched / "client.py"
    if finding == "different":
        file.write_text(file.read_text().replace("url", "uRl"))
    elif finding == "missing":
        file.unlink()
    else:
        file = touched / "extra.py"
        file.touch()
    with pytest.raises(ToolError, match=rf"{finding}: {file.name}; run 'make generate'"):
        compare(GENERATED, touched)


def test_the_lock_fits_the_definition_and_the_tools() -> None:
    """The committed lock has the digest of the definition and the installed versions."""
    lock.check_definition()
    lock.check_tools(tool._tool_versions())


def test_an_edited_definition_is_refused(tmp_path: Path) -> None:
    """A definition whose digest is not in the lock is rejected."""
    edited = tmp_path / "definition.json"
    edited.write_text(json.dumps(DEFINITION))
    with pytest.raises(ToolError, match="make spec-fetch"):
        lock.check_definition(edited)


def test_another_version_of_a_tool_is_refused() -> None:
    """Another version of the generator may generate other code: the error names both versions."""
    versions = {**tool._tool_versions(), "openapi-python-client": "0.0.1"}
    with pytest.raises(ToolError, match=r"tools\.openapi-python-client is .*, installed is 0\.0\.1"):
        lock.check_tools(versions)


def _dangling(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Changeset"]["properties"]["id"] = {"$ref": "#/components/schemas/Nothing"}


def _warned_about(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["LocksUpdate"]["properties"]["odd"] = {"const": [1]}


def _clashing_modules(document: dict[str, Any]) -> None:
    locks = copy.deepcopy(document["paths"]["/{id}/locks"]["get"])
    next(each for each in locks["parameters"] if each["in"] == "path")["name"] = "imodelId"
    document["paths"]["/{imodelId}/locks"] = {"get": locks}


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (
            _dangling,
            r"#/components/schemas/Changeset/properties/id/\$ref: .*Nothing' is not in the definition",
        ),
        (_warned_about, r"the generator rejected the corrected definition: .*LocksUpdate"),
        (
            _clashing_modules,
            r"#/paths/~1\{imodelId\}~1locks/get: becomes the module get_imodel_locks\.py, as #/paths/~1\{id\}~1locks",
        ),
    ],
)
def test_what_the_generator_would_get_wrong_stops_it(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    """A definition that would lose or break something in the output stops with the place."""
    document = copy.deepcopy(DEFINITION)
    spoil(document)
    with pytest.raises(ToolError, match=complaint):
        generate(document, [], tmp_path)


def test_names_that_clash_in_python_are_kept_apart(tmp_path: Path) -> None:
    """The generator accepts odd names of every kind, and the modules that the facade uses are the same."""
    document = copy.deepcopy(DEFINITION)
    schemas, locks = document["components"]["schemas"], document["paths"]["/{id}/locks"]["get"]
    for schema in schemas.values():
        schema["title"] = "Response"
    odd = ("Any", "BriefcaseLINKS", "class", "Client", "datetime", "File", "list", "None", "Response", "Unset")
    for name in odd:
        schemas[name] = {"type": "object", "properties": {"a": {"type": "string"}}}
    future = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in odd]}
    names = ("device_name", "to_dict", "additionalProperties", "1st", "", "a b", "self", "@odata.count", "日本")
    schemas["Briefcase"]["properties"] = {
        "future": future,
        **{name: {} for name in names},
        **schemas["Briefcase"]["properties"],
    }
    for number, name in enumerate(("import", "123", "UpdateImodelLocks", "None", "…")):
        document["paths"][f"/{{id}}/new{number}/{{file}}.{{type}}"] = {
            "get": {**locks, "operationId": name, "tags": [name]},
            "parameters": [{"name": each, "in": "path", "required": True, "schema": {}} for each in ("file", "type")],
        }
    locks["parameters"] = [
        *({"name": each, "in": "query", "schema": {}} for each in ("top", "quote", "filter[name]", "class", "params")),
        *locks["parameters"],
    ]
    package = generate(document, [], tmp_path)
    made = (package / "api" / "locks" / "get_imodel_locks.py").read_text(encoding="utf-8")
    assert 'params["$top"] = top' in made
    assert 'params["filter[name]"]' in made
    assert 'params["top"]' not in made
    assert {each.name for each in (GENERATED / "api").rglob("*.py")} < {each.name for each in package.rglob("*.py")}


def test_a_failure_leaves_the_tree_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If an overlay fails, the command ends with one line and the package is unchanged."""
    package = tmp_path / "itwin_imodels_api"
    replace_folder(package, GENERATED)
    overlays = tmp_path / "overlays"
    overlays.mkdir()
    (overlays / "10-stale.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\n"
        "actions: [{target: $.paths.gone, description: why, remove: true}]\n"
    )
    monkeypatch.setattr(tool, "GENERATED", package)
    monkeypatch.setattr(tool, "OVERLAYS", overlays)
    with pytest.raises(ToolError, match=r"10-stale\.yaml: #/actions/0: target .* matches nothing"):
        tool.main([])
    compare(GENERATED, package)
    assert capsys.readouterr().out == ""


def test_the_command_replaces_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run without --check replaces the old package, without stale files."""
    package = tmp_path / "itwin_imodels_api"
    package.mkdir()
    (package / "stale.py").touch()
    monkeypatch.setattr(tool, "GENERATED", package)
    assert tool.main([]) == 0
    compare(GENERATED, package)
    assert f"{len(list(operations(load())))} operations, generated" in capsys.readouterr().out


def test_a_generator_that_cannot_be_installed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its environment the generator is not looked for elsewhere; the lock file is named."""

    def fail(name: str) -> Path:
        raise subprocess.CalledProcessError(1, ["pip", name])

    monkeypatch.setattr(tool.environment, "ensure", fail)
    with pytest.raises(ToolError, match=r"requirements/generator\.txt: cannot create the generator environment"):
        generate(DEFINITION, [], tmp_path)


WORDS = [
    *("CHANGESET", "Changeset", "createdDateTime", "created_date_time", "_links", "iTwinId", "fromIModelVersion"),
    *("get-imodel-locks", "getImodelLocks", "Get iModel", "HTTPError2b", "$top", "a.b c", "X-Ms-Größe", "iModels (v2)"),
    *(row.operation_id for row in rows()),
]
GENERATOR_NAMES = """\
import json, sys
from openapi_python_client import strings
made = (
    strings.snake_case,
    lambda word: strings.ClassName(word, "field_"),
    lambda word: strings.PythonIdentifier(word, "field_"),
)
print(json.dumps([[name(word) for name in made] for word in json.load(sys.stdin)]))
"""


@pytest.mark.thorough
def test_names_follow_the_generator() -> None:
    """The names that are checked for collisions are those of the generator."""
    command = [str(tool._python()), "-c", GENERATOR_NAMES]
    done = subprocess.run(command, check=True, capture_output=True, text=True, input=json.dumps(WORDS))
    expected = [list(names) for names in json.loads(done.stdout)]
    assert [[snake_case(word), class_name(word), attribute_name(word)] for word in WORDS] == expected


def test_the_inventory_names_the_modules_that_the_generator_makes() -> None:
    """The module of a row follows from its operation id."""
    assert all(row.module.split(".")[2] == snake_case(row.operation_id) for row in rows())


LOAD_ONE_ENDPOINT = """\
import sys
import itwin_imodels_api.api.briefcases.get_imodel_briefcases
import itwin_imodels_api.models as models
print(*sorted(name for name in sys.modules if name.startswith(models.__name__ + ".")))
name = models.__all__[0]
assert getattr(models, name) is getattr(models, name) and getattr(models, name).__name__ == name
assert {name, "__all__"} <= set(dir(models))
assert not hasattr(models, "Nothing")
"""


def test_an_endpoint_loads_the_models_that_it_names() -> None:
    """The package of models imports each model on first use, and has no other names."""
    text = (GENERATED / "api" / "briefcases" / "get_imodel_briefcases.py").read_text(encoding="utf-8")
    named = sorted(f"itwin_imodels_api.models.{name}" for name in re.findall(r"from \.\.\.models\.(\w+) import", text))
    done = subprocess.run([sys.executable, "-c", LOAD_ONE_ENDPOINT], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, named), done.stderr
