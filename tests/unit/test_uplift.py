"""Converting definitions from OpenAPI 3.0 to 3.1."""

from typing import Any

import pytest

from scripts.specs.uplift import to_3_1


def uplifted(schema: dict[str, Any]) -> Any:
    """What becomes of a schema."""
    document = {"openapi": "3.0.1", "components": {"schemas": {"S": schema}}}
    return to_3_1(document)["components"]["schemas"]["S"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"$ref": "#/x", "nullable": True}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}),
        (
            {"allOf": [{"$ref": "#/x"}], "nullable": True, "description": "d"},
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "d"},
        ),
        ({"oneOf": [{"$ref": "#/x"}], "nullable": True}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}),
        (
            {"oneOf": [{"$ref": "#/x"}, {"$ref": "#/y"}], "nullable": True},
            {"anyOf": [{"oneOf": [{"$ref": "#/x"}, {"$ref": "#/y"}]}, {"type": "null"}]},
        ),
        (
            {"type": "string", "enum": ["a", None], "nullable": True},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
        ),
        (
            {"type": "array", "items": {"type": "string", "nullable": True}, "nullable": True},
            {"anyOf": [{"type": "array", "items": {"type": ["string", "null"]}}, {"type": "null"}]},
        ),
        (
            {"type": "object", "properties": {"a": {"type": "integer", "nullable": True}}, "nullable": True},
            {"anyOf": [{"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}, {"type": "null"}]},
        ),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False}, {"type": "integer", "maximum": 9}),
        ({"nullable": True}, {"anyOf": [{}, {"type": "null"}]}),
    ],
)
def test_null_and_bounds_are_said_in_the_words_of_3_1(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Each notation of null or exclusive bounds in 3.0 has one in 3.1."""
    assert uplifted(before) == after


def test_examples_are_data_and_properties_may_have_any_name() -> None:
    """An example that looks like a schema stays; a property named example, enum or default is a schema."""
    looks_like_schema = {"type": "string", "nullable": True}
    names = {name: {"type": "string", "nullable": True} for name in ("example", "enum", "default", "examples")}
    after = uplifted(
        {"type": "object", "properties": names, "example": looks_like_schema, "default": looks_like_schema}
    )
    assert after["example"] == looks_like_schema
    assert after["default"] == looks_like_schema
    assert all(schema == {"type": ["string", "null"]} for schema in after["properties"].values())


def test_a_3_1_definition_passes_through() -> None:
    """A 3.1 definition is unchanged, including words of 3.0."""
    document = {"openapi": "3.1.0", "components": {"schemas": {"S": {"type": "string", "nullable": True}}}}
    assert to_3_1(document) is document


def test_the_version_says_3_1_afterwards() -> None:
    """The converted definition has the version 3.1."""
    assert to_3_1({"openapi": "3.0.3", "paths": {}})["openapi"] == "3.1.0"


def test_a_response_or_schema_may_be_named_as_a_keyword() -> None:
    """Entries of `responses` and `schemas` named `default` or `enum` are converted like any other."""
    schema = {"type": "string", "nullable": True}
    answer = {"content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.0.3",
        "paths": {"/": {"get": {"responses": {"default": answer}}}},
        "components": {"schemas": {"enum": schema}},
    }
    after = to_3_1(document)
    assert after["components"]["schemas"]["enum"] == {"type": ["string", "null"]}
    content = after["paths"]["/"]["get"]["responses"]["default"]["content"]
    assert content["application/json"]["schema"] == {"type": ["string", "null"]}
