"""Responses with status 200 that do not conform to the API, and responses of a later version of it."""

import json
from typing import Any

import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from itwin_imodels.models import ContainingChanges
from tests.behaviour.helpers.control import HubControl

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
IMODEL_BODY: dict[str, Any] = {
    "id": IMODEL,
    "displayName": "Bridge",
    "name": "Bridge",
    "description": None,
    "state": "initialized",
    "iTwinId": "x",
    "createdDateTime": "2020-10-20T10:51:33.1700000Z",
    "lastChangesetPushDateTime": None,
    "dataCenterLocation": "East US",
    "isSecured": False,
    "extent": None,
    "containersEnabled": 0,
    "_links": {"creator": None},
}
CHANGESET_BODY: dict[str, Any] = {
    "id": "1" * 40,
    "displayName": "1",
    "description": None,
    "index": 1,
    "parentId": "",
    "creatorId": None,
    "pushDateTime": None,
    "state": "fileUploaded",
    "containingChanges": 0,
    "fileSize": 1,
    "briefcaseId": 2,
    "groupId": None,
    "_links": {},
}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """A body that lacks members."""
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<html>Please sign in</html>", "it is not JSON"),
        ("", "it is not JSON"),
        ("[]", "a JSON object was expected, not a list"),
        ("null", "a JSON object was expected, not null"),
        ("[" * 100_000, "it is not JSON"),
        ('{"iModel": {"id": "\\ud800"', "it is not JSON"),
        ("{}", "iModel is missing"),
        ('{"iModel": null}', "iModel must be an object, not null"),
        ('{"iModel": 5}', "iModel must be an object, not an integer"),
        (json.dumps({"iModel": without(IMODEL_BODY, "name", "displayName")}), "iModel.name is missing"),
        (json.dumps({"iModel": {**IMODEL_BODY, "state": None}}), "iModel.state must be a string, not null"),
        (json.dumps({"iModel": {**IMODEL_BODY, "name": 7}}), "iModel.name must be a string, not an integer"),
        (
            json.dumps({"iModel": {**IMODEL_BODY, "isSecured": "no"}}),
            "iModel.isSecured must be a Boolean, not a string",
        ),
        (
            json.dumps({"iModel": {**IMODEL_BODY, "createdDateTime": "soon"}}),
            "iModel.createdDateTime must be a time, not a string",
        ),
        (
            json.dumps({"iModel": {**IMODEL_BODY, "extent": {"southWest": {"latitude": 1}}}}),
            "iModel.extent.southWest.longitude is missing",
        ),
        (
            json.dumps({"iModel": {**IMODEL_BODY, "containersEnabled": True}}),
            "iModel.containersEnabled must be an integer",
        ),
        (
            json.dumps({"iModel": {**IMODEL_BODY, "extent": {"southWest": {"latitude": 99, "longitude": 0}}}}),
            "latitude",
        ),
        (json.dumps({"iModel": {**IMODEL_BODY, "containersEnabled": -1}}), "containersEnabled"),
    ],
)
def test_the_place_of_the_surprise_is_named(
    client: IModelsClient, control: HubControl, body: str, complaint: str
) -> None:
    """The error has the request, the entity and the place in the response; the request is not repeated."""
    control.answer(200, body)
    with pytest.raises(errors.UnexpectedResponse) as caught:
        client.imodels.get(IMODEL)
    error = caught.value
    assert complaint in str(error)
    assert str(error).startswith(f"imodels.get on iModel {IMODEL}: the response does not conform to the API:")
    assert (error.status, error.body) == (200, body[:500])
    assert len(control.requests) == 1


def test_a_surprise_in_a_list_is_named(client: IModelsClient, control: HubControl) -> None:
    """The error has the place in the list."""
    control.answer(200, {"changesets": [CHANGESET_BODY, {**CHANGESET_BODY, "index": "2"}], "_links": {}})
    with pytest.raises(errors.UnexpectedResponse, match=r"changesets\[1\]\.index must be an integer, not a string"):
        client.changesets.list(IMODEL).all()


def test_a_surprise_shows_no_secrets(client: IModelsClient, control: HubControl) -> None:
    """The excerpt of the response contains no credentials and no signatures."""
    control.answer(200, '{"iModel": "Bearer ada-token https://x.example/y?sv=1&sig=abc"}')
    with pytest.raises(errors.UnexpectedResponse) as caught:
        client.imodels.get(IMODEL)
    assert "ada-token" not in f"{caught.value} {caught.value.body}"
    assert "sig=" not in f"{caught.value} {caught.value.body}"


@pytest.mark.parametrize("location", [None, "https://api.bentley.com/other/7", "https://api.bentley.com/imodels/"])
def test_a_copy_without_a_name_is_a_surprise(client: IModelsClient, control: HubControl, location: str | None) -> None:
    """The id of the new iModel is only in a header."""
    control.answer(202, {}, headers={"location": location} if location else {})
    with pytest.raises(errors.UnexpectedResponse, match="Location header does not contain the id of an iModel"):
        client.imodels.clone(IMODEL, "x", name="B")


def test_what_is_new_passes_through(client: IModelsClient, control: HubControl) -> None:
    """Unknown members are kept, unknown values stay text, unknown flags stay set."""
    body = {**CHANGESET_BODY, "state": "archived", "containingChanges": 1024 + 2, "weight": {"kg": 7}}
    control.answer(200, {"changeset": body})
    changeset = client.changesets.get(IMODEL, 1)
    assert (changeset.state, dict(changeset.extra)) == ("archived", {"weight": {"kg": 7}})
    assert changeset.containing_changes == 1026
    assert ContainingChanges.DEFINITION in changeset.containing_changes
    control.answer(200, {"iModel": {**IMODEL_BODY, "state": "frozen", "containersEnabled": 64, "owner": None}})
    imodel = client.imodels.get(IMODEL)
    assert (imodel.state, imodel.containers_enabled, dict(imodel.extra)) == ("frozen", 64, {"owner": None})
    locked = [{"lockLevel": "mine", "objectIds": ["0x1"]}]
    control.answer(200, {"locks": [{"briefcaseId": 2, "lockedObjects": locked}], "_links": {}})
    (lock,) = client.locks.list(IMODEL)
    assert dict(lock.objects) == {"mine": ("0x1",)}
    control.answer(200, {"permissions": ["imodels_read", "imodels_dream"]})
    assert client.permissions.get(IMODEL) == ("imodels_read", "imodels_dream")
    link = {"href": "https://x.example/y?sig=abc", "storageType": "moon"}
    control.answer(200, {"changeset": {**CHANGESET_BODY, "_links": {"download": link}}})
    download = client.changesets.get(IMODEL, 1).download
    assert download is not None
    assert (download.storage_type, "sig=" in repr(download)) == ("moon", False)


def test_what_may_be_missing_is_none(client: IModelsClient, control: HubControl) -> None:
    """Members that are no more than nice to have may be left out or null."""
    needed = ("id", "name", "state", "iTwinId", "createdDateTime")
    control.answer(200, {"iModel": {name: IMODEL_BODY[name] for name in needed}})
    imodel = client.imodels.get(IMODEL)
    assert (imodel.display_name, imodel.description, imodel.extent, imodel.creator_id) == ("Bridge", None, None, None)
    control.answer(200, {"changeset": CHANGESET_BODY})
    changeset = client.changesets.get(IMODEL, 1)
    assert (changeset.download, changeset.named_version_id, changeset.application) == (None, None, None)
    assert client.users.get_creator(changeset) is None
    assert client.checkpoints.get_for_changeset(changeset) is None
    control.answer(200, {"changesets": [], "_links": {"next": None}})
    assert client.changesets.list(IMODEL).all() == []


@pytest.mark.parametrize(
    "body", ["{}", "null", '{"error": {"code": "x"}}', '{"changesets": [], "_links": {"next": 5}}']
)
def test_nothing_is_never_read_out_of_another_answer(client: IModelsClient, control: HubControl, body: str) -> None:
    """It is not read as an empty list or an empty timeline, and no list ends early."""
    reads: list[Any] = [
        lambda: client.changesets.list(IMODEL).all(),
        lambda: client.changesets.list(IMODEL, concurrency=4).all(),
        lambda: client.changesets.latest(IMODEL),
        lambda: client.locks.list(IMODEL).all(),
        lambda: client.changeset_at(IMODEL, latest=True),
        lambda: client.permissions.get(IMODEL),
        lambda: client.locks.release_chunk(IMODEL, 2),
        lambda: client.imodels.delete(IMODEL),
    ]
    for read in reads:
        control.answer(200, body)
        with pytest.raises(errors.UnexpectedResponse, match="the response does not conform to the API"):
            read()
    page = {"changesets": [CHANGESET_BODY], "_links": {"next": {"href": f"{IMODEL}/changesets?$skip=1"}}}
    control.answer(200, page)
    control.answer(200, body)
    with pytest.raises(errors.UnexpectedResponse, match=r"changesets\.list on iModel"):
        client.changesets.list(IMODEL, concurrency=1).all()


@pytest.mark.parametrize("data", ["%%%", "WzFd", "e30=x", "/w=="])
def test_extended_data_of_another_kind_is_a_surprise(client: IModelsClient, control: HubControl, data: str) -> None:
    """The data is neither base64 nor a JSON object."""
    control.answer(200, {"extendedData": {"changesetId": "1" * 40, "changesetIndex": 1, "data": data}})
    with pytest.raises(errors.UnexpectedResponse, match="data is not"):
        client.changeset_extended_data.get(IMODEL, 1)


@pytest.mark.parametrize("data", ["eyJub3RlIjoiXHVkODNkIn0=", "eyJub3RlIjoi\r\nXHVkODNkIn0=\n"])
def test_extended_data_of_other_programs_is_read(client: IModelsClient, control: HubControl, data: str) -> None:
    """Tools break the lines of base64, and JavaScript sends half an emoji at the end of a shortened string."""
    control.answer(200, {"extendedData": {"changesetId": "1" * 40, "changesetIndex": 1, "data": data}})
    assert client.changeset_extended_data.get(IMODEL, 1).data == {"note": "\ufffd"}


def test_a_body_in_a_broken_encoding_is_a_surprise(client: IModelsClient, control: HubControl) -> None:
    """The header announces a compression that the body lacks."""
    control.answer(200, "{}", headers={"content-encoding": "gzip"}, times=9)
    with pytest.raises(errors.UnexpectedResponse, match=f"imodels.get failed on iModel {IMODEL}"):
        client.with_options(retry=RetryPolicy.never()).imodels.get(IMODEL)
