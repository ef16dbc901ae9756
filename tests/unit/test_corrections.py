"""Shared parts are inlined, and unsupported constructs are corrected wherever they occur."""

import copy
from typing import Any

import pytest

from scripts.specs.corrections import applied
from scripts.specs.media import bare, preferred, unknown
from scripts.specs.parts import PLACE, inlined
from scripts.specs.walk import located

Json = dict[str, Any]

TOP = {"name": "$top", "in": "query", "schema": {"type": "integer", "default": 100}}
OK = {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
DOCUMENT: Json = {
    "paths": {
        "/{id}": {
            "summary": "kept",
            "parameters": [
                {"name": "id", "in": "path", "schema": {"type": "string"}},
                {"name": "$top", "in": "query", "schema": {"type": "string"}},
            ],
            "post": {
                "parameters": [{"$ref": "#/components/parameters/Top"}],
                "requestBody": {"$ref": "#/components/requestBodies/Create"},
                "responses": {"200": {"$ref": "#/components/responses/Again"}},
            },
            "get": {"responses": {"200": OK}},
        }
    },
    "components": {
        "schemas": {"S": {"type": "string"}},
        "parameters": {"Top": TOP},
        "requestBodies": {"Create": {"content": {"application/json": {}}}},
        "responses": {
            "Again": {"$ref": "#/components/responses/Ok"},
            "Ok": {**OK, "headers": {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}},
        },
        "headers": {"RetryAfter": {"schema": {"type": "integer"}}},
    },
}


def operation(document: Json) -> Json:
    """The operation that uses everything."""
    found: Json = document["paths"]["/{id}"]["post"]
    return found


def test_every_operation_has_its_parts() -> None:
    """References are replaced by what they lead to; a parameter of the operation overrides that of the path."""
    before = copy.deepcopy(DOCUMENT)
    after = inlined(DOCUMENT)
    assert before == DOCUMENT
    post = operation(after)
    assert [{key: each[key] for key in each if key != PLACE} for each in post["parameters"]] == [
        DOCUMENT["paths"]["/{id}"]["parameters"][0],
        TOP,
    ]
    assert post["requestBody"] == {"content": {"application/json": {}}}
    assert post["responses"]["200"] == {**OK, "headers": {"Retry-After": {"schema": {"type": "integer"}}}}
    assert [each["name"] for each in after["paths"]["/{id}"]["get"]["parameters"]] == ["id", "$top"]
    assert after["paths"]["/{id}"].keys() == {"summary", "post", "get"}
    assert after["components"] == {"schemas": {"S": {"type": "string"}}}


def test_a_parameter_knows_where_it_is_written() -> None:
    """A message about it can name the place in the file."""
    places = [located(DOCUMENT, tuple(each[PLACE])) for each in operation(inlined(DOCUMENT))["parameters"]]
    assert places == [("paths", "/{id}", "parameters", 0), ("components", "parameters", "Top")]


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        (
            ("paths", "/{id}", "post", "responses", "200", "content", "application/json"),
            ("components", "responses", "Ok", "content", "application/json"),
        ),
        (("paths", "/{id}", "get", "responses", "200", "gone", 0), ("paths", "/{id}", "get", "responses", "200")),
        (("paths", "/{id}", "parameters", 7), ("paths", "/{id}", "parameters")),
        (("components", "parameters", "Top", "in", "x"), ("components", "parameters", "Top", "in")),
    ],
)
def test_a_place_is_found_where_the_file_has_it(pointer: tuple[str | int, ...], place: tuple[str | int, ...]) -> None:
    """References on the way are followed; of what the file does not have, the nearest place above is reported."""
    assert located(DOCUMENT, pointer) == place


def corrected(document: Json | None = None, **members: Any) -> Json:
    """What becomes of an operation with these members."""
    document = {"paths": {"/": {"put": {"parameters": [], "responses": {}, **members}}}, **(document or {})}
    before = copy.deepcopy(document)
    result: Json = applied(document)["paths"]["/"]["put"]
    assert document == before
    return result


def test_headers_to_ignore_and_security_go() -> None:
    """They would become arguments; other headers stay, and parameters of those names elsewhere."""
    headers = [
        {"name": name, "in": "header"} for name in ("authorization", "Accept", "CONTENT-TYPE", "user-agent", "Prefer")
    ]
    after = corrected(parameters=[*headers, {"name": "Accept", "in": "query"}], security=[{"OAuth2": []}])
    assert [each["name"] for each in after["parameters"]] == ["Prefer", "Accept"]
    assert "security" not in after


def test_parameters_have_no_default() -> None:
    """This applies to inline, referenced and composed schemas; defaults of body properties are kept."""
    reference = {"$ref": "#/components/schemas/S"}
    schemas = {"S": {"allOf": [{"type": "string", "default": "a"}], "default": "b"}}
    document = {"components": {"schemas": schemas}, "paths": {"/": {"put": {}}}}
    parameters = [TOP, {"name": "x", "in": "header", "schema": {**reference, "default": "c"}}]
    body = {"content": {"application/json": {"schema": {"properties": {"a": {"default": 1}}}}}}
    document["paths"] = {"/": {"put": {"parameters": parameters, "requestBody": body}}}
    after = applied(document)
    put = after["paths"]["/"]["put"]
    assert [each["schema"] for each in put["parameters"]] == [{"type": "integer"}, reference]
    assert after["components"]["schemas"]["S"] == {"allOf": [{"type": "string"}]}
    assert put["requestBody"] == body


def test_a_list_of_such_lists_contains_anything() -> None:
    """The generator supports recursion through objects only."""
    forest, trees = {"$ref": "#/components/schemas/Forest"}, {"$ref": "#/components/schemas/Trees"}
    schemas = {
        "Forest": {"type": "array", "items": forest},
        "Trees": {"type": "array", "items": {"type": "array", "items": trees}},
        "Tree": {
            "type": "object",
            "properties": {"trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
        },
        "Names": {"type": "array", "items": {"type": "string"}},
    }
    after = applied({"paths": {}, "components": {"schemas": schemas}})["components"]["schemas"]
    assert (after["Forest"]["items"], after["Trees"]["items"]) == ({}, {})
    assert (after["Tree"], after["Names"]) == (schemas["Tree"], schemas["Names"])


def test_parameters_with_a_media_type_have_a_schema() -> None:
    """Without one, the generator would omit the parameter."""
    content = {"application/json": {"schema": {"type": "integer", "default": 1}}}
    after = corrected(parameters=[{"name": "a", "in": "query", "content": content}, {"name": "b", "in": "query"}])
    assert [(each["schema"], "content" in each) for each in after["parameters"]] == [
        ({"type": "integer"}, False),
        ({}, False),
    ]


def test_defaults_that_their_schemas_do_not_permit_go() -> None:
    """The generator rejects a schema with such a default, although it is harmless."""
    state = {"$ref": "#/components/schemas/State"}
    properties = {
        "kept": {"allOf": [state], "default": "a"},
        "other": {"allOf": [state], "default": "b"},
        "number": {"type": "integer", "default": "0"},
        "time": {"type": "string", "format": "date-time", "default": "never"},
        "default": {"type": "string", "default": "x"},
    }
    schemas = {"State": {"enum": ["a"]}, "S": {"properties": properties}, "default": {"type": "object"}}
    responses = {"default": {"description": "An error."}}
    document = {"components": {"schemas": schemas}, "paths": {"/": {"put": {"parameters": [], "responses": responses}}}}
    after = applied(document)
    assert {name: each.get("default") for name, each in after["components"]["schemas"]["S"]["properties"].items()} == {
        **dict.fromkeys(["other", "number", "time"]),
        "kept": "a",
        "default": "x",
    }
    assert "default" in after["components"]["schemas"]
    assert after["paths"]["/"]["put"]["responses"] == responses


@pytest.mark.parametrize(
    ("parameter", "schema"),
    [
        ({"explode": False, "schema": {"type": "integer"}}, {"type": "integer"}),
        ({"explode": False, "schema": {"type": "array"}}, {"type": "string"}),
        ({"explode": False, "schema": {"type": ["object", "null"]}}, {"type": "string"}),
        ({"explode": True, "schema": {"type": "array"}}, {"type": "array", "items": {}}),
        ({"schema": {"type": "array"}}, {"type": "array", "items": {}}),
        ({"style": "pipeDelimited", "schema": {"type": "array"}}, {"type": "string"}),
        ({"in": "header", "schema": {"type": "array"}}, {"type": "string"}),
        ({"explode": False, "schema": {}}, {}),
        ({"explode": False, "schema": True}, {}),
        ({"explode": False}, {}),
    ],
)
def test_a_list_in_one_piece_is_text(parameter: Json, schema: Any) -> None:
    """The generator writes a list by repeating the name, which is another thing."""
    (after,) = corrected(parameters=[{"name": "x", "in": "query", **parameter}])["parameters"]
    assert after.get("schema") == schema
    assert "explode" not in after


@pytest.mark.parametrize(
    ("values", "stay"),
    [(["a", None], True), ([1, 2], True), (["a", 1], False), ([True, False], False), ([1.5], False), ([None], False)],
)
def test_listed_values_are_of_one_kind(values: list[Any], *, stay: bool) -> None:
    """The generator creates classes of strings or integers and rejects mixed values."""
    schema = {"properties": {"enum": {"enum": list(values)}}}
    after = corrected(responses={"200": {"content": {"application/json": {"schema": schema}}}})
    (member,) = after["responses"]["200"]["content"]["application/json"]["schema"]["properties"].values()
    assert member == ({"enum": values} if stay else {})


def test_what_the_generator_does_not_know_is_bytes() -> None:
    """Its configuration then names the media type."""
    schema = {"schema": {"type": "object"}}
    content = {"application/xml": schema}
    after = corrected(requestBody={"content": {"text/csv": schema}}, responses={"200": {"content": content}})
    plain = {"schema": {"type": "string", "format": "binary"}}
    assert after["requestBody"]["content"] == {"text/csv": plain}
    assert after["responses"]["200"]["content"] == {"application/xml": plain}
    assert unknown({"paths": {"/": {"put": after}}}) == {"text/csv", "application/xml"}
    form = {"multipart/form-data": schema}
    kept = corrected(requestBody={"content": form}, responses={"200": {"content": {"text/plain": schema}}})
    assert (kept["requestBody"]["content"], kept["responses"]["200"]["content"]) == (form, {"text/plain": schema})


def test_ids_are_plain_text_and_examples_are_data() -> None:
    """The format goes from every schema, and from no example."""
    sample = {"type": "string", "format": "uuid"}
    content = {"application/json": {"schema": {"properties": {"id": sample}}, "example": dict(sample)}}
    after = corrected(responses={"200": {"content": content}})["responses"]["200"]["content"]["application/json"]
    assert after == {"schema": {"properties": {"id": {"type": "string"}}}, "example": sample}


def test_a_body_and_an_answer_have_one_media_type() -> None:
    """One type of a body remains; of a response, the types other than JSON remain unless there is JSON."""
    plain = {"schema": {"type": "string", "format": "binary"}}
    pictures = {"image/png": plain, "image/jpeg": plain}
    after = corrected(requestBody={"content": pictures}, responses={"200": {"content": pictures}, "204": {}})
    assert after["requestBody"]["content"] == {"image/png": plain}
    assert after["responses"] == {"200": {"content": pictures}, "204": {}}


@pytest.mark.parametrize(
    ("content", "only", "expected"),
    [
        ({"application/json": 1}, True, {"application/json": 1}),
        ({"text/json": 1, "application/json": 2, "text/plain": 3}, False, {"application/json": 2}),
        ({"application/vnd.x+json": 1, "application/json": 2}, True, {"application/json": 2}),
        ({"application/vnd.x+json": 1}, True, {"application/vnd.x+json": 1}),
        ({"application/*+json": 1, "application/vnd.x+json": 2}, True, {"application/vnd.x+json": 2}),
        ({"application/*+json": 1, "text/json": 2}, True, {"application/json": 1}),
        ({"text/csv": 1, "application/octet-stream": 2, "image/jpeg": 3}, True, {"application/octet-stream": 2}),
        ({"text/csv": 1, "text/plain": 2}, True, {"text/csv": 1}),
        ({"text/csv": 1, "text/plain": 2}, False, {"text/csv": 1, "text/plain": 2}),
        ({}, True, {}),
    ],
)
def test_the_media_type_that_is_used(content: dict[str, int], only: bool, expected: dict[str, int]) -> None:  # noqa: FBT001
    """JSON takes precedence, then bytes, then the first type."""
    assert preferred(content, only=only) == expected


def test_a_media_type_is_known_without_its_parameters() -> None:
    """Charset and case are ignored; the first of two equal types counts."""
    assert bare({"Application/JSON; charset=utf-8": 1, "application/json": 2}) == {"application/json": 1}
