"""What stops a correction is told with the file, the place in it and the remedy."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.specs.correct import corrected
from scripts.toolkit import ToolError
from tests.contract.mutations import referenced_parts
from tests.examples import DEFINITION

Json = dict[str, Any]


def _exploding(document: Json) -> None:
    parameter = {"name": "ids", "in": "query", "explode": False, "schema": {"type": "array", "items": {}}}
    document["components"]["parameters"]["Ids"] = parameter
    for path in ("/{id}/locks", "/{id}/users"):
        document["paths"][path]["get"]["parameters"].append({"$ref": "#/components/parameters/Ids"})


def _unknown_answer(document: Json) -> None:
    document["components"]["responses"]["Table"] = {"description": "", "content": {"text/csv": {}}}
    document["paths"]["/{id}/locks"]["get"]["responses"]["200"] = {"$ref": "#/components/responses/Table"}


def _shapeless(document: Json) -> None:
    document["paths"]["/{id}/locks"]["get"]["parameters"] = {"id": {}}


def _two_spellings(document: Json) -> None:
    properties = document["components"]["schemas"]["Changeset"]["properties"]
    properties["push_date_time"] = {"type": "string"}


def _one_operation_twice(document: Json) -> None:
    document["paths"]["/{imodelId}/locks"] = {"get": copy.deepcopy(document["paths"]["/{id}/locks"]["get"])}
    document["paths"]["/{imodelId}/locks"]["parameters"] = [
        {"name": "imodelId", "in": "path", "required": True, "schema": {"type": "string"}}
    ]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_exploding, "#/components/parameters/Ids: explode: false of ids is ignored by the generator; correct it"),
        (
            _unknown_answer,
            "#/components/responses/Table/content/text~1csv: media type unknown to the generator; correct",
        ),
        (_shapeless, "#/paths/~1{id}~1locks/get/parameters: not valid OpenAPI: "),
        (
            _two_spellings,
            "#/components/schemas/Changeset/properties/push_date_time: pushDateTime and push_date_time become one",
        ),
        (_one_operation_twice, "#/paths/~1{imodelId}~1locks/get: becomes the module get_imodel_locks.py, as"),
    ],
)
def test_a_refusal_names_the_place_in_the_file(spoil: Callable[[Json], None], told: str) -> None:
    """The place is where the definition has it, behind references; one place that many use is told once."""
    document = copy.deepcopy(DEFINITION)
    referenced_parts(document)
    spoil(document)
    with pytest.raises(ToolError) as caught:
        corrected(document, [])
    assert str(caught.value).startswith(f"spec/imodels-v2.openapi.json: {told}")
    assert str(caught.value).endswith("; correct it with an overlay in spec/overlays")
    assert spoil is not _exploding or "more)" not in str(caught.value)


def overlay(folder: Path, target: str, action: str) -> list[Path]:
    """Write an overlay with one action."""
    path = folder / "10-test.yaml"
    path.write_text(f'overlay: 1.0.0\nactions: [{{target: "{target}", description: why, {action}}}]')
    return [path]


def test_an_overlay_may_not_lose_an_operation_that_the_inventory_names(tmp_path: Path) -> None:
    """A target that is too wide is noticed."""
    files = overlay(tmp_path, "$.paths['/{id}/locks']", "remove: true")
    with pytest.raises(
        ToolError, match=r"10-test\.yaml: loses the operation get-imodel-locks, update-imodel-locks; narr"
    ):
        corrected(DEFINITION, files)


def test_an_overlay_may_rename_an_operation_and_remove_another(tmp_path: Path) -> None:
    """An operation is what its request is; what the inventory does not name may be left out of the client."""
    document = copy.deepcopy(DEFINITION)
    document["paths"]["/{id}/weather"] = copy.deepcopy(document["paths"]["/{id}/locks"])
    today = corrected(DEFINITION, [])
    assert corrected(document, overlay(tmp_path, "$.paths['/{id}/weather']", "remove: true")) == today
    renamed = overlay(tmp_path, "$.paths['/{id}/locks'].get", "update: {operationId: other}")
    assert corrected(DEFINITION, renamed) == today
