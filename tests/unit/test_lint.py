"""The linter finds what the generator would silently do wrong."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts.specs.form import malformed
from scripts.specs.lint import problems
from scripts.specs.walk import pointer_text

Json = dict[str, Any]

CLEAN: Json = {
    "openapi": "3.1.0",
    "info": {"title": "iModels", "version": "v2"},
    "paths": {
        "/{id}": {
            "put": {
                "operationId": "put-x",
                "tags": ["T"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "$top", "in": "query", "schema": {"type": "integer"}},
                ],
                "requestBody": {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"S": {"type": "object", "properties": {"id": {"type": "string"}}}}},
}


def operation(document: Json) -> Json:
    """Return the only operation."""
    found: Json = document["paths"]["/{id}"]["put"]
    return found


def schema(document: Json) -> Json:
    """Return the properties of the only schema."""
    found: Json = document["components"]["schemas"]["S"]["properties"]
    return found


def header(name: str) -> Json:
    """A header parameter."""
    return {"name": name, "in": "header", "schema": {"type": "string"}}


def lines(document: Json) -> list[str]:
    """Return the problems as text."""
    return [f"{pointer_text(place)}: {what}" for place, what in problems(document)]


def test_a_clean_definition_has_no_problems() -> None:
    """No problem is reported without a reason."""
    assert lines(CLEAN) == []
    assert list(malformed(CLEAN)) == []


@pytest.mark.parametrize(
    ("spoil", "place", "complaint"),
    [
        (lambda d: operation(d).update(security=[{"O": []}]), "#/paths/~1{id}/put/security", "client with a token"),
        (
            lambda d: operation(d)["parameters"].append(header("ACCEPT")),
            "#/paths/~1{id}/put/parameters",
            "header ACCEPT would become an argument",
        ),
        (
            lambda d: operation(d)["parameters"][1]["schema"].update(default=100),
            "#/paths/~1{id}/put/parameters",
            "the default of $top would always be sent",
        ),
        (
            lambda d: operation(d)["parameters"][1].update({"schema": {"default": 1}, "x-place": ["components", "x"]}),
            "#/components/x",
            "the default of $top",
        ),
        (
            lambda d: operation(d)["requestBody"]["content"].update({"image/jpeg": {}}),
            "#/paths/~1{id}/put/requestBody/content",
            "several media types",
        ),
        (
            lambda d: schema(d)["id"].update(format="uuid"),
            "#/components/schemas/S/properties/id",
            "an id is a plain string",
        ),
        (
            lambda d: schema(d)["id"].update(nullable=True),
            "#/components/schemas/S/properties/id",
            "nullable is OpenAPI 3.0",
        ),
        (
            lambda d: d["paths"].update({"/y": {"get": {**operation(d), "parameters": [], "requestBody": {}}}}),
            "#/paths/~1y/get",
            "becomes the module put_x.py, as #/paths/~1{id}/put does",
        ),
        (lambda d: d["info"].pop("version"), "#/info", "not valid OpenAPI 3.1"),
    ],
)
def test_each_trap_is_found_at_its_place(spoil: Callable[[Json], object], place: str, complaint: str) -> None:
    """The line starts with the pointer of the place and describes the consequence."""
    document = copy.deepcopy(CLEAN)
    spoil(document)
    assert any(line.startswith(f"{place}: ") and complaint in line for line in lines(document))


def test_examples_may_say_what_they_like() -> None:
    """What looks like a trap inside an example is data."""
    document = copy.deepcopy(CLEAN)
    schema(document)["id"]["examples"] = [{"nullable": True, "format": "uuid"}]
    assert lines(document) == []


def test_what_does_not_have_the_form_of_openapi_is_found_at_its_place() -> None:
    """The form is checked before any correction relies on it."""
    document = copy.deepcopy(CLEAN)
    operation(document)["parameters"] = {"id": {}}
    ((place, what),) = malformed(document)
    assert pointer_text(place) == "#/paths/~1{id}/put/parameters"
    assert "not valid OpenAPI: " in what
