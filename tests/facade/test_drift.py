"""A client that records where responses differ from the definition."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from scripts import spec_drift
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl, tls
from tests.behaviour.helpers.making import new_timeline
from tests.behaviour.helpers.places import Place

GET = "get-imodel-changeset-details"
IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
ERROR = {"error": {"code": "Sleepy", "message": "secret-text"}}
WEIGHT = {(200, "unknown property", "weight", "integer")}

AnswerWith = Callable[..., None]


@attrs.frozen
class Record:
    """The folder in which a client recorded."""

    folder: Path

    def lines(self, name: str = "drift.jsonl") -> list[dict[str, Any]]:
        """Return the lines of a file; none if it does not exist."""
        path = self.folder / name
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def kinds(self) -> set[tuple[int, str, str, str]]:
        """Return status, kind, place and detail of the differences, without headers, of which the hub sends more."""
        return {
            (each["status"], each["kind"], each["at"], each["detail"])
            for each in self.lines()
            if each["kind"] != "unknown header"
        }

    def text(self) -> str:
        """All that was written."""
        return "".join(path.read_text("utf-8") for path in self.folder.iterdir())


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Return the folder for the record."""
    return Record(tmp_path / "drift")


@pytest.fixture
def recording(place: Place, open_client: OpenClient, record: Record) -> IModelsClient:
    """Return a client that records and never retries."""
    return open_client(place.auth, record_drift=record.folder, retry=RetryPolicy.never())


@pytest.fixture(scope="session")
def changeset(place: Place) -> dict[str, Any]:
    """Return a changeset as in a response of the hub."""
    with IModelsClient(place.auth, base_url=place.base_url) as maker, new_timeline(maker, place.itwin_id) as timeline:
        url = f"{place.base_url}/{timeline.imodel_id}/changesets/3"
        headers = {"Authorization": f"Bearer {place.auth}", "Accept": "application/vnd.bentley.itwin-platform.v2+json"}
        found: dict[str, Any] = httpx.get(url, headers=headers, verify=tls()).raise_for_status().json()
    return {**found["changeset"], "description": "secret-text"}


@pytest.fixture
def answer_with(control: HubControl, changeset: dict[str, Any]) -> AnswerWith:
    """Return a function that changes properties of changesets in responses; None removes a property."""

    def answer(altered: dict[str, Any], **more: Any) -> None:
        gone = {name for name, value in altered.items() if value is None}
        body = {name: value for name, value in {**changeset, **altered}.items() if name not in gone}
        control.answer(200, {"changeset": body}, **more)

    return answer


def outcome(client: IModelsClient) -> str:
    """What a caller gets."""
    try:
        return repr(client.changesets.get(IMODEL, 3))
    except errors.UnexpectedResponse as error:
        return str(error)


@pytest.mark.parametrize(
    ("altered", "found"),
    [
        ({}, set()),
        ({"weight": 7}, WEIGHT),
        ({"fileSize": "secret-text"}, {(200, "other type", "fileSize", "string")}),
        ({"fileSize": None}, {(200, "missing property", "fileSize", "")}),
    ],
)
def test_what_differs_in_an_answer_is_counted(
    recording: IModelsClient, answer_with: AnswerWith, record: Record, altered: dict[str, Any], found: set[Any]
) -> None:
    """There is one line for each kind, with the number of responses and without values."""
    answer_with(altered, times=2)
    for _ in range(2):
        outcome(recording)
    recording.close()
    assert record.kinds() == found
    assert [each["count"] for each in record.lines("compared.jsonl")] == [2]
    assert all((each["operation"], each["count"]) == (GET, 2) for each in record.lines())
    assert "secret" not in record.text()


@pytest.mark.parametrize("altered", [{}, {"weight": 7}, {"fileSize": "secret-text"}, {"fileSize": None}])
def test_the_caller_gets_what_is_got_without_recording(
    recording: IModelsClient, client: IModelsClient, answer_with: AnswerWith, altered: dict[str, Any]
) -> None:
    """The same changeset, or the same error."""
    answer_with(altered, times=2)
    assert outcome(recording) == outcome(client)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (ERROR, {(404, "unknown code", "", "Sleepy")}),
        (
            ERROR,
            {
                (418, "unknown status", "", ""),
                (418, "unknown media type", "", "application/json"),
                (418, "unknown code", "", "Sleepy"),
            },
        ),
        (
            "<p>secret-text</p>",
            {(503, "unknown status", "", ""), (503, "unknown media type", "", "text/html")},
        ),
    ],
)
def test_what_differs_in_an_error_is_counted(
    recording: IModelsClient, control: HubControl, record: Record, body: Any, found: set[Any]
) -> None:
    """Statuses, codes and media types that the definition does not have."""
    control.answer(min(found)[0], body)
    with pytest.raises(errors.ApiError):
        recording.changesets.get(IMODEL, 3)
    recording.close()
    assert record.kinds() == found
    assert "secret" not in record.text()


def test_an_undeclared_header_is_found(recording: IModelsClient, answer_with: AnswerWith, record: Record) -> None:
    """Only its name is recorded."""
    answer_with({}, headers={"x-quota-left": "4711"})
    recording.changesets.get(IMODEL, 3)
    recording.close()
    assert ("unknown header", "x-quota-left") in {(each["kind"], each["detail"]) for each in record.lines()}
    assert "4711" not in record.text()


def test_the_hub_answers_as_the_definition_says(recording: IModelsClient, place: Place, record: Record) -> None:
    """Records at a hub therefore contain only the changes of a test. Compared responses are counted separately."""
    with IModelsClient(place.auth, base_url=place.base_url) as maker, new_timeline(maker, place.itwin_id) as timeline:
        changesets = recording.changesets.list(timeline.imodel_id, page_size=2, concurrency=1).all()
        recording.changesets.list(timeline.imodel_id, detail="minimal").all()
        recording.imodels.get(timeline.imodel_id)
        recording.users.list(timeline.imodel_id).all()
        briefcase = recording.briefcases.acquire(timeline.imodel_id)
        latest = changesets[-1].id
        recording.locks.update(timeline.imodel_id, briefcase.briefcase_id, exclusive=["0x1"], changeset_id=latest)
        with pytest.raises(errors.NotFound):
            recording.changesets.get(timeline.imodel_id, 99)
    recording.close()
    assert record.kinds() == set()
    compared = {
        (each["operation"], each["status"], each["detail"]): each["count"] for each in record.lines("compared.jsonl")
    }
    assert compared[GET, 404, "ChangesetNotFound"] == 1
    assert compared["get-imodel-changesets", 200, ""] == len(changesets) // 2 + 2


def test_the_environment_switches_it_on(
    place: Place, open_client: OpenClient, answer_with: AnswerWith, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It applies to each client without another folder."""
    monkeypatch.setenv("IMODELS_RECORD_DRIFT", str(record.folder))
    other = Record(record.folder.with_name("other"))
    for options in ({}, {"record_drift": other.folder}):
        answer_with({"weight": 7})
        client = open_client(place.auth, **options)
        client.with_options(timeout=9).changesets.get(IMODEL, 3)
        client.close()
    assert record.kinds() == other.kinds() == WEIGHT
    assert {each["count"] for each in record.lines()} == {1}


def test_a_fault_of_the_recording_is_none_of_the_call(
    recording: IModelsClient, answer_with: AnswerWith, record: Record, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is logged once, and the call succeeds."""
    record.folder.write_text("mine", encoding="utf-8")
    answer_with({}, times=3)
    with caplog.at_level(logging.WARNING, "itwin_imodels"):
        for _ in range(3):
            assert recording.changesets.get(IMODEL, 3).index == 3
        recording.close()
    assert [each.getMessage() for each in caplog.records] == [
        f"recording drift into {record.folder} was stopped: {record.folder}: File exists. Calls are not affected."
    ]
    assert record.folder.read_text("utf-8") == "mine"


_CALL = """\
import sys
from itwin_imodels import IModelsClient
with IModelsClient(sys.argv[1], base_url=sys.argv[2]) as client:
    client.imodels.list(sys.argv[3]).first()
    print([name for name in sys.modules if name.startswith("itwin_imodels._drift.")])
"""


def test_nothing_is_loaded_without_it(place: Place) -> None:
    """No module is loaded, so nothing is compared."""
    command = [sys.executable, "-c", _CALL, str(place.auth), place.base_url, place.itwin_id]
    assert subprocess.check_output(command, text=True).strip() == "[]"


def test_the_definition_that_would_agree_is_proposed(
    recording: IModelsClient,
    control: HubControl,
    answer_with: AnswerWith,
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make spec-drift` shows it, with the open facts that the responses decide."""
    answer_with({"weight": 7})
    recording.changesets.get(IMODEL, 3)
    control.answer(409, {"error": {"code": "NewerChangesExist", "message": "secret-text"}})
    with pytest.raises(errors.NewerChangesExist):
        recording.locks.update(IMODEL, 2, exclusive=["0x1"], changeset_id="1" * 40)
    recording.close()
    spec_drift.main([str(record.folder)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "target: $.components.schemas.Changeset" in shown
    assert "update: properties: weight: type: integer" in shown
    assert "6. Status of the lock errors. # as defined: NewerChangesExist, seen in update-imodel-locks 409" in shown
