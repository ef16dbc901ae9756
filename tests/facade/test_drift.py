"""A client that records where answers differ from the definition."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from scripts import spec_drift
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl, tls
from tests.behaviour.helpers.making import new_timeline
from tests.behaviour.helpers.places import Place

GET = "get-imodel-changeset-details"
ERROR = {"error": {"code": "Sleepy", "message": "secret-text"}}
IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"


@pytest.fixture(scope="session")
def changeset(place: Place) -> dict[str, Any]:
    """A changeset as the hub answers with it."""
    with IModelsClient(place.auth, base_url=place.base_url) as maker, new_timeline(maker, place.itwin_id) as timeline:
        url = f"{place.base_url}/{timeline.imodel_id}/changesets/3"
        headers = {"Authorization": f"Bearer {place.auth}", "Accept": "application/vnd.bentley.itwin-platform.v2+json"}
        found: dict[str, Any] = httpx.get(url, headers=headers, verify=tls()).raise_for_status().json()
    return {**found["changeset"], "description": "secret-text"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where is recorded."""
    return tmp_path / "drift"


@pytest.fixture
def recording(place: Place, open_client: OpenClient, folder: Path) -> IModelsClient:
    """A client that records and never asks twice."""
    return open_client(place.auth, record_drift=folder, retry=RetryPolicy.never())


def lines(folder: Path, name: str = "drift.jsonl") -> list[dict[str, Any]]:
    """What was recorded."""
    path = folder / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def text(folder: Path) -> str:
    """All that was written."""
    return "".join(path.read_text("utf-8") for path in folder.iterdir())


def outcome(client: IModelsClient) -> str:
    """What a caller gets."""
    try:
        return repr(client.changesets.get(IMODEL, 1))
    except errors.UnexpectedResponse as error:
        return str(error)


def kinds(folder: Path) -> set[tuple[int, str, str, str]]:
    """Status, kind, place and detail of what differs; headers of the hub aside."""
    return {
        (each["status"], each["kind"], each["at"], each["detail"])
        for each in lines(folder)
        if each["kind"] != "unknown header"
    }


@pytest.mark.parametrize(
    ("altered", "found"),
    [
        ({}, set()),
        ({"weight": 7}, {(200, "unknown property", "weight", "integer")}),
        ({"fileSize": "secret-text"}, {(200, "other type", "fileSize", "string")}),
        ({"fileSize": None}, {(200, "missing property", "fileSize", "")}),
    ],
)
def test_what_differs_in_an_answer_is_counted(
    recording: IModelsClient,
    client: IModelsClient,
    control: HubControl,
    folder: Path,
    changeset: dict[str, Any],
    altered: dict[str, Any],
    found: set[Any],
) -> None:
    """One line for each kind, with the number of answers; the caller gets what is got without recording."""
    body = {name: value for name, value in {**changeset, **altered}.items() if value is not None or name != "fileSize"}
    control.answer(200, {"changeset": body}, times=3)
    expected = outcome(client)
    assert [outcome(recording) for _ in range(2)] == [expected] * 2
    recording.close()
    assert kinds(folder) == found
    assert [each["count"] for each in lines(folder, "compared.jsonl")] == [2]
    assert {(each["operation"], each["count"]) for each in lines(folder)} in ({(GET, 2)}, set())
    assert "secret" not in text(folder)


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (404, ERROR, {(404, "unknown code", "", "Sleepy")}),
        (
            418,
            ERROR,
            {
                (418, "unknown status", "", ""),
                (418, "unknown media type", "", "application/json"),
                (418, "unknown code", "", "Sleepy"),
            },
        ),
        (
            503,
            "<p>secret-text</p>",
            {(503, "unknown status", "", ""), (503, "unknown media type", "", "text/html")},
        ),
    ],
)
def test_what_differs_in_an_error_is_counted(
    recording: IModelsClient, control: HubControl, folder: Path, status: int, body: Any, found: set[Any]
) -> None:
    """Statuses, codes and media types that the definition does not have."""
    control.answer(status, body)
    with pytest.raises(errors.ApiError):
        recording.changesets.get(IMODEL, 1)
    recording.close()
    assert kinds(folder) == found
    assert "secret" not in text(folder)


def test_an_undeclared_header_is_found(
    recording: IModelsClient, control: HubControl, folder: Path, changeset: dict[str, Any]
) -> None:
    """By its name alone."""
    control.answer(200, {"changeset": changeset}, headers={"x-quota-left": "4711"})
    recording.changesets.get(IMODEL, 1)
    recording.close()
    assert ("unknown header", "x-quota-left") in {(each["kind"], each["detail"]) for each in lines(folder)}
    assert "4711" not in text(folder)


def test_the_hub_answers_as_the_definition_says(
    recording: IModelsClient, place: Place, control: HubControl, folder: Path
) -> None:
    """So what is recorded at a hub is what a test altered. What was compared is counted apart."""
    with IModelsClient(place.auth, base_url=place.base_url) as maker, new_timeline(maker, place.itwin_id) as timeline:
        changesets = recording.changesets.list(timeline.imodel_id, page_size=2).all()
        recording.changesets.list(timeline.imodel_id, detail="minimal").all()
        recording.imodels.get(timeline.imodel_id)
        recording.users.list(timeline.imodel_id).all()
        briefcase = recording.briefcases.acquire(timeline.imodel_id)
        latest = changesets[-1].id
        recording.locks.update(timeline.imodel_id, briefcase.briefcase_id, exclusive=["0x1"], changeset_id=latest)
        with pytest.raises(errors.NotFound):
            recording.changesets.get(timeline.imodel_id, 99)
    recording.close()
    assert kinds(folder) == set()
    compared = {
        (each["operation"], each["status"], each["detail"]): each["count"] for each in lines(folder, "compared.jsonl")
    }
    assert compared[GET, 404, "ChangesetNotFound"] == 1
    assert compared["get-imodel-changesets", 200, ""] == len(changesets) // 2 + 2


def test_the_environment_switches_it_on(
    place: Place,
    open_client: OpenClient,
    control: HubControl,
    folder: Path,
    changeset: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For each client that names no other folder."""
    monkeypatch.setenv("IMODELS_RECORD_DRIFT", str(folder))
    other = folder.with_name("other")
    for options in ({}, {"record_drift": other}):
        control.answer(200, {"changeset": {**changeset, "weight": 7}})
        client = open_client(place.auth, **options)
        client.with_options(timeout=9).changesets.get(IMODEL, 1)
        client.close()
    assert kinds(folder) == kinds(other) == {(200, "unknown property", "weight", "integer")}
    assert {each["count"] for each in lines(folder)} == {1}


def test_a_fault_of_the_recording_is_none_of_the_call(
    place: Place,
    open_client: OpenClient,
    control: HubControl,
    changeset: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged once."""
    blocked = tmp_path / "file"
    blocked.write_text("mine", encoding="utf-8")
    client = open_client(place.auth, record_drift=blocked)
    control.answer(200, {"changeset": changeset}, times=3)
    with caplog.at_level(logging.WARNING, "itwin_imodels"):
        for _ in range(3):
            assert client.changesets.get(IMODEL, 1).index == 3
        client.close()
    assert [record.getMessage() for record in caplog.records] == [
        f"recording drift into {blocked} has stopped: {blocked}: File exists. Calls go on as usual."
    ]
    assert blocked.read_text("utf-8") == "mine"


_WITHOUT = """\
import sys
from itwin_imodels import IModelsClient
with IModelsClient(sys.argv[1], base_url=sys.argv[2]) as client:
    client.imodels.list(sys.argv[3]).first()
print([name for name in sys.modules if name.startswith("itwin_imodels._drift.")])
"""


def test_nothing_is_loaded_without_it(place: Place) -> None:
    """No module, so no comparison."""
    command = [sys.executable, "-c", _WITHOUT, str(place.auth), place.base_url, place.itwin_id]
    assert subprocess.check_output(command, text=True).strip() == "[]"


def test_the_definition_that_would_agree_is_proposed(
    recording: IModelsClient,
    control: HubControl,
    folder: Path,
    changeset: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make spec-drift` shows it, with the open facts that the answers decide."""
    control.answer(200, {"changeset": {**changeset, "weight": 7}})
    recording.changesets.get(IMODEL, 1)
    control.answer(409, {"error": {"code": "NewerChangesExist", "message": "secret-text"}})
    with pytest.raises(errors.NewerChangesExist):
        recording.locks.update(IMODEL, 2, exclusive=["0x1"], changeset_id="1" * 40)
    recording.close()
    spec_drift.main([str(folder)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "target: $.components.schemas.Changeset" in shown
    assert "update: properties: weight: type: integer" in shown
    assert "6. Status of the lock errors. # as defined: NewerChangesExist, seen in update-imodel-locks 409" in shown
