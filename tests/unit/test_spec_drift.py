"""Recorded drift as a proposed change to the definition."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itwin_imodels._drift.finding import Finding, Kind
from itwin_imodels._drift.rules import SeenResponse, findings
from itwin_imodels._drift.store import Store
from scripts import spec_drift
from scripts.specs import overlay
from scripts.specs.contract import answers_contract
from scripts.specs.definition import recognize
from scripts.specs.drift.facts import FACTS, Fact, decides, facts
from scripts.specs.drift.report import report
from scripts.specs.names import snake_case
from scripts.specs.walk import Operation, operations
from scripts.toolkit import ROOT, ToolError
from tests.alterations import places, replaced, without
from tests.depth import samples
from tests.examples import DEFINITION, Answer, answers

DOCUMENTED = [
    (operation, answer)
    for operation in operations(DEFINITION)
    for answer in answers(operation)
    if answer.media_type == "application/json"
]
NOTES = {Kind.COMPARED, Kind.UNKNOWN_HEADER, Kind.NO_BODY, Kind.NOT_JSON}
ODD = st.sampled_from([None, "odd", 0, -1.5, True, [], ["x"], {}, {"a": None}, {"odd name": 1}])

SMALL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "iModels", "version": "1"},
    "paths": {
        "/b/{id}/a": {
            "get": {
                "operationId": "get-a",
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
                    },
                    "404": {"$ref": "#/components/responses/NotFound"},
                },
            }
        }
    },
    "components": {
        "responses": {"NotFound": {"description": "d", "x-error-codes": ["aNotFound"], "x-basis": "inferred"}},
        "schemas": {
            "Answer": {
                "type": "object",
                "required": ["link", "name"],
                "properties": {
                    "name": {"type": "string"},
                    "size": {"type": ["integer", "null"]},
                    "link": {"$ref": "#/components/schemas/Link"},
                    "other": {"anyOf": [{"$ref": "#/components/schemas/Link"}, {"type": "null"}]},
                    "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}},
                    "state": {"$ref": "#/components/schemas/State"},
                    "kind": {"type": "string", "enum": ["a"], "x-extensible-enum": True},
                },
            },
            "Link": {"type": "object", "properties": {"href": {"type": "string"}}},
            "State": {"type": "string", "enum": ["on"]},
        },
    },
}


def found(kind: str, schema: str = "", at: str = "", detail: str = "", status: int = 200) -> Finding:
    """A finding of the small definition's operation."""
    return Finding("get-a", status, Kind(kind), schema, at, detail)


def page(*recorded: Finding, document: dict[str, Any] = SMALL, open_facts: tuple[Fact, ...] = ()) -> str:
    """Return the report of findings, each found in three responses."""
    return report(document, dict.fromkeys(recorded, 3), list(open_facts))


def corrected(text: str, folder: Path, document: dict[str, Any] = SMALL) -> dict[str, Any]:
    """The definition after the proposed change."""
    path = folder / "90-seen.yaml"
    path.write_text(text, encoding="utf-8")
    return overlay.apply(document, path)


def changes(text: str) -> list[tuple[str, Any]]:
    """Targets and updates of the proposed change."""
    return [(each["target"], each.get("update")) for each in yaml.safe_load(text)["actions"]]


ANSWER = "$.components.schemas.Answer"
GET = "$.paths['/b/{id}/a'].get.responses"


@pytest.mark.parametrize(
    ("recorded", "proposed"),
    [
        (
            [found("unknown property", "Answer", "owner", "string")],
            [(ANSWER, {"properties": {"owner": {"type": "string"}}})],
        ),
        (
            [
                found("unknown property", "Answer", "owner", "string"),
                found("unknown property", "Answer", "owner", "null"),
            ],
            [(ANSWER, {"properties": {"owner": {"type": ["null", "string"]}}})],
        ),
        (
            [found("unknown property", "Answer", "owner", "null")],
            [(ANSWER, {"properties": {"owner": {}}})],
        ),
        (
            [found("unknown property", "Answer", "list[].y", "array")],
            [(f"{ANSWER}.properties.list.items", {"properties": {"y": {"type": "array", "items": {}}}})],
        ),
        ([found("missing property", "Answer", "name")], [(f"{ANSWER}.required[?@ == 'name']", None)]),
        (
            [found("other type", "Answer", "name", "null")],
            [(f"{ANSWER}.properties.name", {"type": ["string", "null"]})],
        ),
        ([found("other type", "Answer", "size", "string")], [(f"{ANSWER}.properties.size", {"type": ["string"]})]),
        (
            [found("other type", "Answer", "link", "string")],
            [
                (
                    f"{ANSWER}.properties.link",
                    {"anyOf": [{"$ref": "#/components/schemas/Link"}, {"type": "string"}]},
                ),
                (f"{ANSWER}.properties.link['$ref']", None),
            ],
        ),
        (
            [found("other type", "Answer", "other", "string")],
            [(f"{ANSWER}.properties.other", {"anyOf": [{"type": "string"}]})],
        ),
        ([found("unknown value", "State", "", "string")], [("$.components.schemas.State.enum", None)]),
        (
            [found("unknown status", status=418), found("unknown code", detail="Teapot", status=418)],
            [
                (GET, {"418": {"description": "Seen, not documented."}}),
                (f"{GET}['418']", {"x-error-codes": ["Teapot"]}),
            ],
        ),
        (
            [found("unknown code", detail="bNotFound", status=404)],
            [("$.components.responses.NotFound", {"x-error-codes": ["bNotFound"]})],
        ),
        (
            [found("unknown media type", detail="text/html", status=404)],
            [("$.components.responses.NotFound", {"content": {"text/html": {}}})],
        ),
    ],
)
def test_a_difference_becomes_an_action(
    tmp_path: Path, recorded: list[Finding], proposed: list[tuple[str, Any]]
) -> None:
    """The overlay changes only this place, and applies."""
    text = page(*recorded)
    assert changes(text) == proposed
    assert corrected(text, tmp_path) != SMALL


def test_null_in_a_definition_of_openapi_3_0() -> None:
    """The overlay uses the notation of OpenAPI 3.0."""
    old = {**SMALL, "openapi": "3.0.3"}
    text = page(found("other type", "Answer", "name", "null"), document=old)
    assert changes(text) == [(f"{ANSWER}.properties.name", {"nullable": True})]


@pytest.mark.parametrize(
    ("recorded", "note"),
    [
        (found("unknown header", detail="x-new"), "unknown header (x-new): seen in get-a 200 (3 responses); describe"),
        (found("unknown value", "Answer", "kind", "string"), "unknown value kind (string): seen in get-a 200"),
        (found("unknown property", "Answer", "(odd name)", "string"), "this definition has no such place, or the name"),
        (found("unknown property", "Gone", "x", "string"), "this definition has no such place"),
        (found("unknown code", detail="(odd code)", status=404), "this definition has no such place, or the name"),
        (Finding("gone", 200, Kind.UNKNOWN_STATUS), "this definition has no such place"),
        (found("no body"), "the definition promises a body"),
        (found("not JSON"), "the body claims to be JSON"),
    ],
)
def test_what_cannot_be_proposed_is_a_note(recorded: Finding, note: str) -> None:
    """It is reported in a comment."""
    text = page(recorded)
    assert yaml.safe_load(text) is None
    assert "0 proposed changes, 1 differences to review" in text
    assert note in text


def test_differences_are_grouped() -> None:
    """They are grouped by operation and by schema; a place of a schema is changed once."""
    owner = found("unknown property", "Link", "owner", "string")
    text = page(
        owner,
        Finding("get-b", 201, Kind.UNKNOWN_PROPERTY, "Link", "owner", "string"),
        found("missing property", "Answer", "name"),
        found("unknown status", status=418),
        found("compared", status=404),
    )
    assert re.findall(r"^  # (.*)$", text, re.MULTILINE) == ["operation get-a", "schema Answer", "schema Link"]
    assert "unknown property owner (string): seen in get-a 200 (3 responses), get-b 201 (3 responses)" in " ".join(
        text.split()
    )
    assert text.startswith("# 3 responses of 2 operations were compared with the definition.\n# 3 proposed changes, 0")


@pytest.mark.thorough
@settings(max_examples=samples(120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documented=st.sampled_from(DOCUMENTED), data=st.data())
def test_after_the_proposed_change_nothing_differs(
    tmp_path_factory: pytest.TempPathFactory, documented: tuple[Operation, Answer], data: st.DataObject
) -> None:
    """With the overlay, any altered response conforms to the definition."""
    operation, answer = documented
    document = {**DEFINITION, "paths": {operation.path: {operation.method: operation.node}}}
    body = answer.value
    for _ in range(data.draw(st.integers(1, 3))):
        steps = list(places(body))
        if not steps:
            break
        place = data.draw(st.sampled_from(steps))
        body = without(body, place) if data.draw(st.booleans()) else replaced(body, place, data.draw(ODD))
    seen = SeenResponse(
        endpoint=snake_case(operation.id),
        status=data.draw(st.sampled_from([answer.status, 418])),
        headers=(),
        content_type="application/json",
        content=json.dumps(body).encode(),
    )
    before = findings(answers_contract(document), seen)
    text = report(document, Counter(before), [])
    proposed = yaml.safe_load(text) is not None
    changed = corrected(text, tmp_path_factory.mktemp("overlay"), document) if proposed else document
    recognize(json.dumps(changed).encode(), "the changed definition")
    after = findings(answers_contract(changed), seen)
    assert {each for each in after if each.kind not in NOTES and not each.detail.startswith("(")} <= noted(text, before)


def noted(text: str, recorded: frozenset[Finding]) -> set[Finding]:
    """The findings that the report only notes: new values where more are expected, and names that are not shown."""
    notes = text.partition("# To review")[2].partition("# Open facts")[0]
    allowed = {each for each in recorded if each.kind is Kind.UNKNOWN_VALUE or "(" in each.at}
    return {each for each in allowed if f"{each.kind} {each.at}" in notes}


def test_open_facts_that_answers_decide_are_listed() -> None:
    """They are listed with differing and conforming responses."""
    fact = Fact(7, "Whether there is a 404.", ({"operations": ["get-*"], "statuses": [404, 418]},), "")
    other = Fact(8, "Whether it rains.", ({"operations": ["rain"]},), "")
    text = page(
        found("compared", detail="aNotFound", status=404),
        found("unknown status", status=418),
        found("unknown property", "Answer", "owner", "string"),
        open_facts=(fact, other),
    )
    assert text.split("that these responses decide\n")[1].splitlines() == [
        "#   7. Whether there is a 404.",
        "#      differs: unknown status, seen in get-a 418 (3 responses)",
        "#      as defined: aNotFound, seen in get-a 404 (3 responses)",
    ]
    assert page(open_facts=(fact,)).endswith("#   none\n")


def test_a_fact_may_be_about_what_is_inferred() -> None:
    """The basis is that of a response or of one of its codes."""
    fact = Fact(5, "Errors.", ({"basis": "inferred"},), "")
    assert decides(fact, found("compared", status=404), SMALL)
    assert not decides(fact, found("compared", status=200), SMALL)
    assert not decides(fact, found("compared", status=500), SMALL)


def test_the_facts_are_those_of_the_readme() -> None:
    """Each has its number and title, and findings that decide it or a reason."""
    section = (ROOT / "spec" / "README.md").read_text("utf-8").split("## Inferred or open")[1].split("\n## ")[0]
    written = re.findall(r"^(\d+)\. (?:\*\*)(.+?)(?:\*\*)", section, re.MULTILINE)
    assert [(str(each.number), each.title) for each in facts()] == written


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "not valid TOML"),
        ("[1]\ntitle = 'a'", r"\[1\]: a fact requires a number, a title, and either"),
        ("[x]\ntitle = 'a'\nno_answer_decides = 'b'", r"\[x\]: a fact requires a number"),
        ("[1]\ntitle = 'a'\ndecided_by = [{ operation = ['b'] }]", "unknown key operation in decided_by"),
    ],
)
def test_a_damaged_list_of_facts_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """The error has the place in the file."""
    (tmp_path / FACTS.name).write_text(text, encoding="utf-8")
    with pytest.raises(ToolError, match=complaint):
        facts(tmp_path / FACTS.name)


def test_the_command_reads_a_folder_of_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder may contain those of several users."""
    drift = Finding("get-imodel-details", 418, Kind.UNKNOWN_STATUS)
    for name in ("ada", "grace"):
        Store(tmp_path / name).add({drift: 2, Finding("get-imodel-details", 200, Kind.COMPARED): 1})
    assert spec_drift.main([str(tmp_path)]) == 0
    assert "unknown status: seen in get-imodel-details 418 (4 responses)" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """The folder is empty of records, or contains something else."""
    with pytest.raises(ToolError, match="no recorded responses; set IMODELS_RECORD_DRIFT"):
        spec_drift.main([str(tmp_path)])
    (tmp_path / "drift.jsonl").write_text("x\n", encoding="utf-8")
    with pytest.raises(ToolError, match="line 1 is not a recorded difference"):
        spec_drift.main([str(tmp_path)])
