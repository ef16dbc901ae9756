"""What a definition promises of answers, as the facade reads it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from itwin_imodels._drift.finding import Kind
from itwin_imodels._drift.rules import Seen, findings
from scripts.generate import GENERATED
from scripts.specs.contract import FILE_NAME, answers_contract, contract_text
from scripts.specs.names import snake_case
from scripts.specs.walk import operations
from tests.contract import mutations
from tests.examples import DEFINITION, answers


def definition(schema: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """A definition with one operation and one answer."""
    content = {"application/json; charset=utf-8": {"schema": schema}}
    responses = {"200": {"description": "d", "content": content}}
    operation = {"operationId": "get-X", "responses": responses}
    return {"openapi": version, "paths": {"/x": {"get": operation}}, "components": {"schemas": schemas}}


def compact(schema: dict[str, Any], version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """What is kept of the answer's schema."""
    contract = answers_contract(definition(schema, version, **schemas))
    found: dict[str, Any] = contract["operations"]["get_x"]["answers"]["200"]["media"]["application/json"]
    return found


def reference(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def test_only_what_a_comparison_needs_is_kept() -> None:
    """Types, properties, what is required, values, items; no descriptions, examples and formats."""
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
    """Also where the definition is OpenAPI 3.0."""
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
    """Directly and through others, also one that refers to itself; others do not."""
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
    """As far as the definition lists them."""
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
    """So that a difference of two versions can be read."""
    document = definition(reference("Box"), Box={"type": "object"})
    text = contract_text(document)
    assert json.loads(text) == answers_contract(document)
    assert '\n"Box": {"type":["object"]}\n' in text


def test_the_generated_package_has_the_file() -> None:
    """It is what `make generate` writes; that it is up to date is checked with the rest of the package."""
    contract = json.loads((GENERATED / FILE_NAME).read_bytes())
    assert contract["operations"]
    assert all(each["answers"] for each in contract["operations"].values())


def differing(contract: dict[str, Any]) -> set[tuple[str, str]]:
    """Kind and place of each difference between the documented answers and what a contract promises."""
    documented = [
        Seen(
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
    """Answers as documented today are as a definition says that is written otherwise, if it requires no more."""
    document = copy.deepcopy(DEFINITION)
    mutation(document)
    more_required = mutation is mutations.extra_required_answer_property
    assert differing(answers_contract(document)) == ({("missing property", "futureId")} if more_required else set())


def test_a_definition_in_the_style_of_the_vendor_is_compared_too() -> None:
    """OpenAPI 3.0: what it says may be null may be null; what it forgets to say is drift, and a misspelt name."""
    document = copy.deepcopy(DEFINITION)
    mutations.vendor_style(document)
    found = differing(answers_contract(document))
    assert {kind for kind, _ in found} == {"other type", "unknown property"}
    assert {("other type", "prev"), ("unknown property", "briefcases")} <= found
    assert ("other type", "description") not in found
