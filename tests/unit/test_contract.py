"""The expected responses of a definition, as the facade reads them."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from itwin_imodels._drift.finding import Kind
from itwin_imodels._drift.rules import SeenResponse, findings
from scripts.generate import GENERATED
from scripts.specs.contract import FILE_NAME, answers_contract, contract_text
from scripts.specs.names import snake_case
from scripts.specs.walk import operations
from tests.contract import mutations
from tests.examples import DEFINITION, answers


def definition(schema: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """Return a definition with one operation and one response."""
    content = {"application/json; charset=utf-8": {"schema": schema}}
    responses = {"200": {"description": "d", "content": content}}
    operation = {"operationId": "get-X", "responses": responses}
    return {"openapi": version, "paths": {"/x": {"get": operation}}, "components": {"schemas": schemas}}


def compact(schema: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """Return the stored part of the response's schema."""
    contract = answers_contract(definition(schema, version, **schemas))
    found: dict[str, Any] = contract["operations"]["get_x"]["answers"]["200"]["media"]["application/json"]
    return found


def reference(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def test_only_what_a_comparison_needs_is_kept() -> None:
    """Types, properties, required, values and items are kept; descriptions, examples and formats are not."""
    schema = {
        "type": "object",
        "description": "d",
        "properties": {
            "a": {"type": "string", "format": "uuid", "examples": ["e"], "description": "d"},
            "b": {"type": ["array", "null"], "items": {"enum": ["x"], "type": "string"}},
            "c": {"const": 1},
            "d": {"oneOf": [{"type": "null"}, {"type": "integer"}]},
            "e": True,
        },
        "required": ["a"],
        "additionalProperties": False,
    }
    assert compact(schema) == {
        "type": ["object"],
        "properties": {
            "a": {"type": ["string"]},
            "b": {"type": ["array", "null"], "items": {"enum": ["x"], "type": ["string"]}},
            "c": {"enum": [1]},
            "d": {"anyOf": [{"type": ["null"]}, {"type": ["integer"]}]},
            "e": {},
        },
        "required": ["a"],
    }
    assert compact({"type": "object", "additionalProperties": {"type": "string"}}) == {
        "type": ["object"],
        "additionalProperties": {"type": ["string"]},
    }


def test_null_is_said_in_one_way() -> None:
    """This includes definitions in OpenAPI 3.0."""
    assert compact({"type": "string", "nullable": True}, "3.0.3") == {"type": ["string", "null"]}


def test_composed_schemas_are_one() -> None:
    """What all members say together; alternatives stay apart, each with what they share."""
    base = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    both = {"allOf": [reference("Base"), {"properties": {"b": {}}, "required": ["b"]}]}
    assert compact(both, Base=base) == {
        "type": ["object"],
        "properties": {"a": {"type": ["string"]}, "b": {}},
        "required": ["a", "b"],
    }
    either = {**base, "anyOf": [{"properties": {"b": {}}}, {"properties": {"c": {}}}]}
    assert [sorted(each["properties"]) for each in compact(either)["anyOf"]] == [["a", "b"], ["a", "c"]]


def test_schemas_that_answers_reach_come_along() -> None:
    """They are included directly and indirectly, also recursive ones; other schemas are not."""
    schemas = {
        "Box": {"properties": {"item": reference("Item")}},
        "Item": {"properties": {"inside": reference("Box")}},
        "Request": {"type": "object"},
    }
    contract = answers_contract(definition(reference("Box"), **schemas))
    assert contract["schemas"] == {
        "Box": {"properties": {"item": {"$ref": "Item"}}},
        "Item": {"properties": {"inside": {"$ref": "Box"}}},
    }


def test_codes_and_headers_of_answers_come_along() -> None:
    """They are included if the definition lists them."""
    document = definition({})
    document["paths"]["/x"]["get"]["responses"]["422"] = {
        "headers": {"Retry-After": {}},
        "x-error-codes": ["A"],
        "x-detail-codes": ["B"],
        "x-inner-codes": ["C"],
    }
    assert answers_contract(document)["operations"]["get_x"]["answers"]["422"] == {
        "media": {},
        "headers": ["retry-after"],
        "codes": ["A"],
        "details": ["B"],
        "inner": ["C"],
    }


def test_the_file_has_a_line_for_each_schema_and_operation() -> None:
    """The difference of two versions is readable."""
    document = definition(reference("Box"), Box={"type": "object"})
    text = contract_text(document)
    assert json.loads(text) == answers_contract(document)
    assert '\n"Box": {"type":["object"]}\n' in text


def test_the_generated_package_has_the_file() -> None:
    """`make generate` writes it; another test checks that it is up to date."""
    contract = json.loads((GENERATED / FILE_NAME).read_bytes())
    assert contract["operations"]
    assert all(each["answers"] for each in contract["operations"].values())


def differing(contract: dict[str, Any]) -> set[tuple[str, str]]:
    """Return kind and place of each difference between the documented responses and a contract."""
    documented = [
        SeenResponse(
            endpoint=snake_case(operation.id),
            status=answer.status,
            headers=(),
            content_type=answer.media_type,
            content=json.dumps(answer.value).encode(),
        )
        for operation in operations(DEFINITION)
        for answer in answers(operation)
        if answer.media_type == "application/json"
    ]
    found = set().union(*(findings(contract, each) for each in documented))
    return {(str(each.kind), each.at) for each in found if each.kind is not Kind.COMPARED}


@pytest.mark.parametrize("mutation", mutations.COMPATIBLE, ids=lambda mutation: mutation.__name__)
def test_a_compatible_change_is_no_drift(mutation: Callable[[dict[str, Any]], None]) -> None:
    """Documented responses conform to a definition in another form, if it requires no more."""
    document = copy.deepcopy(DEFINITION)
    mutation(document)
    more_required = mutation is mutations.extra_required_answer_property
    assert differing(answers_contract(document)) == ({("missing property", "futureId")} if more_required else set())


def test_a_definition_in_the_style_of_the_vendor_is_compared_too() -> None:
    """In OpenAPI 3.0, declared nulls are accepted; undeclared ones and a misspelled name are drift."""
    document = copy.deepcopy(DEFINITION)
    mutations.vendor_style(document)
    found = differing(answers_contract(document))
    assert {kind for kind, _ in found} == {"other type", "unknown property"}
    assert {("other type", "prev"), ("unknown property", "briefcases")} <= found
    assert ("other type", "description") not in found
