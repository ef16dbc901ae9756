"""iModels: lists, creation, reading, updates, deletion, and states of creation."""

from pathlib import Path

import pytest

from tests.hub.helpers.authoring import Author
from tests.hub.helpers.desk import FULL, Desk, details_of, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"
MALFORMED = ("x", "%2e%2e", "a%2Fb", "%00", "5e19bee0", "1" * 300, "%ff%fe", "%F0%9F%8F%97", "null", " ")


def test_create_answers_all_members(ada: Desk, itwin: str) -> None:
    """A new iModel has what was sent and explicit nulls for the rest."""
    body = ada.call("POST", json={"iTwinId": itwin, "name": "A"}).json()["iModel"]
    assert body["displayName"] == body["name"] == "A"
    assert body["description"] is body["extent"] is body["lastChangesetPushDateTime"] is None
    assert (body["state"], body["isSecured"], body["containersEnabled"]) == ("initialized", False, 0)
    assert body["_links"]["upload"] is body["_links"]["complete"] is None


def test_create_keeps_what_was_sent(ada: Desk, itwin: str) -> None:
    """Description, extent (corners as given) and containers are kept."""
    extent = {
        "southWest": {"latitude": 80, "longitude": 170},
        "northEast": {"latitude": -80.5, "longitude": -170},
    }
    imodel = ada.imodel(itwin, description="d", extent=extent, containersEnabled=5)
    body = ada.get(imodel).json()["iModel"]
    assert (body["description"], body["extent"], body["containersEnabled"]) == ("d", extent, 5)


def test_trailing_slash(ada: Desk, itwin: str) -> None:
    """List and create work with a slash at the end, as the documentation writes them."""
    assert ada.call("POST", "", json={"iTwinId": itwin, "name": "A"}).status_code == 201
    page = ada.get("", iTwinId=itwin).json()
    assert [item["displayName"] for item in page["iModels"]] == ["A"]
    assert "/imodels?iTwinId=" in page["_links"]["self"]["href"]


def test_create_itwin_not_found(ada: Desk) -> None:
    """iTwinNotFound: creating in an iTwin that is not there."""
    assert error_of(ada.call("POST", json={"iTwinId": UNKNOWN, "name": "A"})) == (404, "iTwinNotFound")


def test_create_imodel_exists(ada: Desk, itwin: str, imodel: str) -> None:
    """iModelExists: names are unique in an iTwin, and in an iTwin only."""
    assert error_of(ada.call("POST", json={"iTwinId": itwin, "name": "Model"})) == (409, "iModelExists")
    assert ada.imodel(ada.itwin("Other"), "Model") != imodel


def test_create_reports_all_problems(ada: Desk) -> None:
    """InvalidValue, MissingRequiredProperty: every problem of a body is reported."""
    response = ada.call("POST", json={"name": " ", "description": "d" * 256, "extent": {}, "more": 1, "template": {}})
    assert set(details_of(response)) == {
        ("MissingRequiredProperty", "iTwinId"),
        ("InvalidValue", "name"),
        ("InvalidValue", "description"),
        ("MissingRequiredProperty", "extent"),
        ("InvalidValue", "more"),
        ("MissingRequiredProperty", "template.iModelId"),
    }
    messages = {detail["target"]: detail["message"] for detail in response.json()["error"]["details"]}
    assert response.json()["error"]["message"] == "Cannot create iModel."
    expected = "Provided 'description' value is not valid. The value exceeds allowed 255 characters."
    assert messages["description"] == expected


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"iTwinId": "toto", "name": "A"}, ("InvalidValue", "iTwinId")),
        ({"iTwinId": 5, "name": "A"}, ("InvalidValue", "iTwinId")),
        ({"name": ["A"]}, ("InvalidValue", "name")),
        ({"name": "a\x00b"}, ("InvalidValue", "name")),
        ({"name": None}, ("MissingRequiredProperty", "name")),
        ({"name": "A", "containersEnabled": "1"}, ("InvalidValue", "containersEnabled")),
        ({"name": "A", "containersEnabled": 2**40}, ("InvalidValue", "containersEnabled")),
        ({"name": "A", "containersEnabled": True}, ("InvalidValue", "containersEnabled")),
        ({"name": "A", "creationMode": "magic"}, ("InvalidValue", "creationMode")),
        ({"name": "A", "creationMode": "fromBaseline"}, ("MissingRequiredProperty", "baselineFile")),
        ({"name": "A", "creationMode": "fromiModelVersion"}, ("MissingRequiredProperty", "template")),
        ({"name": "A", "baselineFile": {"size": 0}}, ("InvalidValue", "baselineFile.size")),
        ({"name": "A", "baselineFile": {"size": 2**70}}, ("InvalidValue", "baselineFile.size")),
        ({"name": "A", "template": 3}, ("InvalidValue", "template")),
        (
            {"name": "A", "extent": {"southWest": {"latitude": 91, "longitude": 0}, "northEast": 7}},
            ("InvalidValue", "extent"),
        ),
        ({"name": "A", "geographicCoordinateSystem": {"horizontalCRSId": "EPSG:3857"}}, ("InvalidValue", None)),
    ],
)
def test_create_bad_values(ada: Desk, body: dict[str, object], problem: tuple[str, str | None]) -> None:
    """InvalidValue, MissingRequiredProperty: values of the wrong type are rejected together with other problems."""
    found = details_of(ada.call("POST", json=body))
    assert problem in found or (problem[1] is None and ("InvalidValue", "geographicCoordinateSystem") in found)


def test_create_mutually_exclusive(ada: Desk, itwin: str, imodel: str) -> None:
    """MutuallyExclusivePropertiesProvided: a template, a baseline file and a mode must not contradict each other."""
    both = {"iTwinId": itwin, "name": "A", "template": {"iModelId": imodel}, "baselineFile": {"size": 1}}
    assert details_of(ada.call("POST", json=both)) == [("MutuallyExclusivePropertiesProvided", None)]
    mixed = {"iTwinId": itwin, "name": "A", "creationMode": "empty", "baselineFile": {"size": 1}}
    assert details_of(ada.call("POST", json=mixed)) == [("MutuallyExclusivePropertiesProvided", None)]


def test_get_not_found(ada: Desk) -> None:
    """iModelNotFound: unknown and malformed ids, the latter with all that can be written in a path."""
    for text in (UNKNOWN, *MALFORMED):
        response = ada.get(text)
        assert error_of(response) == (404, "iModelNotFound"), text
        assert response.json()["error"]["message"] == "Requested iModel is not available."


def test_get_takes_upper_case(ada: Desk, imodel: str) -> None:
    """Ids are found whatever the case of their letters."""
    assert ada.get(imodel.upper()).json()["iModel"]["id"] == imodel


def test_list_filters(ada: Desk, itwin: str) -> None:
    """Name is exact; the search looks for parts of name or description and ignores case, signs included."""
    for name, description in (("Milestone 1", None), ("ÄÖ 100%", "for search"), ("under_score", "x")):
        ada.imodel(itwin, name, description=description)

    def names(**params: str) -> list[str]:
        return [item["name"] for item in ada.get_full(iTwinId=itwin, **params).json()["iModels"]]

    assert names(_search="STONE 1") == ["Milestone 1"]
    assert names(_search="for Sear") == ["ÄÖ 100%"]
    assert names(_search="äö") == ["ÄÖ 100%"]
    assert names(_search="0%") == ["ÄÖ 100%"]
    assert names(_search="r_s") == ["under_score"]
    assert names(_search="%") == ["ÄÖ 100%"]
    assert names(name="milestone 1") == []
    assert names(name="Milestone 1") == ["Milestone 1"]
    assert names(state="notInitialized") == []
    assert len(names(state="initialized")) == 3


def test_list_order(ada: Desk, itwin: str) -> None:
    """Lists are sorted by several properties, in both directions."""
    for name in ("b", "a", "c"):
        ada.imodel(itwin, name)

    def names(order: str) -> list[str]:
        return [item["displayName"] for item in ada.get(iTwinId=itwin, _orderBy=order).json()["iModels"]]

    assert names("name") == names("name asc") == ["a", "b", "c"]
    assert names("name desc") == ["c", "b", "a"]
    assert names("createdDateTime") == ["b", "a", "c"]
    assert names("name desc,createdDateTime asc") == ["c", "b", "a"]


def test_list_refusals(ada: Desk, itwin: str) -> None:
    """InvalidValue, MissingRequiredParameter, MutuallyExclusiveParametersProvided: all problems are listed."""
    assert details_of(ada.get()) == [("MissingRequiredParameter", "iTwinId")]
    assert details_of(ada.get(iTwinId="toto")) == [("InvalidValue", "iTwinId")]
    assert error_of(ada.get(iTwinId=UNKNOWN)) == (404, "iTwinNotFound")
    both = ada.get(iTwinId=itwin, name="a", _search="b")
    assert details_of(both) == [("MutuallyExclusiveParametersProvided", None)]
    several = ada.get(iTwinId=itwin, name="", _search=" ", state="on", _orderBy="size", _skip="-1", _top="1001", x="1")
    assert {target for code, target in details_of(several) if code == "InvalidValue"} == {
        "name",
        "$search",
        "state",
        "$orderBy",
        "$skip",
        "$top",
        "x",
    }
    details = {item.get("target"): item["message"] for item in several.json()["error"]["details"]}
    assert details["$skip"] == "'-1' is not a valid '$skip' value. '$skip' must be a non-negative integer."
    assert details_of(ada.call("GET", params=[("iTwinId", itwin), ("$top", "1"), ("$top", "2")])) == [
        ("InvalidValue", "$top")
    ]


def test_list_minimal_is_default(ada: Desk, itwin: str, imodel: str) -> None:
    """Prefer chooses the form of lists, also among other preferences; without it entities are minimal."""
    assert ada.get(iTwinId=itwin).json()["iModels"] == [{"id": imodel, "displayName": "Model"}]
    full = ada.call("GET", params={"iTwinId": itwin}, headers=FULL).json()["iModels"]
    assert full == [ada.get(imodel).json()["iModel"]]


def test_update_is_partial(ada: Desk, itwin: str) -> None:
    """Omitted properties are unchanged; null clears the description."""
    imodel = ada.imodel(itwin, description="d")
    assert ada.patch(imodel, name="New").json()["iModel"]["description"] == "d"
    assert ada.patch(imodel, description=None).json()["iModel"]["name"] == "New"
    assert ada.get(imodel).json()["iModel"]["description"] is None
    assert ada.get(iTwinId=itwin, _search="new").json()["iModels"]


def test_update_refusals(ada: Desk, itwin: str, imodel: str) -> None:
    """iModelExists, InvalidValue, MissingRequiredProperty: a name that is taken, a blank name, an empty body."""
    other = ada.imodel(itwin, "Other")
    assert error_of(ada.patch(other, name="Model")) == (409, "iModelExists")
    assert ada.patch(imodel, name="Model").status_code == 200
    assert details_of(ada.patch(imodel, name="")) == [("InvalidValue", "name")]
    assert details_of(ada.patch(imodel, containersEnabled=1))[0] == ("InvalidValue", "containersEnabled")
    assert details_of(ada.patch(imodel)) == [("MissingRequiredProperty", "name")]


def test_delete(ada: Desk, itwin: str, imodel: str, briefcase: int) -> None:
    """A deleted iModel is removed with its files; its name can be used again."""
    ada.push(imodel, briefcase)
    assert ada.delete(imodel).status_code == 204
    assert error_of(ada.get(imodel)) == (404, "iModelNotFound")
    assert error_of(ada.delete(imodel)) == (404, "iModelNotFound")
    assert ada.imodel(itwin) != imodel
    assert ada.hub.blobs.names(f"imodel-{imodel}/") == []


def test_empty_mode_takes_its_time(ada: Desk, itwin: str) -> None:
    """iModelNotInitialized: with a creation mode, an iModel is initialized in the background."""
    body = {"iTwinId": itwin, "name": "A", "creationMode": "empty"}
    system = {"geographicCoordinateSystem": {"horizontalCRSId": "EPSG:3857"}}
    imodel = ada.call("POST", json={**body, **system}).json()["iModel"]["id"]
    assert ada.get(imodel, "operations/create").json()["createOperation"]["state"] == "scheduled"
    assert error_of(ada.post(imodel, "briefcases")) == (409, "iModelNotInitialized")
    assert error_of(ada.patch(imodel, name="B")) == (409, "iModelNotInitialized")
    ada.wait(1)
    assert ada.get(imodel, "operations/create").json() == {
        "createOperation": {"state": "successful", "clonedFrom": None, "forkedFrom": None}
    }
    assert ada.get(imodel).json()["iModel"]["state"] == "initialized"
    assert ada.get(imodel, "baselinefile").json()["baselineFile"]["state"] == "initialized"


def test_jobs_are_done_without_requests(ada: Desk, itwin: str) -> None:
    """Background work does not depend on requests."""
    imodel = ada.imodel(itwin, creationMode="empty")
    ada.wait(1)
    blob = f"imodel-{imodel}/baseline/{imodel}.bim"
    deadline = ada.hub.clock.now().timestamp() + 10
    while ada.hub.blobs.size(blob) is None:
        assert ada.hub.clock.now().timestamp() < deadline


def test_other_spelling_of_mode(ada: Desk, itwin: str, imodel: str) -> None:
    """The spelling that the vendor's client declares is accepted, too."""
    body = {"iTwinId": itwin, "name": "A", "creationMode": "fromIModelVersion", "template": {"iModelId": imodel}}
    assert ada.call("POST", json=body).status_code == 201


def test_template(ada: Desk, itwin: str, imodel: str, briefcase: int, tmp_path: Path) -> None:
    """A template provides its baseline and no history; it must exist."""
    (first,) = Author(ada, tmp_path).at(imodel, briefcase).new_tables(1)
    made = ada.imodel(itwin, "From template", template={"iModelId": imodel, "changesetId": first})
    ada.wait(1)
    assert ada.get(made).json()["iModel"]["state"] == "initialized"
    assert ada.get(made, "changesets").json()["changesets"] == []
    wrong = {"iTwinId": itwin, "name": "B", "template": {"iModelId": UNKNOWN}}
    assert error_of(ada.call("POST", json=wrong)) == (404, "iModelNotFound")
    wrong = {"iTwinId": itwin, "name": "B", "template": {"iModelId": imodel, "changesetId": "0" * 40}}
    assert error_of(ada.call("POST", json=wrong)) == (404, "ChangesetNotFound")
