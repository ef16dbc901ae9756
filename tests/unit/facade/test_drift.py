"""Comparing responses with the definition, and recording the counts in a folder."""

import json
import logging
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itwin_imodels._drift import store
from itwin_imodels._drift.finding import Finding, Kind, shown_code, shown_media_type, shown_name
from itwin_imodels._drift.recorder import Recorder
from itwin_imodels._drift.rules import SeenResponse, findings
from itwin_imodels._drift.store import COMPARED, DRIFT, Store, StoreError, read
from scripts.specs.contract import answers_contract
from scripts.specs.names import snake_case
from scripts.specs.walk import operations
from tests.alterations import places, replaced, without
from tests.depth import samples
from tests.examples import DEFINITION, answers

PROMISED = answers_contract(DEFINITION)
DOCUMENTED = [
    (operation.id, answer)
    for operation in operations(DEFINITION)
    for answer in answers(operation)
    if answer.media_type == "application/json"
]
LOCKS_CONTRACT: Mapping[str, Any] = {
    "operations": {
        "get_locks": {
            "id": "get-locks",
            "answers": {
                "200": {"media": {"application/json": {"$ref": "Locks"}}},
                "204": {"media": {}},
                "404": {"media": {"application/json": {"$ref": "Problem"}}, "codes": ["iModelNotFound"]},
                "422": {"media": {"application/json": {"$ref": "Problem"}}, "codes": ["Invalid"], "details": ["Known"]},
            },
        },
        "get_briefcases": {
            "id": "get-briefcases",
            "answers": {"200": {"media": {"application/json": {"anyOf": [{"$ref": "Full"}, {"$ref": "Minimal"}]}}}},
        },
    },
    "schemas": {
        "Locks": {
            "type": ["object"],
            "properties": {"locks": {"type": ["array"], "items": {"$ref": "Lock"}}},
            "required": ["locks"],
        },
        "Lock": {
            "type": ["object"],
            "properties": {
                "briefcaseId": {"type": ["integer"]},
                "lockedObjects": {"type": ["array"], "items": {"$ref": "LockedObjects"}},
                "weight": {"type": ["number", "null"]},
                "holder": {"anyOf": [{"$ref": "Holder"}, {"type": ["null"]}]},
            },
            "required": ["briefcaseId", "lockedObjects"],
        },
        "LockedObjects": {
            "type": ["object"],
            "properties": {
                "lockLevel": {"$ref": "LockLevel"},
                "objectIds": {"type": ["array"], "items": {"type": ["string"]}},
            },
            "required": ["lockLevel", "objectIds"],
        },
        "LockLevel": {"type": ["string"], "enum": ["none", "shared", "exclusive"]},
        "Holder": {"type": ["object"], "properties": {"name": {"type": ["string"]}}},
        "Problem": {"type": ["object"], "properties": {"error": {"type": ["object"]}}, "required": ["error"]},
        "Full": {
            "type": ["object"],
            "properties": {"briefcases": {"type": ["array"], "items": {"$ref": "Briefcase"}}},
        },
        "Minimal": {
            "type": ["object"],
            "properties": {"briefcases": {"type": ["array"], "items": {"$ref": "Summary"}}},
        },
        "Briefcase": {
            "type": ["object"],
            "properties": {"id": {"type": ["string"]}, "name": {"type": ["string"]}, "size": {"type": ["integer"]}},
            "required": ["id", "name", "size"],
        },
        "Summary": {"type": ["object"], "properties": {"id": {"type": ["string"]}}, "required": ["id"]},
    },
}
FINDING = Finding("get-x", 200, Kind.UNKNOWN_PROPERTY, "X", "a", "string")


def seen(
    operation_id: str, status: int, body: Any, *, headers: tuple[str, ...] = (), content_type: str = "application/json"
) -> SeenResponse:
    """Return a response with a JSON body, or with bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SeenResponse(
        endpoint=f"api.{snake_case(operation_id)}",
        status=status,
        headers=headers,
        content_type=content_type,
        content=content,
    )


def drift(answer: SeenResponse, contract: Mapping[str, Any] = LOCKS_CONTRACT) -> set[tuple[str, str, str, str]]:
    """What differs, without the operation and the status."""
    return {
        (str(each.kind), each.schema, each.at, each.detail)
        for each in findings(contract, answer)
        if each.kind is not Kind.COMPARED
    }


LOCK = {"briefcaseId": 2, "lockedObjects": [{"lockLevel": "shared", "objectIds": ["0x1"]}]}


def locks(**changes: Any) -> dict[str, Any]:
    """Return a page of locks with one changed lock."""
    return {"locks": [LOCK, {**LOCK, **changes}]}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (locks(owner="x"), {("unknown property", "Lock", "owner", "string")}),
        (locks(owner={"a": 1}, since=None), {
            ("unknown property", "Lock", "owner", "object"),
            ("unknown property", "Lock", "since", "null"),
        }),
        (locks(briefcaseId="2"), {("other type", "Lock", "briefcaseId", "string")}),
        (locks(briefcaseId=2.5), {("other type", "Lock", "briefcaseId", "number")}),
        (locks(briefcaseId=True), {("other type", "Lock", "briefcaseId", "boolean")}),
        (locks(lockedObjects={}), {("other type", "Lock", "lockedObjects", "object")}),
        (locks(lockedObjects=[None]), {("other type", "Lock", "lockedObjects[]", "null")}),
        (locks(lockedObjects=[{"lockLevel": "mine", "objectIds": []}]), {("unknown value", "LockLevel", "", "string")}),
        (locks(lockedObjects=[{"objectIds": [1]}]), {
            ("missing property", "LockedObjects", "lockLevel", ""),
            ("other type", "LockedObjects", "objectIds[]", "integer"),
        }),
        (locks(weight=1, holder=None), set()),
        (locks(weight="1", holder=[]), {
            ("other type", "Lock", "weight", "string"),
            ("other type", "Lock", "holder", "array"),
        }),
        (locks(holder={"name": None, "age": 1.5}), {
            ("other type", "Holder", "name", "null"),
            ("unknown property", "Holder", "age", "number"),
        }),
        ({"locks": [{}]}, {
            ("missing property", "Lock", "briefcaseId", ""),
            ("missing property", "Lock", "lockedObjects", ""),
        }),
        ([], {("other type", "", "", "array")}),
        (b"{", {("not JSON", "", "", "")}),
        (b"[" * 100_000, {("not JSON", "", "", "")}),
        (b"", {("no body", "", "", "")}),
    ],
)  # fmt: skip
def test_the_body_is_compared(body: Any, found: set[tuple[str, str, str, str]]) -> None:
    """Each kind of difference is found where the definition has the place, once for a list of any length."""
    assert drift(seen("get-locks", 200, body)) == found


def test_the_nearest_of_several_schemas_counts() -> None:
    """A list has full or minimal entities; a new property is compared with the matching kind."""
    full = {"id": "1", "name": "n", "size": 1}
    for entity, schema in ((full, "Briefcase"), ({"id": "1"}, "Summary")):
        page = {"briefcases": [{**entity, "weight": 1}] * 3}
        assert drift(seen("get-briefcases", 200, page)) == {("unknown property", schema, "weight", "integer")}


def test_status_codes_headers_and_media_types_are_compared() -> None:
    """Around the body: what the definition does not know of is found, what all of HTTP has is not."""
    error = {"error": {"code": "Sleepy", "message": "x"}}
    assert drift(seen("get-locks", 404, error)) == {("unknown code", "", "", "Sleepy")}
    assert drift(seen("get-locks", 418, error)) == {
        ("unknown status", "", "", ""),
        ("unknown media type", "", "", "application/json"),
        ("unknown code", "", "", "Sleepy"),
    }
    details = [{"code": "Odd", "innerError": {"code": "Odder"}, "message": "x"}]
    found = drift(seen("get-locks", 422, {"error": {"code": "Invalid", "details": [*details, {"code": "Known"}]}}))
    assert found == {("unknown detail code", "", "", "Odd"), ("unknown inner code", "", "", "Odder")}
    usual = ("Date", "Content-Type", "x-correlation-id")
    assert drift(seen("get-locks", 200, locks(), headers=usual)) == {("unknown header", "", "", "x-correlation-id")}
    assert drift(seen("get-locks", 200, b"<html>", content_type="text/html; charset=x")) == {
        ("unknown media type", "", "", "text/html")
    }
    versioned = "application/vnd.bentley.itwin-platform.v2+json"
    assert drift(seen("get-locks", 200, locks(a=1), content_type=versioned)) == {
        ("unknown media type", "", "", versioned),
        ("unknown property", "Lock", "a", "integer"),
    }
    assert drift(seen("get-locks", 204, b"", content_type="")) == set()


def test_what_was_compared_is_found_too() -> None:
    """The record has the code of an error, so a matching response confirms the definition."""
    error = {"error": {"code": "iModelNotFound", "message": "x"}}
    assert findings(LOCKS_CONTRACT, seen("get-locks", 404, error)) == {
        Finding("get-locks", 404, Kind.COMPARED, "", "", "iModelNotFound")
    }


def test_a_map_has_no_unknown_names() -> None:
    """This applies if the definition says so, or if an object has more unknown names than properties."""
    schemas = {"Box": {"type": ["object"], "additionalProperties": {"type": ["integer"]}}}
    answer = {"200": {"media": {"application/json": {"$ref": "Box"}}}}
    contract = {"operations": {"get_x": {"id": "get-x", "answers": answer}}, "schemas": schemas}
    assert drift(seen("get-x", 200, {"Ada": 1, "Grace": "x"}), contract) == {("other type", "Box", "{}", "string")}
    many = {f"name{chr(97 + index)}": 1 for index in range(20)}
    assert drift(seen("get-locks", 200, locks(**many))) == {("unknown property", "Lock", "(many names)", "object")}


def test_deep_nesting_ends() -> None:
    """A recursive schema is followed as deep as a plausible response."""
    schemas = {"Tree": {"type": ["object"], "properties": {"child": {"$ref": "Tree"}}}}
    answer = {"200": {"media": {"application/json": {"$ref": "Tree"}}}}
    contract = {"operations": {"get_x": {"id": "get-x", "answers": answer}}, "schemas": schemas}
    body: Any = {"leaf": 1}
    for _ in range(400):
        body = {"child": body}
    assert drift(seen("get-x", 200, body), contract) == set()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("createdDateTime", "createdDateTime"),
        ("_links", "_links"),
        ("sha256", "sha256"),
        ("x-ms-request-id", "x-ms-request-id"),
        ("5e19bee0-3aea-4355-a9f0-c6df9989ee7d", "(odd name)"),
        ("ee19bee0-3aea-4355-a9f0-c6df9989ee7d", "(odd name)"),
        ("fadebabe-dead-beef", "(odd name)"),
        ("0x1f", "(odd name)"),
        ("ada@example.com", "(odd name)"),
        ("Highway 7", "(odd name)"),
        ("größe", "(odd name)"),
        ("room1234", "(odd name)"),
        ("a" * 60, "(odd name)"),
        ("", "(odd name)"),
    ],
)
def test_names_are_written_down_if_they_look_like_names(name: str, shown: str) -> None:
    """An id or a text of a user never does."""
    assert shown_name(name) == shown


def test_codes_and_media_types_are_written_down_if_they_look_like_them() -> None:
    """The same for what else the service names."""
    assert [shown_code(each) for each in ("iModelNotFound", "E1", "not found", "x" * 65)] == [
        "iModelNotFound",
        *["(odd code)"] * 3,
    ]
    assert [shown_media_type(each) for each in ("Text/HTML;a=b", "", "image/png", "secret", "a/b c")] == [
        "text/html",
        "(none)",
        "image/png",
        *["(odd media type)"] * 2,
    ]


SECRETS = st.one_of(
    st.uuids().map(str),
    st.binary(min_size=20, max_size=20).map(bytes.hex),
    st.integers(10**9, 10**12).map(lambda number: f"https://x.example/y?sig={number}"),
    st.integers(10**9, 10**12).map(lambda number: f"Bearer eyJ{number}"),
    st.integers(10**6, 10**9).map(lambda number: f"ada{number}@example.com"),
    st.text(min_size=8).map(lambda text: f"Über {text}!"),
)
ALTERED = st.one_of(
    SECRETS,
    st.integers(10**9, 10**12),
    st.lists(SECRETS, max_size=3),
    st.dictionaries(SECRETS, SECRETS, min_size=1, max_size=20),
)


def leaves_replaced(value: Any, draw: Any) -> Any:
    """The same JSON with a secret for every text and number."""
    if isinstance(value, dict):
        return {name: leaves_replaced(each, draw) for name, each in value.items()}
    if isinstance(value, list):
        return [leaves_replaced(each, draw) for each in value]
    if isinstance(value, str):
        return draw(SECRETS)
    return draw(st.integers(10**9, 10**12)) if type(value) in (int, float) else value


def texts(value: Any) -> set[str]:
    """Every text, number and name of a JSON value that the definition does not name."""
    if isinstance(value, dict):
        return {each for each in value if len(each) > 1 and each not in PROPERTIES}.union(*map(texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(texts, value))
    return {str(value)} if isinstance(value, str | int) and not isinstance(value, bool) else set()


PROPERTIES = {name for schema in PROMISED["schemas"].values() for name in schema.get("properties", {})}


@settings(max_examples=samples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documented=st.sampled_from(DOCUMENTED), data=st.data())
def test_no_value_of_an_answer_is_written_down(
    tmp_path_factory: pytest.TempPathFactory, documented: tuple[str, Any], data: st.DataObject
) -> None:
    """This applies to any content and any change: texts, numbers, ids, keys of maps, values of headers."""
    operation_id, answer = documented
    body = leaves_replaced(answer.value, data.draw)
    for _ in range(data.draw(st.integers(0, 4))):
        found = list(places(body))
        place = data.draw(st.sampled_from(found)) if found else ()
        gone = place and data.draw(st.booleans())
        body = without(body, place) if gone else replaced(body, place, data.draw(ALTERED))
    status = data.draw(st.sampled_from([answer.status, 200, 404, 422, 503]))
    headers = {"content-type": "application/json; x=" + data.draw(st.uuids().map(str))}
    headers |= {"x-token": data.draw(st.uuids().map(str)), data.draw(st.uuids().map(str)): "1"}
    folder = tmp_path_factory.mktemp("drift")
    recorder = Recorder(folder, lambda: PROMISED)
    recorder.record(snake_case(operation_id), status, httpx.Headers(headers), json.dumps(body).encode())
    recorder.close()
    written = "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert written
    secrets = texts(body) | {*headers.values(), *headers} - {"content-type", "x-token", "1"}
    assert [secret for secret in secrets if secret in written or json.dumps(secret)[1:-1] in written] == []


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of the folder."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_folder_counts(tmp_path: Path) -> None:
    """There is one line per kind with a count; differences and compared responses are separate; no other file stays."""
    compared = attrs.evolve(FINDING, kind=Kind.COMPARED)
    folder = tmp_path / "a" / "b"
    for _ in range(2):
        Store(folder).add({FINDING: 2, compared: 3})
    assert lines(folder / DRIFT) == [
        {
            "operation": "get-x",
            "status": 200,
            "kind": "unknown property",
            "schema": "X",
            "at": "a",
            "detail": "string",
            "count": 4,
        }
    ]
    assert read(folder / COMPARED) == {compared: 6}
    assert {path.name for path in folder.iterdir()} == {DRIFT, COMPARED, "drift.lock"}


def test_threads_and_processes_share_a_folder(tmp_path: Path) -> None:
    """No count is lost."""
    code = (
        "import sys; from pathlib import Path; from itwin_imodels._drift.store import Store\n"
        "from itwin_imodels._drift.finding import Finding\n"
        "for at in range(25): Store(Path(sys.argv[1])).add({Finding('o', 200, 'other type', 'X', f'p{at}'): 1})"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Store(tmp_path).add({FINDING: 1}), range(40)))
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    found = read(tmp_path / DRIFT)
    assert found.pop(FINDING) == 40
    assert sorted(found.values()) == [3] * 25


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"count": 1}', '{"kind": "x"}'])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, line: str) -> None:
    """The error names it and the line, and the file is not replaced."""
    (tmp_path / DRIFT).write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"drift\.jsonl: line 1 is not a recorded difference"):
        Store(tmp_path).add({FINDING: 1})
    assert (tmp_path / DRIFT).read_text("utf-8") == f"{line}\n"


def test_a_file_grows_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then known kinds are counted, and new ones are not added."""
    monkeypatch.setattr(store, "MAX_LINES", 2)
    findings = [attrs.evolve(FINDING, at=at) for at in "abc"]
    for _ in range(2):
        Store(tmp_path).add(dict.fromkeys(findings, 1))
    assert read(tmp_path / DRIFT) == {findings[0]: 2, findings[1]: 2}


def test_a_recorder_counts_answers(tmp_path: Path) -> None:
    """The same difference twice in one response counts once."""
    with ThreadPoolExecutor(4) as pool:
        recorder = Recorder(tmp_path, lambda: LOCKS_CONTRACT)
        body = json.dumps(locks(briefcaseId="2")).encode()
        headers = {"content-type": "application/json"}
        list(pool.map(lambda _: recorder.record("locks.get_locks", 200, headers, body), range(50)))
        recorder.close()
        recorder.close()
    assert Counter({each.kind: count for each, count in read(tmp_path / DRIFT).items()}) == {Kind.OTHER_TYPE: 50}
    assert sum(read(tmp_path / COMPARED).values()) == 50


@pytest.mark.parametrize("fault", ["contract", "folder", "damaged", "operation"])
def test_a_fault_ends_the_recording(tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    """The log has one record with the folder and the reason, without the response; calls continue."""
    folder = tmp_path / "folder"
    reasons = {
        "contract": "ZeroDivisionError",
        "folder": f"{folder}: File exists",
        "damaged": f"{folder / DRIFT}: line 1 is not a recorded difference",
        "operation": "KeyError",
    }
    if fault == "folder":
        folder.write_text("a file", encoding="utf-8")
    if fault == "damaged":
        folder.mkdir()
        (folder / DRIFT).write_text("secret\n", encoding="utf-8")
    recorder = Recorder(folder, (lambda: 1 // 0) if fault == "contract" else lambda: LOCKS_CONTRACT)  # type: ignore[arg-type, return-value]
    body = json.dumps(locks(owner="secret")).encode()
    with caplog.at_level(logging.WARNING, "itwin_imodels"):
        for _ in range(3):
            endpoint = "locks.secret" if fault == "operation" else "locks.get_locks"
            recorder.record(endpoint, 200, {"content-type": "application/json"}, body)
        recorder.close()
        recorder.record("locks.get_locks", 200, {}, body)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"recording drift into {folder} was stopped: {reasons[fault]}")
    assert "secret" not in record.getMessage()


def test_answers_that_come_too_fast_are_skipped(tmp_path: Path) -> None:
    """What waits is bounded in number and bytes, so that a client with a slow disk keeps its memory."""
    go = threading.Event()

    def slow() -> Mapping[str, Any]:
        go.wait()
        return LOCKS_CONTRACT

    recorder = Recorder(tmp_path, slow)
    body = json.dumps(locks()).encode()
    for _ in range(1000):
        recorder.record("get_locks", 200, {"content-type": "application/json"}, body)
    recorder.record("get_locks", 200, {"content-type": "application/json"}, bytes(40 << 20))
    go.set()
    recorder.close()
    assert sum(read(tmp_path / COMPARED).values()) == 256
