"""Requirements that any definition of this API must meet for the client and the hub to work."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.specs.definition import load
from scripts.specs.form import malformed
from scripts.specs.references import broken_references
from scripts.specs.walk import Operation
from tests.definition import Schemas, answer_key, by_id, committed, known

Node = dict[str, Any]

DOCUMENTED: list[Node] = json.loads(
    (Path(__file__).parent / "data" / "documented-examples.json").read_text(encoding="utf-8")
)
OPERATIONS = by_id(committed())
SCHEMAS = Schemas(known())


def places(operation: Operation, part: str) -> list[str]:
    """Return the addresses of the schemas of a request, or of the response with a status."""
    if part == "request":
        body = operation.node.get("requestBody", {})
        return list(SCHEMAS.addresses(body, *operation.pointer, "requestBody"))
    responses = operation.node["responses"]
    key = answer_key(responses, part)
    return list(SCHEMAS.addresses(responses[key], *operation.pointer, "responses", key)) if key else []


def misfits(documented: Node) -> Iterator[str]:
    """Yield the reasons why an example of a documentation page does not conform to the definition.

    An error that the definition omits is not checked.
    """
    operation, part = documented["operation"], documented["part"]
    if operation not in OPERATIONS:
        yield f"{operation}: missing from the definition"
        return
    addresses = places(OPERATIONS[operation], part)
    if not addresses and not part.startswith("4"):
        yield f"{operation}, {part}: the definition has no JSON schema"
    for address in addresses:
        yield from (f"{operation}, {part}: {error}" for error in SCHEMAS.errors(documented["value"], address))


def test_it_is_valid_openapi() -> None:
    """The tools accept it as OpenAPI 3.1."""
    assert list(malformed(committed())) == []


def test_its_references_resolve() -> None:
    """Each leads to a place inside the definition."""
    assert broken_references(load()) == []


def test_the_documented_examples_fit() -> None:
    """Requests and responses of the vendor's documentation pages conform to the schemas of their operations."""
    assert [problem for documented in DOCUMENTED for problem in misfits(documented)] == []


def test_all_documented_examples_are_checked() -> None:
    """All 40 examples of the five documentation pages are in the data of this test."""
    assert Counter(entry["operation"] for entry in DOCUMENTED) == {
        "release-imodel-locks-chunk": 9,
        "get-imodel-locks": 5,
        "update-imodel-changeset-group": 8,
        "acquire-imodel-briefcase": 9,
        "update-imodel-changeset": 9,
    }
