"""Operations are recognized by method and path, whatever else a definition calls them."""

from pathlib import Path
from typing import Any

import pytest

from scripts.specs.inventory import Row, rows
from scripts.specs.matching import base_path, matches, request_of
from scripts.toolkit import ToolError

ROWS = [
    Row(name, request, f"api.t.{name}", facade_method="x", facade_missing=None, hub_handler="y", hub_missing=None)
    for name, request in [
        ("list", "GET /"),
        ("get", "GET /{}"),
        ("update", "PATCH /{}"),
        ("get_lock", "GET /{}/locks/{}"),
        ("favorites", "GET /favorites"),
        ("add_favorite", "PUT /favorites/{}"),
    ]
]


def definition(*requests: str) -> dict[str, Any]:
    """Create a definition of some operations in the form ``GET /path``."""
    paths: dict[str, Any] = {}
    for request in requests:
        method, path = request.split()
        paths.setdefault(path, {})[method.lower()] = {}
    return {"paths": paths}


@pytest.mark.parametrize(
    ("method", "path", "base", "request_"),
    [
        ("get", "/", "", "GET /"),
        ("get", "/{id}/locks/{lockId}", "", "GET /{}/locks/{}"),
        ("put", "/imodels/{iModelId}", "/imodels", "PUT /{}"),
        ("get", "/imodels", "/imodels", "GET /"),
        ("get", "/imodels/", "/imodels", "GET /"),
        ("get", "/imodelsets/{id}", "/imodels", "GET /imodelsets/{}"),
    ],
)
def test_a_request_has_no_names_and_no_base(method: str, path: str, base: str, request_: str) -> None:
    """What identifies an operation is its method and its path with nameless parameters below the base path."""
    assert request_of(method, path, base) == request_


@pytest.mark.parametrize(
    ("requests", "base"),
    [
        (["GET /", "GET /{id}", "PUT /favorites/{id}"], ""),
        (["GET /imodels", "GET /imodels/{imodelId}", "PUT /imodels/favorites/{id}"], "/imodels"),
        (["GET /v2/imodels/", "GET /v2/imodels/{id}", "GET /v2/status"], "/v2/imodels"),
        (["PUT /favorites/{id}", "GET /favorites"], ""),
        ([], ""),
    ],
)
def test_the_base_path_is_the_one_that_finds_most_rows(requests: list[str], base: str) -> None:
    """A prefix counts as base path only where the known operations are below it."""
    assert base_path(definition(*requests), [row.request for row in ROWS]) == base


def test_an_operation_finds_its_row_by_method_and_path() -> None:
    """Each operation is returned with its row, or without one if the inventory lacks it."""
    document = definition("GET /imodels/{imodelId}", "PATCH /imodels/{id}", "GET /imodels/{id}/weather", "GET /imodels")
    found = {match.request: match.row and match.row.operation_id for match in matches(document, ROWS)}
    assert found == {"GET /{}": "get", "PATCH /{}": "update", "GET /{}/weather": None, "GET /": "list"}


@pytest.mark.parametrize(
    ("request_", "module", "complaint"),
    [
        ("", "api.t.m", r"\[a\]: request must be METHOD /path .* not ''"),
        ("get /x", "api.t.m", "request must be METHOD /path"),
        ("GET /{id}", "api.t.m", "request must be METHOD /path"),
        ("GET /x/", "api.t.m", "request must be METHOD /path"),
        ("GET /x", "t.m", r"module must be api\.<tag>\.<operation>, not 't\.m'"),
        ("GET /", "api.t.m", r"\[first\] and \[a\] have the same request: GET /"),
        ("GET /x", "api.t.first", r"\[first\] and \[a\] have the same module: api\.t\.first"),
    ],
)
def test_a_row_that_identifies_nothing_is_refused(tmp_path: Path, request_: str, module: str, complaint: str) -> None:
    """A malformed request or module, or one that two rows share, is an error."""
    places = 'facade.missing = "x"\nhub.missing = "x"\n'
    path = tmp_path / "operations.toml"
    path.write_text(
        f'[first]\nrequest = "GET /"\nmodule = "api.t.first"\n{places}'
        f'[a]\nrequest = "{request_}"\nmodule = "{module}"\n{places}'
    )
    with pytest.raises(ToolError, match=complaint):
        rows(path)
