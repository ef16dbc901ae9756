"""Different names with the same name in the generated client are reported in pairs."""

from typing import Any

import pytest

from scripts.specs.collisions import findings
from scripts.specs.walk import pointer_text

Json = dict[str, Any]

OBJECT: Json = {"type": "object"}


def definition(schemas: Json | None = None, **operations: Json) -> Json:
    """Create a definition; the path of an operation is its name."""
    return {
        "paths": {f"/{name}": {"get": operation} for name, operation in operations.items()},
        "components": {"schemas": schemas or {}},
    }


def parameters(*texts: str) -> Json:
    """Create an operation with parameters in the form ``in:name``."""
    pairs = (text.split(":") for text in texts)
    return {"operationId": "get-x", "parameters": [{"name": name, "in": place} for place, name in pairs]}


def properties(*names: str) -> Json:
    """Create an object."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def lines(document: Json) -> list[str]:
    """The findings as text."""
    return [f"{pointer_text(place)}: {what}" for place, what in findings(document)]


@pytest.mark.parametrize(
    ("document", "place", "told"),
    [
        (
            definition({"Changeset": OBJECT, "CHANGESET": {"enum": ["a"]}}),
            "#/components/schemas/CHANGESET",
            "becomes the module models/changeset.py, as the schema Changeset does; give one of them another title",
        ),
        (
            definition({"Changeset": OBJECT, "Set": {"title": "changeset", "allOf": []}}),
            "#/components/schemas/Set",
            "becomes the module models/changeset.py, as the schema Changeset does; give one of them another title",
        ),
        (
            definition({"S": properties("createdDateTime", "id", "created_date_time")}),
            "#/components/schemas/S/properties/created_date_time",
            "createdDateTime and created_date_time become one attribute, created_date_time; remove one of them",
        ),
        (
            definition(
                {
                    "S": {"allOf": [properties("fileSize"), {"$ref": "#/components/schemas/T"}]},
                    "T": properties("FileSize"),
                }
            ),
            "#/components/schemas/S",
            "FileSize and fileSize become one attribute, file_size; remove one of them",
        ),
        (
            definition(x=parameters("query:$top", "query:Top")),
            "#/paths/~1x/get",
            "$top (query) and Top (query) of get-x become one argument, top; remove one of them",
        ),
        (
            definition(x=parameters("path:id", "header:ID")),
            "#/paths/~1x/get",
            "id (path) and ID (header) of get-x become one argument, id; remove one of them",
        ),
        (
            definition(x={"operationId": "get-x"}, y={"operationId": "getX"}),
            "#/paths/~1y/get",
            "becomes the module get_x.py, as #/paths/~1x/get does; remove one or change its operationId",
        ),
    ],
)
def test_a_collision_is_named(document: Json, place: str, told: str) -> None:
    """The place of the second name, the first name, what both become and the remedy."""
    assert lines(document) == [f"{place}: {told}"]


@pytest.mark.parametrize(
    "document",
    [
        definition({"S": properties("_links", "links", "id", "iTwinId")}),
        definition({"S": {"allOf": [properties("id"), properties("id")]}}),
        definition({"changesetId": {"type": "string"}, "ChangesetId": OBJECT}),
        definition({"S": {**OBJECT, "example": properties("aB", "a_b")}}),
        definition({"S": {"allOf": [{"$ref": "#/components/schemas/S"}]}}),
        definition(x=parameters("query:top", "query:$skip"), y={"operationId": "get-y"}),
    ],
)
def test_names_that_stay_apart_are_left_alone(document: Json) -> None:
    """An underscore in front makes another attribute; plain values have no class; examples are data."""
    assert lines(document) == []


@pytest.mark.parametrize("parameter", ["query:params", "path:body", "header:Headers", "query:cookies"])
def test_an_argument_that_the_generated_function_uses_itself_is_named(parameter: str) -> None:
    """Its value would be lost, or the module would not import."""
    (line,) = lines(definition(locks=parameters(parameter)))
    place, name = parameter.split(":")
    assert line.startswith(f"#/paths/~1locks/get: {name} ({place}) of get-x becomes the argument {name.lower()}, ")
