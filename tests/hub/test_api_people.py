"""Callers, users, permissions, shares, favorites, recents and thumbnails."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from attrs import evolve
from PIL import Image

from itwin_imodels_hub.api.routes import OPERATIONS
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.identity import DEMO_USERS, NewUser
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store.itwins import set_member
from itwin_imodels_hub.store.members import add_role, set_roles
from itwin_imodels_hub.store.records import RoleRecord
from itwin_imodels_hub.store.users import user_by_name
from tests.hub.conftest import AddUser
from tests.hub.helpers.desk import Desk, details_of, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"
ROLE = "11111111-0000-4000-8000-000000000000"
OTHER_ROLE = "22222222-0000-4000-8000-000000000000"


def user_id(desk: Desk, imodel: str) -> str:
    """Find out the id of a caller who sees an iModel."""
    name = desk.client.headers["authorization"].removeprefix("Bearer ").removesuffix("-token")
    users = desk.get(imodel, "users").json()["users"]
    return str(next(user["id"] for user in users if user["displayName"].startswith(f"{name}.")))


@pytest.fixture
def viewer(add_user: AddUser) -> Desk:
    """Add a user who may look at everything."""
    rights = frozenset({Permission.WEBVIEW.value})
    return add_user(NewUser(name="vera", token="vera-token", given_name="Vera", surname="Adams", permissions=rights))  # noqa: S106 - of a test


@pytest.fixture
def writer(add_user: AddUser) -> Desk:
    """Add a user who may write everything, which includes reading."""
    rights = frozenset({Permission.WRITE.value})
    return add_user(NewUser(name="walt", token="walt-token", given_name="Walt", surname="Zeman", permissions=rights))  # noqa: S106 - of a test


@pytest.fixture
def stranger(add_user: AddUser) -> Desk:
    """Add a user without permissions."""
    return add_user(NewUser(name="stan", token="stan-token", given_name="Stan", surname="Moe", permissions=frozenset()))  # noqa: S106 - of a test


# Callers.


def test_header_not_found(open_desk: Any, imodel: str) -> None:
    """HeaderNotFound: every operation wants a token, whatever else is wrong."""
    nobody = open_desk("")
    for operation in OPERATIONS:
        template = "/".join(operation.path)
        path = template.replace("{id}", imodel).replace("{changeset}", "1").replace("{briefcaseId}", "2")
        response = nobody.call(operation.method, path, json={"x": 1})
        assert error_of(response) == (401, "HeaderNotFound"), path
        expected = "Header Authorization was not found in the request. Access denied."
        assert response.json()["error"]["message"] == expected


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic eDp5", "x", "Bearer ada-token x", "Digest a", "\xff"])
def test_unauthorized(open_desk: Any, imodel: str, header: str) -> None:
    """Unauthorized: unknown and malformed tokens."""
    desk = open_desk("")
    desk.client.headers = httpx.Headers([(b"Authorization", header.encode("latin-1"))])
    response = desk.get(imodel)
    assert error_of(response) == (401, "Unauthorized")
    assert response.json()["error"]["message"].startswith("Access denied due to invalid access_token. Make sure")


def test_client_credentials(hub: Any, ada: Desk, open_desk: Any, imodel: str) -> None:
    """Unauthorized: the token endpoint issues tokens of limited lifetime for the user of the application."""
    address = f"{ada.client.base_url}/connect/token"
    form = {"grant_type": "client_credentials", "scope": "itwin-platform"}
    secret = (DEMO_USERS[0].application_id, DEMO_USERS[0].secret)
    body = httpx.post(address, data=form, auth=secret).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    posted = {"client_id": secret[0], "client_secret": secret[1]}
    assert httpx.post(address, data={**form, **posted}).json()["access_token"] != body["access_token"]
    desk = open_desk(f"Bearer {body['access_token']}")
    assert desk.get(imodel).status_code == 200
    hub.clock.advance(timedelta(seconds=3600))
    assert error_of(desk.get(imodel)) == (401, "Unauthorized")


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "password", "client_id": "ada-application"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        (
            {"grant_type": "client_credentials", "client_id": "ada-application", "client_secret": "x"},
            401,
            "invalid_client",
        ),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "x"}, 400, "invalid_client"),
    ],
)
def test_token_refused(ada: Desk, form: dict[str, str], status: int, code: str) -> None:
    """The errors of the token endpoint are those of OAuth."""
    response = httpx.post(f"{ada.client.base_url}/connect/token", data=form)
    assert (response.status_code, response.json()["error"]) == (status, code)


def test_itwins(ada: Desk, stranger: Desk, itwin: str) -> None:
    """The list of iTwins is by exact name, for those who may do something in them."""
    ada.wait(1)
    ada.itwin("Other")

    def names(desk: Desk, **params: str) -> list[str]:
        return [item["displayName"] for item in desk.client.get("/itwins", params=params).json()["iTwins"]]

    assert names(ada) == ["Plant", "Other"]
    assert names(ada, displayName="Plant") == ["Plant"]
    assert names(ada, displayName="plant") == []
    road = ada.client.post("/itwins", json={"displayName": "Road", "type": "Highway"})
    assert road.status_code == 201
    assert names(ada, type="Highway") == ["Road"]
    assert names(ada, status="Active") == ["Plant", "Other", "Road"]
    assert names(ada, status="Inactive") == []
    assert names(ada, includeInactive="true") == ["Plant", "Other", "Road"]
    assert names(ada, parentId=UNKNOWN) == names(ada, iTwinAccountId=UNKNOWN) == []
    assert names(ada, **{"$orderby": "displayName"}) == ["Other", "Plant", "Road"]
    assert names(ada, **{"$orderby": "subClass, displayName desc"}) == ["Road", "Plant", "Other"]
    assert names(ada, **{"$orderby": "createdDateTime desc", "$top": "2"}) == ["Road", "Other"]
    for params in ({"$filter": "type eq 'x'"}, {"search": "Plant"}, {"$orderby": "x"}):
        refused = ada.client.get("/itwins", params=params)
        assert details_of(refused, "InvalidiTwinsRequest") == [("InvalidValue", next(iter(params)))]
    both = ada.client.get("/itwins", params={"status": "Active", "includeInactive": "true"})
    assert error_of(both) == (422, "InvalidiTwinsRequest")
    (selected,) = ada.client.get("/itwins?displayName=Road&$select=status,parentId, type").json()["iTwins"]
    assert selected == {"status": "Active", "type": "Highway"}
    assert names(stranger) == []
    assert ada.client.get(f"/itwins/{itwin}").json()["iTwin"]["displayName"] == "Plant"
    assert error_of(ada.client.get(f"/itwins/{UNKNOWN}")) == (404, "iTwinNotFound")
    incomplete = ada.client.post("/itwins", json={})
    assert details_of(incomplete, "InvalidiTwinsRequest") == [("MissingRequiredProperty", "displayName")]
    for malformed in (ada.client.post("/itwins", content=b"{"), ada.client.post("/itwins", json={"displayName": 1})):
        assert error_of(malformed) == (422, "InvalidiTwinsRequest")


# Permissions.


def test_creator_has_all(ada: Desk, imodel: str) -> None:
    """The response lists the permissions on an iModel, without an envelope."""
    names = ["imodels_webview", "imodels_read", "imodels_write", "imodels_manage"]
    assert ada.get(imodel, "permissions").json() == {"permissions": names}


def test_unseen_is_not_there(ada: Desk, stranger: Desk, itwin: str, imodel: str) -> None:
    """iModelNotFound, iTwinNotFound: what may not be seen is not there, and not listed."""
    assert ada.get(iTwinId=itwin).json()["iModels"]
    assert error_of(stranger.get(iTwinId=itwin)) == (404, "iTwinNotFound")
    for personal in ("favorites", "recents"):
        assert error_of(stranger.get(personal, iTwinId=itwin)) == (404, "iTwinNotFound")
    assert error_of(stranger.get(imodel)) == (404, "iModelNotFound")
    assert error_of(stranger.delete(imodel)) == (404, "iModelNotFound")
    assert error_of(stranger.patch(imodel, name="B")) == (404, "iModelNotFound")
    assert error_of(stranger.call("POST", json={"iTwinId": itwin, "name": "B"})) == (404, "iTwinNotFound")
    assert error_of(stranger.put("favorites", imodel)) == (404, "iModelNotFound")


def test_viewer(ada: Desk, viewer: Desk, itwin: str, imodel: str, briefcase: int) -> None:
    """InsufficientPermissions: users who may only view get no files and change nothing."""
    ada.push(imodel, briefcase)
    assert viewer.get(imodel, "permissions").json()["permissions"] == ["imodels_webview"]
    assert viewer.get(imodel, "changesets", 1).json()["changeset"]["_links"]["download"] is None
    assert viewer.get_full(imodel, "changesets").json()["changesets"][0]["_links"]["download"] is None
    assert viewer.get(imodel, "baselinefile").json()["baselineFile"]["_links"]["download"] is None
    body: dict[str, Any] = {"briefcaseId": briefcase}
    for response in (
        viewer.get(imodel, "briefcases/checkpoint"),
        viewer.get(imodel, "changesets/0/checkpoint"),
        viewer.post(imodel, "briefcases"),
        viewer.delete(imodel, "briefcases", briefcase),
        viewer.post(imodel, "changesets"),
        viewer.patch(imodel, "changesets", "0" * 40),
        viewer.post(imodel, "changesets", 1, "extendeddata"),
        viewer.post(imodel, "changesetgroups"),
        viewer.post(imodel, "namedversions"),
        viewer.patch(imodel, "locks", **body),
        viewer.post(imodel, "locks/release-chunk", **body),
        viewer.patch(imodel, name="B"),
        viewer.delete(imodel),
        viewer.post(imodel, "clone", iTwinId=itwin),
        viewer.post(imodel, "fork", iTwinId=itwin),
        viewer.post(imodel, "baselinefile"),
        viewer.post(imodel, "shares"),
        viewer.patch(imodel, "rolepermissions"),
        viewer.patch(imodel, "userpermissions"),
        viewer.call("PUT", imodel, "thumbnail", content=b""),
        viewer.call("POST", json={"iTwinId": itwin, "name": "B"}),
    ):
        assert error_of(response) == (403, "InsufficientPermissions"), response.request.url
        expected = "The user has insufficient permissions for the requested operation."
        assert response.json()["error"]["message"] == expected


def test_writer(ada: Desk, writer: Desk, viewer: Desk, imodel: str, briefcase: int) -> None:
    """InsufficientPermissions: users who may write use only their own briefcases and locks, and manage nothing."""
    itwin = ada.itwin_of(imodel)
    own = writer.briefcase(imodel)
    pushed = writer.push(imodel, own)
    assert writer.lock(imodel, own, pushed, exclusive=["0x1"]).status_code == 200
    assert ada.lock(imodel, briefcase, exclusive=["0x2"]).status_code == 200
    for response in (
        writer.lock(imodel, briefcase, none=["0x2"]),
        writer.lock(imodel, briefcase, shared=["0x3"]),
        writer.post(imodel, "locks/release-chunk", briefcaseId=briefcase),
        writer.delete(imodel, "briefcases", briefcase),
        writer.post(imodel, "changesets", id="0" * 40, briefcaseId=briefcase, fileSize=1),
        writer.patch(imodel, name="B"),
        writer.delete(imodel),
        writer.call("POST", json={"iTwinId": itwin, "name": "B"}),
        viewer.post(imodel, "locks/release-chunk", briefcaseId=own),
    ):
        assert error_of(response) == (403, "InsufficientPermissions"), response.request.url
    assert ada.lock(imodel, own, none=["0x1"]).status_code == 200
    assert writer.delete(imodel, "briefcases", own).status_code == 204


def test_member_permissions(ada: Desk, grace: Desk, itwin: str, imodel: str) -> None:
    """A member's permissions in an iTwin replace the general ones."""
    hers = user_id(grace, imodel)
    with ada.hub.store.writing() as connection:
        set_member(connection, itwin, hers, [Permission.READ])
    assert grace.get(imodel, "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
    assert grace.imodel(grace.itwin("Own"))


def test_user_permissions(ada: Desk, grace: Desk, viewer: Desk, itwin: str, imodel: str) -> None:
    """User permissions of an iModel replace those of the iTwin; users who manage the iTwin always see it."""
    own, hers, its = user_id(ada, imodel), user_id(grace, imodel), user_id(viewer, imodel)
    with ada.hub.store.writing() as connection:
        set_member(connection, itwin, hers, [Permission.WRITE])
    entries = [{"id": own, "permissions": ["imodels_manage"]}, {"id": its, "permissions": ["imodels_read"]}]
    answer = ada.patch(imodel, "userpermissions", userPermissions=entries).json()["userPermissions"]
    assert sorted(answer, key=str) == sorted(entries, key=str)
    assert ada.get(imodel, "userpermissions").json() == {"userPermissions": answer}
    assert ada.get(imodel).json()["iModel"]["isSecured"] is True
    assert error_of(grace.get(imodel)) == (404, "iModelNotFound")
    assert grace.get(iTwinId=itwin).json()["iModels"] == []
    assert viewer.get(imodel, "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
    assert [item["id"] for item in viewer.get(iTwinId=itwin).json()["iModels"]] == [imodel]
    with ada.hub.store.writing() as connection:
        set_member(connection, itwin, hers, [Permission.MANAGE])
    assert grace.get(imodel, "permissions").json()["permissions"] == ["imodels_webview"]
    assert [item["id"] for item in grace.get(iTwinId=itwin).json()["iModels"]] == [imodel]
    assert error_of(grace.patch(imodel, name="B")) == (403, "InsufficientPermissions")
    gone: list[Any] = [{"id": key, "permissions": []} for key in (its, own)]
    assert ada.patch(imodel, "userpermissions", userPermissions=gone).json() == {"userPermissions": []}
    assert ada.get(imodel).json()["iModel"]["isSecured"] is False


def test_no_permission_on_itwin(ada: Desk, stranger: Desk, itwin: str, imodel: str) -> None:
    """Users without a permission in the iTwin see none of its iModels, regardless of their grants."""
    with ada.hub.store.reading() as connection:
        his = connection.exec_driver_sql("SELECT id FROM users WHERE name = 'stan'").scalar_one()
    entries = [{"id": key, "permissions": ["imodels_manage"]} for key in (user_id(ada, imodel), his)]
    assert ada.patch(imodel, "userpermissions", userPermissions=entries).status_code == 200
    assert error_of(stranger.get(imodel)) == (404, "iModelNotFound")
    assert error_of(stranger.get(iTwinId=itwin)) == (404, "iTwinNotFound")
    with ada.hub.store.writing() as connection:
        set_member(connection, itwin, his, [Permission.WEBVIEW])
    assert stranger.patch(imodel, name="B").status_code == 200


def test_role_permissions(ada: Desk, grace: Desk, stranger: Desk, itwin: str, imodel: str) -> None:
    """Role permissions count for members of the iTwin only; several roles add up; an owner may do everything."""
    hers = user_id(grace, imodel)
    with ada.hub.store.writing() as connection:
        his = connection.exec_driver_sql("SELECT id FROM users WHERE name = 'stan'").scalar_one()
        for role, names in ((ROLE, ["imodels_webview"]), (OTHER_ROLE, ["imodels_delete"])):
            add_role(
                connection,
                RoleRecord(itwin_id=itwin, id=role, display_name=role[:3], description="", permissions=names),
            )
        set_roles(connection, itwin, hers, [ROLE, OTHER_ROLE])
        set_roles(connection, itwin, his, [OTHER_ROLE])
    entries = [
        {"id": ROLE, "permissions": ["imodels_webview"]},
        {"id": OTHER_ROLE, "permissions": ["imodels_webview", "imodels_read"]},
    ]
    assert ada.patch(imodel, "rolepermissions", rolePermissions=entries).json() == {"rolePermissions": entries}
    assert ada.get(imodel, "rolepermissions").json() == {"rolePermissions": entries}
    assert grace.get(imodel, "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
    assert error_of(grace.patch(imodel, name="B")) == (403, "InsufficientPermissions")
    assert error_of(stranger.get(imodel)) == (404, "iModelNotFound")
    assert ada.patch(imodel, name="B").status_code == 200
    assert grace.delete(imodel).status_code == 204


def test_kinds_exclude_each_other(ada: Desk, imodel: str) -> None:
    """DataConflict: role and user permissions are not configured at the same time (the code is ours)."""
    own = user_id(ada, imodel)
    entries = [{"id": own, "permissions": ["imodels_manage"]}]
    assert ada.patch(imodel, "userpermissions", userPermissions=entries).status_code == 200
    response = ada.patch(imodel, "rolepermissions", rolePermissions=entries)
    assert error_of(response) == (409, "DataConflict")


def test_organization_administrator(ada: Desk, add_user: AddUser, itwin: str, imodel: str) -> None:
    """An organization administrator may do everything in the iTwins of the own organization, whatever is configured."""
    entries = [{"id": user_id(ada, imodel), "permissions": ["imodels_webview"]}]
    ada.patch(imodel, "userpermissions", userPermissions=entries)
    new = NewUser(name="olga", given_name="Olga", surname="A", permissions=frozenset(), organization_administrator=True)
    administrator = add_user(new)
    abroad = add_user(evolve(new, name="otto", given_name="Otto", organization="Elsewhere"))
    assert error_of(abroad.get(imodel)) == (404, "iModelNotFound")
    assert error_of(abroad.get(iTwinId=itwin)) == (404, "iTwinNotFound")
    assert abroad.imodel(abroad.itwin("Own"))
    assert administrator.patch(imodel, name="B").status_code == 200
    assert administrator.delete(imodel).status_code == 204


def test_copies_between_organizations(ada: Desk, add_user: AddUser, imodel: str) -> None:
    """An administrator copies within the own organization, and into another one only if permitted."""
    new = NewUser(name="olga", given_name="Olga", surname="A", permissions=frozenset(), organization_administrator=True)
    administrator = add_user(new)
    abroad = add_user(evolve(new, name="otto", given_name="Otto", organization="Elsewhere"))
    target = abroad.itwin("Target")
    assert error_of(administrator.post(imodel, "clone", iTwinId=target)) == (404, "iTwinNotFound")
    with ada.hub.store.writing() as connection:
        user = user_by_name(connection, "olga")
        assert user is not None
        set_member(connection, target, user.id, [Permission.MANAGE])
    assert administrator.post(imodel, "clone", iTwinId=target).status_code == 202


def test_permission_refusals(ada: Desk, imodel: str) -> None:
    """InvalidValue, MissingRequiredProperty: deletion is not granted on iModels; ids are UUIDs."""
    entries = [{"id": "x", "permissions": ["imodels_delete"]}, {"permissions": None, "more": 1}]
    found = details_of(ada.patch(imodel, "userpermissions", userPermissions=entries))
    assert found == [
        ("InvalidValue", "userPermissions[0].id"),
        ("InvalidValue", "permissions"),
        ("MissingRequiredProperty", "userPermissions[1].id"),
        ("MissingRequiredProperty", "userPermissions[1].permissions"),
        ("InvalidValue", "userPermissions[1].more"),
    ]
    assert details_of(ada.patch(imodel, "rolepermissions")) == [("MissingRequiredProperty", "rolePermissions")]


# Users.


def test_users(ada: Desk, grace: Desk, stranger: Desk, imodel: str) -> None:
    """UserNotFound: everyone who ever used the iModel is listed, in the requested order."""
    assert len(ada.get(imodel, "users").json()["users"]) == 1
    assert len(grace.get(imodel, "users").json()["users"]) == 2
    stranger.get(imodel)
    users = ada.get(imodel, "users", _orderBy="surname desc,givenName").json()["users"]
    assert [user["displayName"] for user in users] == ["grace.okafor@example.com", "ada.lindqvist@example.com"]
    full = ada.get_full(imodel, "users", _orderBy="givenName").json()["users"]
    assert full[1] == ada.get(imodel, "users", full[1]["id"].upper()).json()["user"]
    for missing in (UNKNOWN, "x", "%00"):
        assert error_of(ada.get(imodel, "users", missing)) == (404, "UserNotFound")


def test_statistics(ada: Desk, imodel: str, briefcase: int) -> None:
    """Statistics count the actions of a user, and locks by application."""
    path = (imodel, "users", user_id(ada, imodel))
    first = ada.get(*path).json()["user"]["statistics"]
    assert (first["pushedChangesetsCount"], first["lastChangesetPushDate"]) == (0, None)
    changeset = ada.push(imodel, briefcase)
    ada.post(imodel, "namedversions", name="v", changesetId=changeset)
    ada.lock(imodel, briefcase, shared=["0x1"])
    application = {"id": "ada-application", "name": "Ada's Application", "ownsLocks": True}
    second = ada.get(*path).json()["user"]["statistics"]
    assert second["lastChangesetPushDate"] == ada.get(imodel, "changesets", 1).json()["changeset"]["pushDateTime"]
    assert (second["pushedChangesetsCount"], second["createdVersionsCount"], second["briefcasesCount"]) == (1, 1, 1)
    assert second["applications"] == [{**application, "ownsExclusiveRootElementLock": False}]
    ada.lock(imodel, briefcase, exclusive=["0x1"])
    third = ada.get(*path).json()["user"]["statistics"]
    assert third["applications"] == [{**application, "ownsExclusiveRootElementLock": True}]


# Favorites and recents.


def test_favorites(ada: Desk, grace: Desk, itwin: str, imodel: str) -> None:
    """Favorites are each user's own; adding and removing twice is no error."""
    for _ in range(2):
        assert ada.put("favorites", imodel).status_code == 204
    ada.put("favorites", ada.imodel(ada.itwin("Other")))
    assert [item["id"] for item in ada.get("favorites", iTwinId=itwin).json()["iModels"]] == [imodel]
    assert ada.get_full("favorites", iTwinId=itwin).json()["iModels"][0]["name"] == "Model"
    assert grace.get("favorites", iTwinId=itwin).json()["iModels"] == []
    for _ in range(2):
        assert ada.delete("favorites", imodel).status_code == 204
    assert ada.get("favorites", iTwinId=itwin).json()["iModels"] == []
    assert error_of(ada.put("favorites", UNKNOWN)) == (404, "iModelNotFound")
    assert error_of(ada.delete("favorites", "x")) == (404, "iModelNotFound")
    assert details_of(ada.get("favorites")) == [("MissingRequiredParameter", "iTwinId")]
    assert details_of(ada.get("favorites", iTwinId=itwin, _skip=0)) == [("InvalidValue", "$skip")]
    assert details_of(ada.get("favorites", iTwinId="toto")) == [("InvalidValue", "iTwinId")]
    assert error_of(ada.get("favorites", iTwinId=UNKNOWN)) == (404, "iTwinNotFound")


@pytest.mark.thorough
def test_recents(ada: Desk, itwin: str) -> None:
    """The newest come first, 25 are kept, and using one again moves it to the front."""
    ids = [ada.imodel(itwin, f"Model {number}") for number in range(27)]
    for item in ids:
        ada.wait(1)
        assert ada.call("POST", "recents", item, json={}).status_code == 204
    listed = [item["id"] for item in ada.get("recents", iTwinId=itwin).json()["iModels"]]
    assert listed == ids[:1:-1]
    ada.wait(1)
    ada.call("POST", "recents", ids[5])
    assert [item["id"] for item in ada.get("recents", iTwinId=itwin, _top=2).json()["iModels"]] == [ids[5], ids[26]]
    assert ada.delete("recents", ids[5]).status_code == 204
    assert len(ada.get_full("recents", iTwinId=itwin).json()["iModels"]) == 24
    assert error_of(ada.call("POST", "recents", UNKNOWN)) == (404, "iModelNotFound")
    assert details_of(ada.get("recents", iTwinId="toto")) == [("InvalidValue", "iTwinId")]
    assert error_of(ada.get("recents", iTwinId=UNKNOWN)) == (404, "iTwinNotFound")


# Shares.


def share(ada: Desk, imodel: str, permission: str = "imodels_read", days: float = 1) -> dict[str, Any]:
    """Create a share."""
    end = write_time(ada.hub.clock.now() + timedelta(days=days))
    response = ada.post(imodel, "shares", name="s", expiresAt=end, permission=permission)
    assert response.status_code == 201, response.text
    return dict(response.json()["share"])


def test_share_opens_one_imodel(ada: Desk, open_desk: Any, itwin: str, imodel: str, briefcase: int) -> None:
    """Unauthorized: a share key permits reading one iModel until it expires or is revoked."""
    ada.push(imodel, briefcase)
    other = ada.imodel(itwin, "Other")
    made = share(ada, imodel)
    guest = open_desk(f"Basic {made['shareKey']}")
    assert guest.get(imodel).json()["iModel"]["name"] == "Model"
    assert guest.get(imodel, "changesets", 1).json()["changeset"]["_links"]["download"]["href"]
    assert guest.get(imodel, "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
    assert guest.get(imodel, "users").json()["users"]
    assert error_of(guest.get(other)) == (404, "iModelNotFound")
    for response in (guest.patch(imodel, name="B"), guest.get(iTwinId=itwin), guest.get(imodel, "shares")):
        assert error_of(response) == (401, "Unauthorized")
    assert error_of(guest.get(imodel, "briefcases", ownerId="me")) == (401, "Unauthorized")
    looker = open_desk(f"Basic {share(ada, imodel, 'imodels_webview')['shareKey']}")
    assert error_of(looker.get(imodel, "briefcases/checkpoint")) == (403, "InsufficientPermissions")
    assert ada.delete(imodel, "shares", made["id"]).status_code == 204
    assert error_of(guest.get(imodel)) == (401, "Unauthorized")
    ada.wait(24 * 3600)
    assert error_of(looker.get(imodel)) == (401, "Unauthorized")


def test_shares_are_their_makers_own(ada: Desk, grace: Desk, imodel: str) -> None:
    """ShareNotFound: users see only their own shares; their expiry can be changed."""
    made = share(ada, imodel)
    assert ada.get(imodel, "shares").json()["shares"] == [made]
    assert grace.get(imodel, "shares").json()["shares"] == []
    end = write_time(ada.hub.clock.now() + timedelta(days=2))
    for desk, key in ((grace, made["id"]), (ada, UNKNOWN), (ada, "x")):
        assert error_of(desk.get(imodel, "shares", key)) == (404, "ShareNotFound")
        assert error_of(desk.patch(imodel, "shares", key, expiresAt=end)) == (404, "ShareNotFound")
        assert error_of(desk.delete(imodel, "shares", key)) == (404, "ShareNotFound")
    assert ada.patch(imodel, "shares", made["id"], expiresAt=end).json()["share"] == {**made, "expiresAt": end}
    assert ada.get(imodel, "shares", made["id"]).json()["share"]["expiresAt"] == end


def test_share_refusals(ada: Desk, imodel: str) -> None:
    """InvalidValue, MissingRequiredProperty: shares expire within six months and grant reading only."""
    now = ada.hub.clock.now()
    assert sorted(details_of(ada.post(imodel, "shares"))) == [
        ("MissingRequiredProperty", "expiresAt"),
        ("MissingRequiredProperty", "name"),
        ("MissingRequiredProperty", "permission"),
    ]
    body = {"name": "s", "permission": "imodels_read"}
    for end in (write_time(now), write_time(now + timedelta(days=200)), "x", "2030-01-01", "2030-01-01T00:00:00", 5):
        assert details_of(ada.post(imodel, "shares", **body, expiresAt=end)) == [("InvalidValue", "expiresAt")]
    end = write_time(now + timedelta(days=1))
    wrong = ada.post(imodel, "shares", name="s", permission="imodels_write", expiresAt=end)
    assert details_of(wrong) == [("InvalidValue", "permission")]


class TestShortShares:
    """The maximum validity of shares is a setting."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Limit shares to one hour."""
        return HubSettings(share_maximum=timedelta(hours=1))

    def test_refusal_names_the_limit(self, ada: Desk, imodel: str) -> None:
        """The message contains the latest permitted expiry."""
        now = ada.hub.clock.now()
        end = write_time(now + timedelta(hours=2))
        response = ada.post(imodel, "shares", name="s", permission="imodels_read", expiresAt=end)
        (detail,) = response.json()["error"]["details"]
        assert write_time(now + timedelta(hours=1)) in detail["message"]


# Thumbnails.


def picture(form: str, size: tuple[int, int] = (900, 300), color: str = "red") -> bytes:
    """Draw a picture."""
    buffer = BytesIO()
    Image.new("RGB", size, color).save(buffer, form)
    return buffer.getvalue()


def size_of(response: httpx.Response) -> tuple[str | None, tuple[int, int]]:
    """Return format and size of a picture."""
    with Image.open(BytesIO(response.content)) as found:
        return found.format, found.size


def test_stock_thumbnail(ada: Desk, imodel: str) -> None:
    """InvalidValue: without an upload there is a stock picture, in the two sizes there are."""
    assert size_of(ada.get(imodel, "thumbnail")) == ("PNG", (400, 250))
    assert size_of(ada.get(imodel, "thumbnail", size="large")) == ("PNG", (800, 500))
    assert details_of(ada.get(imodel, "thumbnail", size="huge")) == [("InvalidValue", "size")]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_upload_thumbnail(ada: Desk, imodel: str, form: str) -> None:
    """An uploaded picture becomes a PNG of both sizes."""
    headers = {"Content-Type": f"image/{form.lower()}"}
    response = ada.call("PUT", imodel, "thumbnail", content=picture(form), headers=headers)
    assert (response.status_code, response.content) == (201, b"")
    small, large = ada.get(imodel, "thumbnail"), ada.get(imodel, "thumbnail", size="large")
    assert (size_of(small), size_of(large)) == (("PNG", (400, 250)), ("PNG", (800, 500)))
    with Image.open(BytesIO(small.content)) as found:
        assert found.convert("RGB").getpixel((200, 100))[0] > 250  # type: ignore[index]


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, "MissingRequiredHeader"),
        ({"Content-Type": "image/gif"}, "InvalidHeaderValue"),
        ({"Content-Type": ""}, "InvalidHeaderValue"),
    ],
)
def test_thumbnail_media_type(ada: Desk, imodel: str, headers: dict[str, str], problem: str) -> None:
    """MissingRequiredHeader, InvalidHeaderValue: the media type is required and must be supported."""
    response = ada.call("PUT", imodel, "thumbnail", content=picture("PNG"), headers=headers)
    assert details_of(response) == [(problem, "content-type")]
    if headers.get("Content-Type"):
        assert response.json()["error"]["details"][0]["message"] == (
            "'image/gif' is not supported 'content-type'. Supported media types are 'image/jpeg', 'image/png'."
        )


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("content", [b"", b"text", picture("PNG")[:100], picture("PNG")[:8], picture("GIF")])
def test_thumbnail_content(ada: Desk, imodel: str, content: bytes) -> None:
    """InvalidRequestBody, InvalidThumbnailFormat: the body must be a picture."""
    response = ada.call("PUT", imodel, "thumbnail", content=content, headers={"Content-Type": "image/png"})
    assert details_of(response) == [("InvalidRequestBody", None)]
    assert response.json()["error"]["details"][0]["innerError"] == {"code": "InvalidThumbnailFormat"}


class TestThumbnailLimit:
    """The size of a picture is limited."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Set a low limit."""
        return HubSettings(thumbnail_bytes=100)

    def test_too_large(self, ada: Desk, imodel: str) -> None:
        """RequestTooLarge: a byte too many."""
        headers = {"Content-Type": "image/png"}
        response = ada.call("PUT", imodel, "thumbnail", content=bytes(101), headers=headers)
        assert error_of(response) == (413, "RequestTooLarge")
        assert error_of(ada.call("PUT", imodel, "thumbnail", content=bytes(100), headers=headers))[0] == 422
