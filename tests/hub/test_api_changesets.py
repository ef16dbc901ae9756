"""Changesets: pushes, reading, groups and extended data."""

import json
from base64 import b64encode

import httpx
import pytest

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs import StorageRefusedError, StorageUnavailableError
from tests.hub.helpers.desk import Desk, Json, details_of, error_of, id_of, new_content
from tests.hub.helpers.statements import statements

UNKNOWN = "00000000-0000-4000-8000-000000000000"
MISSING = "0" * 39 + "a"


def encoded(value: object) -> str:
    """Write a value as extended data."""
    return b64encode(json.dumps(value).encode()).decode()


# Pushing.


def test_push(ada: Desk, imodel: str, briefcase: int) -> None:
    """Create, upload, confirm: responses omit properties that a later request returns."""
    information = {"taskId": "t", "changedFiles": ["a.dgn"]}
    created = ada.announce(imodel, briefcase, "", description="first", synchronizationInfo=information)
    assert (created["state"], created["index"], created["displayName"]) == ("waitingForFile", 1, "1")
    assert created["synchronizationInfo"] is None
    assert created["id"] in created["_links"]["upload"]["href"]
    ada.upload(created)
    confirmed = ada.client.patch(
        created["_links"]["complete"]["href"], json={"state": "fileUploaded", "briefcaseId": briefcase}
    ).json()["changeset"]
    assert (confirmed["state"], confirmed["parentId"]) == ("fileUploaded", "")
    nulls = ("namedVersion", "currentOrPrecedingCheckpoint", "download")
    assert {confirmed["_links"][name] for name in nulls} == {None}
    read = ada.get(imodel, "changesets", created["id"]).json()["changeset"]
    assert read["synchronizationInfo"] == information
    assert read["application"] == {"id": "ada-application", "name": "Ada's Application"}
    assert read["_links"]["currentOrPrecedingCheckpoint"]["href"].endswith("/changesets/0/checkpoint")
    assert httpx.get(read["_links"]["download"]["href"]).content == created["content"]
    assert ada.get(imodel).json()["iModel"]["lastChangesetPushDateTime"] == confirmed["pushDateTime"]


@pytest.mark.parametrize("error", [StorageUnavailableError(), StorageRefusedError(), PermissionError()], ids=repr)
def test_an_upload_that_cannot_be_deleted(
    ada: Desk, imodel: str, briefcase: int, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The changeset is confirmed nevertheless, and the response says so."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    changeset = ada.announce(imodel, briefcase, "")
    ada.upload(changeset)
    monkeypatch.setattr(type(ada.hub.blobs), "delete", refuse)
    assert ada.confirm(imodel, changeset).status_code == 200
    assert ada.get(imodel, "changesets", 1).json()["changeset"]["state"] == "fileUploaded"


def test_download_links_differ(ada: Desk, imodel: str, briefcase: int) -> None:
    """Each response has another link, which contains the changeset's id."""
    changeset = ada.push(imodel, briefcase)
    links = {ada.get(imodel, "changesets", 1).json()["changeset"]["_links"]["download"]["href"] for _ in range(3)}
    assert len(links) == 3
    assert all(changeset in link for link in links)


def test_parent_must_be_newest(ada: Desk, imodel: str, briefcase: int) -> None:
    """NewerChangesExist, ChangesetNotFound: a push begins on the newest changeset."""
    first = ada.push(imodel, briefcase)
    body = {"id": id_of(new_content()), "briefcaseId": briefcase, "fileSize": 1}
    for parent in ({}, {"parentId": ""}, {"parentId": None}):
        assert error_of(ada.post(imodel, "changesets", **body, **parent)) == (409, "NewerChangesExist")
    assert error_of(ada.post(imodel, "changesets", **body, parentId=MISSING)) == (404, "ChangesetNotFound")
    second = ada.push(imodel, briefcase, first)
    assert error_of(ada.post(imodel, "changesets", **body, parentId=first)) == (409, "NewerChangesExist")
    assert ada.get(imodel, "changesets", 2).json()["changeset"]["parentId"] == first
    assert ada.push(imodel, briefcase, second)


def test_changeset_exists(ada: Desk, imodel: str, briefcase: int) -> None:
    """ChangesetExists: a confirmed id cannot be used again, for both steps."""
    changeset = ada.announce(imodel, briefcase, "")
    ada.upload(changeset)
    assert ada.confirm(imodel, changeset).status_code == 200
    assert error_of(ada.confirm(imodel, changeset)) == (409, "ChangesetExists")
    body = {"id": changeset["id"], "briefcaseId": briefcase, "fileSize": 1, "parentId": changeset["id"]}
    assert error_of(ada.post(imodel, "changesets", **body)) == (409, "ChangesetExists")


def test_file_missing_or_of_wrong_size(ada: Desk, imodel: str, briefcase: int) -> None:
    """FileNotFound, DataConflict: the file must be there with the announced size."""
    changeset = ada.announce(imodel, briefcase, "")
    assert error_of(ada.confirm(imodel, changeset)) == (404, "FileNotFound")
    ada.upload({**changeset, "content": b"x"})
    assert error_of(ada.confirm(imodel, changeset)) == (409, "DataConflict")
    assert ada.get(imodel, "changesets").json()["changesets"] == []
    ada.upload(changeset)
    assert ada.confirm(imodel, changeset).status_code == 200


def test_late_upload_changes_nothing(ada: Desk, imodel: str, briefcase: int) -> None:
    """A later upload with the valid link does not change the confirmed file."""
    changeset = ada.announce(imodel, briefcase, "")
    ada.upload(changeset)
    ada.confirm(imodel, changeset)
    ada.upload({**changeset, "content": b"else"})
    link = ada.get(imodel, "changesets", 1).json()["changeset"]["_links"]["download"]["href"]
    assert httpx.get(link).content == changeset["content"]


def test_one_push_at_a_time(ada: Desk, grace: Desk, imodel: str, briefcase: int) -> None:
    """ConflictWithAnotherUser: while a push waits for its file, others wait for the push."""
    waiting = ada.announce(imodel, briefcase, "")
    other = grace.briefcase(imodel)
    response = grace.post(imodel, "changesets", id=MISSING, briefcaseId=other, fileSize=1)
    assert error_of(response) == (409, "ConflictWithAnotherUser")
    assert response.json()["error"]["message"] == "Another user is pushing a Changeset."
    ada.upload(waiting)
    stolen = grace.patch(imodel, "changesets", waiting["id"], state="fileUploaded", briefcaseId=other)
    assert error_of(stolen) == (409, "ConflictWithAnotherUser")
    assert ada.confirm(imodel, waiting).status_code == 200
    assert grace.push(imodel, other, waiting["id"])


def test_push_is_repeated_by_its_briefcase(ada: Desk, imodel: str, briefcase: int) -> None:
    """The same push may start again and keeps its index; another push of the same briefcase replaces it."""
    content = new_content()
    first = ada.announce(imodel, briefcase, "", content)
    again = ada.announce(imodel, briefcase, "", content, description="again")
    assert (again["index"], again["description"]) == (first["index"], "again")
    assert again["_links"]["upload"]["href"] != first["_links"]["upload"]["href"]
    ada.upload(first)
    other = ada.announce(imodel, briefcase, "")
    assert other["index"] > first["index"]
    assert error_of(ada.confirm(imodel, first)) == (404, "ChangesetNotFound")
    ada.upload(other)
    assert ada.confirm(imodel, other).status_code == 200
    assert [item["id"] for item in ada.get(imodel, "changesets").json()["changesets"]] == [other["id"]]


def test_each_changeset_is_read_once(ada: Desk, imodel: str, briefcase: int) -> None:
    """A push reads its own changeset, the pending and the newest one; if it is repeated, the first two are the same."""
    parent, content = ada.push(imodel, briefcase), new_content()
    for expected in (3, 2):
        with statements(ada.hub, "FROM changesets") as reads:
            ada.announce(imodel, briefcase, parent, content)
        assert len(reads) == expected


def test_stuck_push_expires(ada: Desk, grace: Desk, imodel: str, briefcase: int) -> None:
    """After a time, others can push; until then, the late file is accepted. Indexes are not reused."""
    stuck = ada.announce(imodel, briefcase, "")
    other = grace.briefcase(imodel)
    ada.wait(299)
    assert error_of(grace.post(imodel, "changesets", id=MISSING, briefcaseId=other, fileSize=1))[0] == 409
    ada.wait(2)
    ada.upload(stuck)
    assert ada.confirm(imodel, stuck).status_code == 200
    lost = ada.announce(imodel, briefcase, stuck["id"])
    ada.wait(301)
    pushed = grace.push(imodel, other, stuck["id"])
    assert error_of(ada.confirm(imodel, lost)) == (404, "ChangesetNotFound")
    indexes = [item["index"] for item in ada.get(imodel, "changesets").json()["changesets"]]
    assert indexes == [1, 3]
    assert ada.get(imodel, "changesets", 3).json()["changeset"]["id"] == pushed


def test_waiting_push_is_its_pushers_own(ada: Desk, grace: Desk, imodel: str, briefcase: int) -> None:
    """A changeset that waits for its file is in no list, and visible only to its author."""
    waiting = ada.announce(imodel, briefcase, "")
    assert ada.get(imodel, "changesets").json()["changesets"] == []
    own = ada.get(imodel, "changesets", waiting["id"]).json()["changeset"]
    assert (own["state"], own["_links"]["download"]) == ("waitingForFile", None)
    assert error_of(grace.get(imodel, "changesets", waiting["id"])) == (404, "ChangesetNotFound")
    assert error_of(grace.get(imodel, "changesets", 1)) == (404, "ChangesetNotFound")


def test_push_needs_a_briefcase(ada: Desk, imodel: str, briefcase: int) -> None:
    """BriefcaseNotFound: reported before problems of changesets, also for briefcase 0."""
    for wrong in (0, briefcase + 1):
        body = {"id": MISSING, "parentId": MISSING, "briefcaseId": wrong, "fileSize": 1}
        assert error_of(ada.post(imodel, "changesets", **body)) == (404, "BriefcaseNotFound")
        update = ada.patch(imodel, "changesets", MISSING, state="fileUploaded", briefcaseId=wrong)
        assert error_of(update) == (404, "BriefcaseNotFound")
    unknown = ada.post(UNKNOWN, "changesets", id=MISSING, briefcaseId=9, fileSize=1)
    assert error_of(unknown) == (404, "iModelNotFound")
    missing = ada.patch(imodel, "changesets", MISSING, state="fileUploaded", briefcaseId=briefcase)
    assert error_of(missing) == (404, "ChangesetNotFound")


def test_create_refusals(ada: Desk, imodel: str) -> None:
    """InvalidValue, MissingRequiredProperty: all problems of a push at once."""
    assert sorted(details_of(ada.post(imodel, "changesets"))) == [
        ("MissingRequiredProperty", "briefcaseId"),
        ("MissingRequiredProperty", "fileSize"),
        ("MissingRequiredProperty", "id"),
    ]
    body: Json = {"id": "xyz", "briefcaseId": "2", "fileSize": -1, "containingChanges": 128, "groupId": "g"}
    information: Json = {"taskId": None, "changedFiles": [], "more": 1}
    wrong = ada.post(imodel, "changesets", **body, synchronizationInfo=information, description=5, parentId=6)
    assert sorted(details_of(wrong)) == [
        ("InvalidValue", "briefcaseId"),
        ("InvalidValue", "containingChanges"),
        ("InvalidValue", "description"),
        ("InvalidValue", "fileSize"),
        ("InvalidValue", "groupId"),
        ("InvalidValue", "id"),
        ("InvalidValue", "parentId"),
        ("InvalidValue", "synchronizationInfo.changedFiles"),
        ("InvalidValue", "synchronizationInfo.more"),
        ("MissingRequiredProperty", "synchronizationInfo.taskId"),
    ]


def test_update_refusals(ada: Desk, imodel: str, briefcase: int) -> None:
    """InvalidValue: only one state can be set, with the documented message."""
    changeset = ada.announce(imodel, briefcase, "")
    wrong = ada.confirm(imodel, changeset, state="abc")
    assert details_of(wrong) == [("InvalidValue", "state")]
    expected = "Provided 'state' value is not valid. Should be set to 'fileUploaded'."
    assert wrong.json()["error"]["details"][0]["message"] == expected
    assert details_of(ada.patch(imodel, "changesets", changeset["id"])) == [
        ("MissingRequiredProperty", "state"),
        ("MissingRequiredProperty", "briefcaseId"),
    ]


class TestStep:
    """Indexes need not follow each other."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Set a step."""
        return HubSettings(index_step=10)

    def test_gaps(self, ada: Desk, imodel: str, briefcase: int) -> None:
        """Indexes grow by the step that is set."""
        ada.history(imodel, briefcase, 3)
        indexes = [item["index"] for item in ada.get(imodel, "changesets").json()["changesets"]]
        assert indexes == [10, 20, 30]


# Reading.


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("text", ["0", "2", "x", "F" * 40, "1" * 39, "1" * 40, "%00", "1%2F..", "-1", "%D9%A1"])
def test_not_found(ada: Desk, imodel: str, briefcase: int, text: str) -> None:
    """ChangesetNotFound: unknown and malformed ids and indexes, and the baseline, which is not a changeset."""
    ada.push(imodel, briefcase)
    assert error_of(ada.get(imodel, "changesets", text)) == (404, "ChangesetNotFound")
    update = ada.patch(imodel, "changesets", text, state="fileUploaded", briefcaseId=briefcase)
    assert error_of(update) == (404, "ChangesetNotFound")


@pytest.mark.thorough
def test_list_bounds(ada: Desk, imodel: str, briefcase: int) -> None:
    """The lower bound is excluded, the upper one included; the newest comes first on request."""
    ada.history(imodel, briefcase, 4)

    def indexes(**params: object) -> list[int]:
        return [item["index"] for item in ada.get(imodel, "changesets", **params).json()["changesets"]]

    assert indexes() == [1, 2, 3, 4]
    assert indexes(afterIndex=1, lastIndex=3) == [2, 3]
    assert indexes(afterIndex=9) == []
    assert indexes(_orderBy="index desc", _top=1) == [4]
    wrong = ada.get(imodel, "changesets", afterIndex="-1", lastIndex="x", _orderBy="index,index")
    assert {target for _, target in details_of(wrong)} == {"afterIndex", "lastIndex", "$orderBy"}


@pytest.mark.thorough
def test_full_list_tells_surroundings(ada: Desk, imodel: str, briefcase: int) -> None:
    """Full changesets in lists are those of single readings, but for the links to files."""
    ids = ada.history(imodel, briefcase, 3)
    ada.post(imodel, "namedversions", name="v", changesetId=ids[1])
    listed = ada.get_full(imodel, "changesets").json()["changesets"]
    single = [ada.get(imodel, "changesets", item).json()["changeset"] for item in ids]
    for item in (*listed, *single):
        assert item["_links"].pop("download")["href"]
    assert listed == single
    assert [item["_links"]["namedVersion"] is None for item in listed] == [True, False, True]
    minimal = ada.get(imodel, "changesets").json()["changesets"][0]
    assert set(minimal["_links"]) == {"self", "creator"}
    assert "application" not in minimal


# Groups.


def test_group_life(ada: Desk, imodel: str, briefcase: int) -> None:
    """ChangesetGroupIsClosed: an open group accepts changesets, a closed one neither these nor another closing."""
    group = ada.post(imodel, "changesetgroups", description="run").json()["changesetGroup"]
    assert (group["state"], group["description"]) == ("inProgress", "run")
    first = ada.push(imodel, briefcase, groupId=group["id"])
    assert ada.get(imodel, "changesets", 1).json()["changeset"]["groupId"] == group["id"]
    closed = ada.patch(imodel, "changesetgroups", group["id"], state="completed").json()["changesetGroup"]
    assert closed == {**group, "state": "completed"}
    again = ada.patch(imodel, "changesetgroups", group["id"], state="completed")
    assert error_of(again) == (409, "ChangesetGroupIsClosed")
    body = {"id": MISSING, "parentId": first, "briefcaseId": briefcase, "fileSize": 1}
    late = ada.post(imodel, "changesets", **body, groupId=group["id"])
    assert error_of(late) == (409, "ChangesetGroupIsClosed")
    unknown = ada.post(imodel, "changesets", **body, groupId=UNKNOWN)
    assert error_of(unknown) == (404, "ChangesetGroupNotFound")
    assert ada.get(imodel, "changesetgroups").json()["changesetGroups"] == [closed]


def test_group_times_out(ada: Desk, imodel: str, briefcase: int) -> None:
    """ChangesetGroupIsClosed: an open group is timed out at the age that is set."""
    group = ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]
    ada.wait(24 * 3600)
    assert ada.get(imodel, "changesetgroups", group).json()["changesetGroup"]["state"] == "timedOut"
    assert error_of(ada.patch(imodel, "changesetgroups", group, state="completed"))[1] == "ChangesetGroupIsClosed"
    late = ada.post(imodel, "changesets", id=MISSING, briefcaseId=briefcase, fileSize=1, groupId=group)
    assert error_of(late) == (409, "ChangesetGroupIsClosed")


def test_group_refusals(ada: Desk, imodel: str) -> None:
    """ChangesetGroupNotFound, InvalidValue: unknown groups, and states other than `completed`."""
    for text in (UNKNOWN, "x", "%2F"):
        assert error_of(ada.get(imodel, "changesetgroups", text)) == (404, "ChangesetGroupNotFound")
        update = ada.patch(imodel, "changesetgroups", text, state="completed")
        assert error_of(update) == (404, "ChangesetGroupNotFound")
    group = ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]
    wrong = ada.patch(imodel, "changesetgroups", group, state="abc")
    assert wrong.json()["error"]["message"] == "Cannot update Changeset Group."
    assert wrong.json()["error"]["details"] == [
        {
            "code": "InvalidValue",
            "message": "'abc' is not a valid 'state' value. Valid 'state' values are: 'completed'.",
            "target": "state",
        }
    ]
    assert details_of(ada.patch(imodel, "changesetgroups", group)) == [("MissingRequiredProperty", "state")]
    assert details_of(ada.post(imodel, "changesetgroups", description="d" * 256)) == [("InvalidValue", "description")]


def test_group_body_of_any_media_type(ada: Desk, imodel: str) -> None:
    """The page of this operation names no media type, so the body is JSON whatever it calls itself."""
    group = ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]
    options = {"content": b'{"state": "completed"}', "headers": {"Content-Type": "text/plain"}}
    assert ada.call("PATCH", imodel, "changesetgroups", group, **options).status_code == 200


# Extended data.


def test_extended_data(ada: Desk, imodel: str, briefcase: int) -> None:
    """ChangesetExtendedDataNotFound, ChangesetExtendedDataExists: data is set once, and read by id or index."""
    ids = ada.history(imodel, briefcase, 3)
    missing = ada.get(imodel, "changesets", 2, "extendeddata")
    assert error_of(missing) == (404, "ChangesetExtendedDataNotFound")
    assert missing.json()["error"]["message"] == "Requested Changeset Extended Data is not available."
    data = encoded({"a": "ä"})
    created = ada.post(imodel, "changesets", ids[1], "extendeddata", data=data)
    assert created.status_code == 201
    expected = {"changesetId": ids[1], "changesetIndex": 2, "data": data}
    assert created.json() == {"extendedData": expected}
    assert ada.get(imodel, "changesets", 2, "extendeddata").json() == {"extendedData": expected}
    again = ada.post(imodel, "changesets", 2, "extendeddata", data=data)
    assert error_of(again) == (409, "ChangesetExtendedDataExists")
    assert ada.get(imodel, "changesets/extendeddata").json()["extendedData"] == [expected]


def test_extended_data_is_the_pushers(ada: Desk, grace: Desk, imodel: str, briefcase: int) -> None:
    """InsufficientPermissions: only the author sets extended data, not even users who manage the iModel."""
    ada.push(imodel, briefcase)
    response = grace.post(imodel, "changesets", 1, "extendeddata", data=encoded({}))
    assert error_of(response) == (403, "InsufficientPermissions")


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("data", ["e30", "not base64!", "", encoded([1]), encoded(1), b64encode(b"{").decode(), 5])
def test_extended_data_refusals(ada: Desk, imodel: str, briefcase: int, data: object) -> None:
    """InvalidValue: data that is not base64 of a JSON object."""
    ada.push(imodel, briefcase)
    response = ada.post(imodel, "changesets", 1, "extendeddata", data=data)
    assert details_of(response)[0] == ("InvalidValue", "data")


def test_extended_data_limits(ada: Desk, imodel: str, briefcase: int) -> None:
    """RequestTooLarge, ChangesetNotFound: the base64 text has a limit, and the changeset must be there."""
    ada.push(imodel, briefcase)
    fits = encoded({"a": "x" * (153_600 - len('{"a": ""}'))})
    assert len(fits) == 204_800
    assert error_of(ada.post(imodel, "changesets", 0, "extendeddata", data=fits)) == (404, "ChangesetNotFound")
    assert ada.post(imodel, "changesets", 1, "extendeddata", data=fits).status_code == 201
    large = encoded({"a": "x" * 153_600})
    assert error_of(ada.post(imodel, "changesets", 1, "extendeddata", data=large)) == (413, "RequestTooLarge")
    assert details_of(ada.post(imodel, "changesets", 1, "extendeddata")) == [("MissingRequiredProperty", "data")]
    assert error_of(ada.get(imodel, "changesets", 7, "extendeddata")) == (404, "ChangesetNotFound")
