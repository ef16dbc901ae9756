"""Definitions that describe the same API in other forms result in the same client."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.generate import GENERATED, generate
from scripts.specs.correct import corrected
from scripts.specs.definition import check_api, recognize
from scripts.specs.inventory import rows
from scripts.specs.matching import matches
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.parts import PLACE
from scripts.specs.walk import operations
from tests.contract import mutations
from tests.examples import DEFINITION

# What a form may change without any effect on the generated code.
IGNORED = ("info", "servers", "security", "tags")

BUILD_REQUESTS = """\
import importlib, inspect, json, sys

class Body:
    payload = "content"

    def to_dict(self):
        return {"a": 1}

def built(name):
    build = importlib.import_module("itwin_imodels_api." + name)._get_kwargs
    parameters = inspect.signature(build).parameters.values()
    path = [f"path-{each}" for each in range(sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters))]
    names = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    return build(*path, **{each: Body() if each == "body" else f"value of {each}" for each in names})

print(json.dumps({name: built(name) for name in sys.argv[1:]}))
"""


def written(form: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The definition in another form."""
    document = copy.deepcopy(DEFINITION)
    form(document)
    assert document != DEFINITION
    return document


def essence(document: dict[str, Any]) -> Any:
    """What of a definition the generated code follows from, in the form that the generator gets."""
    corrected = mutations.generated_from(document)

    def without_places(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: without_places(value) for key, value in node.items() if key != PLACE}
        return [without_places(each) for each in node] if isinstance(node, list) else node

    return without_places({key: value for key, value in corrected.items() if key not in IGNORED})


@pytest.fixture(scope="module")
def today() -> Any:
    """What the generated code follows from today."""
    return essence(DEFINITION)


@pytest.mark.parametrize("form", mutations.FORMS, ids=lambda form: form.__name__)
def test_a_form_is_recognised(form: Callable[[dict[str, Any]], None]) -> None:
    """Each form is known for the API, each of its operations for its row in the inventory, and can be corrected."""
    document = recognize(json.dumps(written(form)).encode(), "form")
    check_api(document, "form")
    assert sorted(match.request for match in matches(document, rows()) if match.row) == sorted(
        match.request for match in matches(DEFINITION, rows())
    )
    assert corrected(document, overlay_files(OVERLAYS))


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("form", mutations.SPELLINGS, ids=lambda form: form.__name__)
def test_a_form_corrects_to_the_same_definition(form: Callable[[dict[str, Any]], None], today: Any) -> None:
    """The generator gets the same input for every form."""
    assert essence(written(form)) == today


def test_names_of_path_parameters_are_the_definitions_own(today: Any) -> None:
    """They are passed by position; nothing else differs."""
    renamed = essence(written(mutations.renamed_path_parameters))
    assert {match.request: match.operation.node["tags"] for match in matches(renamed, rows())} == {
        match.request: match.operation.node["tags"] for match in matches(today, rows())
    }
    assert sorted(each.id for each in operations(renamed)) == sorted(each.id for each in operations(today))
    assert "/{imodelId}/changesets/{changesetIdOrIndex}" in renamed["paths"]
    assert renamed["components"] == today["components"]


@pytest.mark.timeout(300)
def test_an_export_of_api_management_gives_the_same_modules_and_requests(tmp_path: Path) -> None:
    """With all changes of form together, each endpoint has the same module and builds the same request."""
    folder = generate(written(mutations.apim_export), overlay_files(OVERLAYS), tmp_path).parent
    assert requests_built(folder) == requests_built(GENERATED.parent)


def requests_built(folder: Path) -> Any:
    """What the endpoints of a generated package build of the same arguments."""
    command = [sys.executable, "-B", "-c", BUILD_REQUESTS, *(row.module for row in rows())]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={"PYTHONPATH": str(folder)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
