"""Responses about an entity other than the requested one, as a cache may send them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient, errors
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.driving import client_class
from tests.facade.test_unexpected_answers import CHANGESET_BODY, IMODEL, IMODEL_BODY

OTHER = "00000000-0000-0000-0000-000000000001"
FIRST, SECOND = "1" * 40, "a" * 40
GROUP = {"id": OTHER, "state": "completed", "createdDateTime": "2024-02-01T11:13:36Z", "_links": {}}
NAMED_VERSION = {
    "id": OTHER,
    "displayName": "v1",
    "name": "v1",
    "description": None,
    "changesetId": FIRST,
    "changesetIndex": 1,
    "createdDateTime": "2024-02-01T11:13:36Z",
    "state": "visible",
    "application": None,
    "_links": {},
}
BRIEFCASE = {
    "id": "3",
    "displayName": "Laptop",
    "briefcaseId": 3,
    "ownerId": "1",
    "acquiredDateTime": "2024-02-01T11:13:36Z",
    "fileSize": 1,
    "deviceName": "Laptop",
    "application": None,
    "_links": {},
}
EXTENDED = {"changesetId": FIRST, "changesetIndex": 1, "data": "e30="}
USER = {"id": OTHER, "displayName": "x", "givenName": "x", "surname": "y", "email": "z", "_links": {}}
SHARE = {
    "id": OTHER,
    "name": "x",
    "sharedKey": "k",
    "shareKey": "k",
    "permission": "imodels_webview",
    "expiresAt": "2034-02-01T11:13:36Z",
}
ITWIN = {"id": OTHER, "class": "Endeavor", "subClass": "Project", "displayName": "x", "status": "Active"}

CASES: list[tuple[dict[str, Any], Callable[[IModelsClient], object]]] = [
    ({"iModel": {**IMODEL_BODY, "id": OTHER}}, lambda client: client.imodels.get(IMODEL)),
    ({"iModel": {**IMODEL_BODY, "id": OTHER}}, lambda client: client.imodels.update(IMODEL, name="x")),
    ({"changeset": CHANGESET_BODY}, lambda client: client.changesets.get(IMODEL, 2)),
    ({"changeset": CHANGESET_BODY}, lambda client: client.changesets.get(IMODEL, SECOND)),
    ({"changeset": CHANGESET_BODY}, lambda client: client.changesets.confirm(IMODEL, SECOND, briefcase_id=2)),
    (
        {"changeset": {**CHANGESET_BODY, "state": "waitingForFile"}},
        lambda client: client.changesets.create(
            IMODEL, changeset_id=SECOND, parent_id=None, briefcase_id=2, file_size=1
        ),
    ),
    ({"extendedData": EXTENDED}, lambda client: client.changeset_extended_data.get(IMODEL, 2)),
    ({"extendedData": EXTENDED}, lambda client: client.changeset_extended_data.get(IMODEL, SECOND)),
    ({"extendedData": EXTENDED}, lambda client: client.changeset_extended_data.create(IMODEL, 2, {"a": 1})),
    ({"changesetGroup": GROUP}, lambda client: client.changeset_groups.get(IMODEL, IMODEL)),
    ({"changesetGroup": GROUP}, lambda client: client.changeset_groups.close(IMODEL, IMODEL)),
    ({"briefcase": BRIEFCASE}, lambda client: client.briefcases.get(IMODEL, 2)),
    (
        {"lock": {"briefcaseId": 3, "lockedObjects": []}},
        lambda client: client.locks.update(IMODEL, 2, exclusive=["0x1"]),
    ),
    ({"namedVersion": NAMED_VERSION}, lambda client: client.named_versions.get(IMODEL, IMODEL)),
    ({"namedVersion": NAMED_VERSION}, lambda client: client.named_versions.update(IMODEL, IMODEL, name="v2")),
    (
        {"checkpoint": {"changesetIndex": 3, "changesetId": FIRST, "state": "successful"}},
        lambda client: client.checkpoints.get(IMODEL, 0),
    ),
    (
        {"checkpoint": {"changesetIndex": 1, "changesetId": FIRST, "state": "successful"}},
        lambda client: client.checkpoints.get(IMODEL, SECOND),
    ),
    (
        {"iModels": [IMODEL_BODY], "_links": {}},
        lambda client: client.imodels.get_by_name(IMODEL_BODY["iTwinId"], "Tunnel"),
    ),
    ({"iModels": [IMODEL_BODY], "_links": {}}, lambda client: client.favorites.list(OTHER).all()),
    ({"iModels": [IMODEL_BODY], "_links": {}}, lambda client: client.recents.list(OTHER).all()),
    ({"iModels": [IMODEL_BODY], "_links": {}}, lambda client: client.imodels.list(OTHER).all()),
    ({"namedVersions": [NAMED_VERSION], "_links": {}}, lambda client: client.named_versions.get_by_name(IMODEL, "v2")),
    (
        {"locks": [{"briefcaseId": 3, "lockedObjects": []}], "_links": {}},
        lambda client: client.locks.list(IMODEL, briefcase_id=2).all(),
    ),
    (
        {"locks": [{"briefcaseId": 3, "lockedObjects": []}], "_links": {}},
        lambda client: client.acquire_locks(IMODEL, 2, shared=[hex(number) for number in range(1, 1500)]),
    ),
    ({"user": USER}, lambda client: client.users.get(IMODEL, IMODEL)),
    ({"share": SHARE}, lambda client: client.shares.get(IMODEL, IMODEL)),
    ({"share": SHARE}, lambda client: client.shares.update(IMODEL, IMODEL, expires_at="2035-01-01")),
]


@pytest.mark.parametrize(
    ("body", "call"), CASES, ids=[f"{number} {next(iter(body))}" for number, (body, _) in enumerate(CASES)]
)
def test_another_entity_than_asked_for_is_rejected(
    client: IModelsClient, control: HubControl, body: dict[str, Any], call: Callable[[IModelsClient], object]
) -> None:
    """The response is complete and valid, but about another entity."""
    control.answer(200, body)
    with pytest.raises(errors.UnexpectedResponse, match=r"is not the requested entity: \w+ is "):
        call(client)


def test_another_itwin_is_rejected(colour: str, portal: BlockingPortal) -> None:
    """The iTwins API follows the same rule."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"iTwin": ITWIN}))
    with (
        client_class(colour, portal)("x", transport=transport) as client,
        pytest.raises(
            errors.UnexpectedResponse, match=f"iTwin is not the requested entity: id is {OTHER}, not {IMODEL}"
        ),
    ):
        client.itwins.get(IMODEL)


def test_an_itwin_of_another_name_is_rejected(colour: str, portal: BlockingPortal) -> None:
    """The response contains the first of all iTwins, as after a proxy dropped the query."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"iTwins": [ITWIN], "_links": {}}))
    with (
        client_class(colour, portal)("x", transport=transport) as client,
        pytest.raises(errors.UnexpectedResponse, match=r"iTwins\[0\] is not the requested entity"),
    ):
        client.itwins.get_by_name("y")


def test_a_confirmation_without_effect_is_rejected(client: IModelsClient, control: HubControl) -> None:
    """A changeset that still waits for its file is not in the timeline."""
    control.answer(200, {"changeset": {**CHANGESET_BODY, "state": "waitingForFile"}})
    with pytest.raises(errors.UnexpectedResponse, match="still in state waitingForFile, although it was confirmed"):
        client.changesets.confirm(IMODEL, FIRST, briefcase_id=2)


def test_case_makes_no_other_entity(client: IModelsClient, control: HubControl) -> None:
    """The service may spell ids differently."""
    control.answer(200, {"iModel": {**IMODEL_BODY, "id": IMODEL.upper()}})
    assert client.imodels.get(IMODEL).id == IMODEL.upper()
    control.answer(200, {"changeset": {**CHANGESET_BODY, "id": SECOND}})
    assert client.changesets.get(IMODEL, SECOND.upper()).id == SECOND
