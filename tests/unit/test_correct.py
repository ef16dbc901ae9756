"""What stops a correction is reported with the file, the place in it and the remedy."""

import copy
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.specs.correct import corrected
from scripts.specs.walk import nodes
from scripts.toolkit import ROOT, ToolError
from tests.contract.mutations import referenced_parts
from tests.examples import DEFINITION

Json = dict[str, Any]


def excerpt(document: Json, *paths: str) -> Json:
    """Reduce a definition to some paths with their schemas and examples, to save time."""
    result: Json = {**document, "paths": {path: document["paths"][path] for path in paths}, "components": {}}
    pending: list[Any] = [result["paths"]]
    while pending:
        for _, node in nodes(pending.pop()):
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                _, _, section, name = node["$ref"].split("/")
                if name not in result["components"].setdefault(section, {}):
                    result["components"][section][name] = document["components"][section][name]
                    pending.append(result["components"][section][name])
    return copy.deepcopy(result)


EXCERPT = excerpt(DEFINITION, "/{id}/locks", "/{id}/users", "/{id}/changesets/{changeset}")


def _taken(document: Json) -> None:
    part = {"name": "body", "in": "path", "required": True, "schema": {"type": "string"}}
    document["components"]["parameters"]["Body"] = part
    document["paths"]["/{id}/parts/{body}"] = {
        "get": {**document["paths"]["/{id}/locks"]["get"], "parameters": [{"$ref": "#/components/parameters/Body"}]}
    }
    document["paths"]["/{id}/parts/{body}"]["parameters"] = document["paths"]["/{id}/locks"]["parameters"]


def _shapeless(document: Json) -> None:
    document["paths"]["/{id}/locks"]["get"]["parameters"] = {"id": {}}


def _one_operation_twice(document: Json) -> None:
    document["paths"]["/{imodelId}/locks"] = {"get": copy.deepcopy(document["paths"]["/{id}/locks"]["get"])}
    document["paths"]["/{imodelId}/locks"]["parameters"] = [
        {"name": "imodelId", "in": "path", "required": True, "schema": {"type": "string"}}
    ]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_taken, "#/components/parameters/Body: a local variable and body (path) of get-by-id-"),
        (_shapeless, "#/paths/~1{id}~1locks/get/parameters: not valid OpenAPI: "),
        (_one_operation_twice, "#/paths/~1{imodelId}~1locks/get: becomes the module get_imodel_locks.py, as"),
    ],
)
def test_a_refusal_names_the_place_in_the_file(spoil: Callable[[Json], None], told: str) -> None:
    """The place is where the definition has it, behind references."""
    document = copy.deepcopy(EXCERPT)
    referenced_parts(document)
    spoil(document)
    with pytest.raises(ToolError) as caught:
        corrected(document, [])
    assert str(caught.value).startswith(f"spec/imodels-v2.openapi.json: {told}")
    assert str(caught.value).endswith("; correct it with an overlay in spec/overlays")


def overlay(folder: Path, target: str, action: str) -> list[Path]:
    """Write an overlay with one action."""
    path = folder / "10-test.yaml"
    path.write_text(f'overlay: 1.0.0\nactions: [{{target: "{target}", description: why, {action}}}]')
    return [path]


def test_an_overlay_may_not_lose_an_operation_that_the_inventory_names(tmp_path: Path) -> None:
    """A target that is too wide is noticed."""
    files = overlay(tmp_path, "$.paths['/{id}/locks']", "remove: true")
    with pytest.raises(
        ToolError, match=r"10-test\.yaml: removes operations: get-imodel-locks, update-imodel-locks; narr"
    ):
        corrected(EXCERPT, files)


def test_an_overlay_may_rename_an_operation_and_remove_another(tmp_path: Path) -> None:
    """An operation is what its request is; what the inventory does not name may be left out of the client."""
    document = copy.deepcopy(EXCERPT)
    document["paths"]["/{id}/weather"] = copy.deepcopy(document["paths"]["/{id}/locks"])
    today = corrected(EXCERPT, [])
    assert corrected(document, overlay(tmp_path, "$.paths['/{id}/weather']", "remove: true")) == today
    renamed = overlay(tmp_path, "$.paths['/{id}/locks'].get", "update: {operationId: other}")
    assert corrected(EXCERPT, renamed) == today


def test_the_overlay_in_the_readme_does_what_it_says(tmp_path: Path) -> None:
    """It removes an operation that the tools refuse."""
    document = copy.deepcopy(EXCERPT)
    document["paths"]["/{imodelId}/locks"] = {"get": copy.deepcopy(document["paths"]["/{id}/locks"]["get"])}
    document["paths"]["/{imodelId}/locks"]["get"]["parameters"][0]["name"] = "imodelId"
    with pytest.raises(ToolError, match=r"#/paths/~1\{imodelId\}~1locks/get: becomes the module get_imodel_locks\.py"):
        corrected(document, [])
    text = (ROOT / "spec" / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "10-repeated.yaml"
    path.write_text(textwrap.dedent(text.partition("```yaml\n")[2].partition("```")[0]))
    assert corrected(document, [path]) == corrected(EXCERPT, [])
