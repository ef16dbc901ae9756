"""docs/regenerating.md describes changes to the definition correctly: each row of its tables is tested."""

import copy
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from itwin_imodels._operations import briefcases
from itwin_imodels._operations.call import ServiceResponse
from itwin_imodels._operations.errors import error_of
from scripts.pages.operations import page
from scripts.specs import reliance
from scripts.specs.correct import corrected, readable
from scripts.specs.inventory import rows
from scripts.specs.matching import matches
from scripts.specs.proposals import proposed_rows
from scripts.specs.walk import operations
from tests.contract import mutations, test_reliance
from tests.docs.pages import Page
from tests.examples import DEFINITION

Document = dict[str, Any]

GET = briefcases.get("imodel-id", 2)
ROWS = [match.row for match in matches(DEFINITION, rows()) if match.row]
RECORD = reliance.load()


def changed(change: Callable[[Document], None]) -> Document:
    """A change to a definition that the tools accept and that keeps everything the facade relies on."""
    document = copy.deepcopy(DEFINITION)
    change(document)
    assert document != DEFINITION
    assert corrected(document, [])["paths"].keys() >= DEFINITION["paths"].keys()
    assert reliance.problems(readable(document, []), RECORD) == []
    return document


def not_exposed(document: Document) -> list[str]:
    """Return the lines of the section on what the facade does not expose, which today's definition does not have."""
    sections = [list(page(each, [], ROWS, RECORD)) for each in (DEFINITION, document)]
    before, after = (lines[lines.index("## Not exposed by the facade") :] for lines in sections)
    return [line for line in after if line not in before]


def example() -> dict[str, Any]:
    """Return a response with a briefcase from the definition."""
    (operation,) = (each for each in operations(DEFINITION) if each.id == "get-imodel-briefcase-details")
    (answer,) = operation.node["responses"]["200"]["content"]["application/json"]["examples"].values()
    found: dict[str, Any] = copy.deepcopy(answer["value"])
    return found


def read(body: object) -> Any:
    """Read a response with a briefcase as the facade does."""
    return GET.result(ServiceResponse(status=200, headers=httpx.Headers(), content=json.dumps(body).encode()))


def optional_answer_property() -> None:
    """The property is in `extra` and on the page."""
    document = changed(mutations.extra_optional_answer_property)
    body = example()
    body["briefcase"]["futureNote"] = "Text"
    assert read(body).extra == {"futureNote": "Text"}
    assert any(
        "| Get iModel Briefcase |" in line and "`briefcase.futureNote`" in line for line in not_exposed(document)
    )


def optional_request_property() -> None:
    """The property is on the page."""

    def change(document: Document) -> None:
        document["components"]["schemas"]["BriefcaseAcquire"]["properties"]["purpose"] = {"type": "string"}

    assert not_exposed(changed(change)) == ["| Acquire iModel Briefcase |  | `purpose` |  |"]


def optional_parameter() -> None:
    """The parameter is on the page."""
    found = not_exposed(changed(mutations.new_optional_query_parameter))
    assert "| Get iModel Briefcases | `$filter` |  |  |" in found


def new_operation() -> None:
    """A row is proposed, and the page lists the operation, though it has no summary and no tag."""

    def change(document: Document) -> None:
        mutations.new_operation(document)
        for key in ("summary", "tags"):
            del document["paths"]["/{id}/weather"]["get"][key]

    document = changed(change)
    (row,) = proposed_rows(document, ROWS)
    assert (row.request, row.facade_missing) == ("GET /{}/weather", "new")
    assert not_exposed(document) == ["| get-imodel-weather | the whole operation |  |  |"]


def new_enum_value() -> None:
    """It passes through as text."""
    changed(mutations.new_enum_value)
    body = {
        "locks": [{"briefcaseId": 2, "lockedObjects": [{"lockLevel": "futureValue", "objectIds": ["0x1"]}]}],
        "_links": {},
    }
    call = briefcases.list_locks("imodel-id", briefcase_id=None, level=None, top=None)
    (lock,) = call.result(ServiceResponse(status=200, headers=httpx.Headers(), content=json.dumps(body).encode())).items
    assert "futureValue" in repr(lock)


def new_error() -> None:
    """The error has them."""
    changed(mutations.new_error_statuses)
    content = json.dumps({"error": {"code": "FutureCode", "message": "No."}}).encode()
    error = error_of(GET, 410, httpx.Headers(), content, datetime.now(UTC))
    assert (error.status, error.code) == (410, "FutureCode")


def required_answer_property() -> None:
    """A response without it, or with null, is accepted."""

    def change(document: Document) -> None:
        mutations.extra_required_answer_property(document)
        briefcase = document["components"]["schemas"]["Briefcase"]
        briefcase["required"].append("deviceName")
        briefcase["properties"]["deviceName"] = {"type": ["string", "null"]}

    changed(change)
    for body in (example(), example()):
        body["briefcase"].pop("deviceName", None)
        assert read(body).briefcase_id == body["briefcase"]["briefcaseId"]
        body["briefcase"]["deviceName"] = None
        assert read(body).device_name is None


def renamed_schema() -> None:
    """The operations and what the facade relies on stay."""
    for change in (mutations.renamed_schemas, mutations.hoisted_inline_schemas, mutations.inlined_schemas):
        assert not_exposed(changed(change)) == []


def name_in_python_taken() -> None:
    """The client has one argument, attribute and class for each name, and the page lists the parameter."""

    def change(document: Document) -> None:
        parameters = next(each for each in operations(document) if each.id == "get-imodel-locks").node["parameters"]
        parameters.insert(0, {"name": "top", "in": "query", "schema": {"type": "string"}})
        schemas = document["components"]["schemas"]
        schemas["Briefcase"]["properties"] = {"device_name": {}, **schemas["Briefcase"]["properties"]}
        schemas["CHANGESET"] = {"type": "object"}

    document = changed(change)
    found = corrected(document, [])
    operation = next(each for each in operations(found) if each.id == "get-imodel-locks")
    assert [each["name"] for each in operation.node["parameters"] if "top" in each["name"]] == ["$top"]
    assert "device_name" not in found["components"]["schemas"]["Briefcase"]["properties"]
    assert found["components"]["schemas"]["CHANGESET"]["title"] != "CHANGESET"
    assert "| Get iModel Locks | `top` |  |  |" in not_exposed(document)


def renamed_operation() -> None:
    """The generator gets the same names for operations and modules."""

    def change(document: Document) -> None:
        for operation in operations(document):
            operation.node.update(operationId=f"{operation.id}-v2", tags=["Renamed"])

    names = [
        [(each.id, each.node["tags"]) for each in operations(corrected(document, []))]
        for document in (DEFINITION, changed(change))
    ]
    assert names[0] == names[1]


COMPATIBLE: dict[str, Callable[[], None]] = {
    "a new optional response property": optional_answer_property,
    "a new optional request property": optional_request_property,
    "a new optional parameter": optional_parameter,
    "a new operation": new_operation,
    "a new enumeration value": new_enum_value,
    "a new error status or code": new_error,
    "a response property becomes required, or an optional one becomes nullable": required_answer_property,
    "a schema is renamed or moved": renamed_schema,
    "a new parameter, property or schema whose name in Python is already taken, such as `top` beside `$top`": (
        name_in_python_taken
    ),
    "an operation gets a different operationId or tag": renamed_operation,
}


INCOMPATIBLE: dict[str, list[tuple[Callable[[Document], None], str, str, str]]] = {
    "a property that the facade sends or reads is renamed": [
        (test_reliance.renamed_answer_property, "release-imodel-locks-chunk", "isLastChunk", "locks.release_chunk"),
        (test_reliance.sent_property_gone, "create-imodel-changeset", "groupId", "changesets.create"),
    ],
    "a property that the facade reads changes its type": [
        (test_reliance.list_becomes_object, "get-imodel-locks", "locks[].lockedObjects", "locks.list"),
    ],
    "a property or parameter that the facade does not always send becomes required": [
        (test_reliance.new_required_property, "acquire-imodel-briefcase", "purpose", "briefcases.acquire"),
        (test_reliance.parameter_required, "get-imodel-locks", "lockLevel", "locks.list"),
    ],
    "a variant of a response lacks a property that the facade requires": [
        (test_reliance.alternative_without_member, "acquire-imodel-briefcase", "ownerId", "briefcases.acquire"),
    ],
    "a value that the facade waits for, such as a state, is renamed or removed": [
        (test_reliance.state_renamed, "get-briefcase-checkpoint", "state", "checkpoints.get_for_briefcase"),
        (test_reliance.lock_level_gone, "get-imodel-locks", "lockLevel", "locks.list"),
    ],
    "a header no longer accepts the value that the facade sends, such as the version of the API in `Accept`": [
        (test_reliance.accept_with_pattern, "get-imodel-locks", test_reliance.ACCEPT, "locks.list"),
        (test_reliance.prefer_without_minimal, "get-imodel-users", "return=minimal", "users.list"),
    ],
    "an operation is removed": [(test_reliance.operation_gone, "get-imodel-locks", "", "locks.list")],
}


def table(title: str) -> dict[str, str]:
    """Return the rows of the table below a title of the page."""
    section = Page("regenerating.md").text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", section, re.MULTILINE)[1:])


def test_the_page_has_the_changes_that_are_tried() -> None:
    """All rows of the page are tested."""
    assert list(table("Compatible changes")) == list(COMPATIBLE)
    assert list(table("Incompatible changes")) == list(INCOMPATIBLE)


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change(change: str) -> None:
    """The tools accept it, the facade has what it relies on, and the effect is that on the page."""
    COMPATIBLE[change]()


@pytest.mark.parametrize("change", INCOMPATIBLE)
def test_an_incompatible_change(change: str) -> None:
    """The message has the words of the page, the operation, the property, the method, and what to do."""
    words = table("Incompatible changes")[change].strip("`")
    for break_it, operation, part, method in INCOMPATIBLE[change]:
        document = copy.deepcopy(DEFINITION)
        break_it(document)
        told = reliance.problems(readable(document, []), RECORD)
        texts = (f"{operation}: ", words, part, method, "make reliance")
        assert any(all(text in problem for text in texts) for problem in told), told
