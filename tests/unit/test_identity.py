"""Names and paths of the generated client do not follow a definition's spelling."""

from typing import Any

import pytest

from scripts.specs.identity import named, outside, relative
from scripts.specs.inventory import Row
from scripts.specs.walk import operations

ROWS = [
    Row(name, request, module, facade_method="x", facade_missing=None, hub_handler="y", hub_missing=None)
    for name, request, module in [
        ("list-imodels", "GET /", "api.i_models.list_imodels"),
        ("get-imodel", "GET /{}", "api.i_models.get_imodel"),
        ("get-locks", "GET /{}/locks", "api.locks.get_locks"),
        ("get-lock", "GET /{}/locks/{}", "api.locks.get_lock"),
    ]
]


def definition(**items: Any) -> dict[str, Any]:
    """Create a definition of some path items."""
    return {"openapi": "3.1.0", "paths": items}


def names(document: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The operationIds and tags."""
    return [(operation.id, operation.node["tags"]) for operation in operations(named(document, ROWS))]


@pytest.mark.parametrize("operation", [{}, {"operationId": "x", "tags": ["A", "B"]}, {"tags": []}])
def test_the_inventory_names_what_it_has(operation: dict[str, Any]) -> None:
    """An operation with a row gets its operationId, and the row's folder for a tag."""
    document = definition(**{"/{imodelId}/locks": {"get": operation}})
    assert names(document) == [("get-locks", ["locks"])]
    assert document["paths"]["/{imodelId}/locks"]["get"] is operation


@pytest.mark.parametrize(
    ("path", "operation", "name", "tag"),
    [
        ("/{id}/weather", {"operationId": "getWeather", "tags": ["The Weather", "B"]}, "getWeather", "the_weather"),
        ("/{id}/weather", {"operationId": "iModels: get weather!", "tags": []}, "iModels-get-weather", "i_models"),
        ("/{id}/weather", {"operationId": "…", "tags": ["…"]}, "put-by-id-weather", "i_models"),
        ("/{id}/weather", {"operationId": "import", "tags": ["class"]}, "put-by-id-weather", "i_models"),
        ("/{id}/weather", {"operationId": "123", "tags": ["2nd"]}, "put-by-id-weather", "i_models"),
        ("/{id}/files/{name}.{ext}/", {"tags": ["Files"]}, "put-by-id-files-by-id-by-id", "files"),
        ("/{id}/locks/{lock}/owner", {}, "put-by-id-locks-by-id-owner", "locks"),
        ("/{id}/locks", {}, "put-by-id-locks", "locks"),
        ("/", {}, "put", "i_models"),
    ],
)
def test_another_operation_keeps_its_names(path: str, operation: dict[str, Any], name: str, tag: str) -> None:
    """Without a row, its own id and first tag are used; missing ones are derived from its path and its neighbors."""
    found = names(definition(**{"/{id}/locks": {"get": {}}, "/{id}": {"get": {}}} | {path: {"put": operation}}))
    assert (name, [tag]) in found


def test_an_id_that_another_operation_has_is_not_used_twice() -> None:
    """Also if only the names of the modules are the same."""
    more = {"/{id}/a": {"get": {"operationId": "getLocks"}}, "/{id}/b": {"get": {"operationId": "get-x"}}}
    more["/{id}/c"] = {"get": {"operationId": "getX"}}
    found = names(definition(**{"/{id}/locks": {"get": {}}, "/{id}": {"get": {}}} | more))
    assert [name for name, _ in found] == ["get-locks", "get-imodel", "get-by-id-a", "get-x", "get-by-id-c"]


def test_the_base_path_is_removed_from_each_path() -> None:
    """Paths become relative to the base URL, which ends with the base path."""
    paths = ("/imodels/", "/imodels/{id}", "/imodels/{id}/locks/")
    items: dict[str, Any] = {path: {"get": {}} for path in paths}
    assert relative(definition(**items), ROWS)["paths"] == {
        "/": {"get": {}},
        "/{id}": {"get": {}},
        "/{id}/locks/": {"get": {}},
    }


def test_paths_that_are_relative_already_stay() -> None:
    """Without a repeated base path, nothing is changed."""
    document = definition(**{"/": {"get": {}}, "/{id}": {"get": {}}})
    assert relative(document, ROWS) is document


def test_a_path_outside_the_base_path_is_found() -> None:
    """It would be called with a wrong URL; without a base path in the paths, no path is outside."""
    document = definition(**{"/imodels": {"get": {}}, "/imodels/{id}": {"get": {}}, "/itwins/{id}": {"get": {}}})
    assert list(outside(document, ROWS)) == [
        (("paths", "/itwins/{id}"), "outside the base path /imodels of the other operations; remove it")
    ]
    assert list(outside(definition(**{"/": {"get": {}}, "/{id}": {"get": {}}, "/itwins": {"get": {}}}), ROWS)) == []
