"""Roles, members and owners of iTwins, over the part of the Access Control API that the hub has."""

from typing import Any

import httpx
import pytest

from itwin_imodels_hub.identity import DEFAULT_USERS, NewUser
from tests.hub.conftest import AddUser
from tests.hub.helpers.desk import Desk, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"
IMODELS = ["imodels_webview", "imodels_read", "imodels_write", "imodels_manage", "imodels_delete"]
ADMINISTRATION = ["administration_manage_roles", "administration_invite_member", "administration_remove_member"]
LENA = NewUser(name="lena", given_name="Lena", surname="Olsen", permissions=frozenset())


@pytest.fixture
def lena(add_user: AddUser) -> Desk:
    """Add a user without permissions except those that an iTwin grants."""
    return add_user(LENA)


class Access:
    """The Access Control API of one iTwin, called by one user."""

    def __init__(self, desk: Desk, itwin: str) -> None:
        """Call as the user of a desk."""
        self._desk = desk
        self._itwin = itwin

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        """Send a request."""
        address = f"/accesscontrol/itwins/{self._itwin}/{path}"
        return self._desk.client.request(method, address, json=body or None)

    def role(self, name: str, *permissions: str) -> str:
        """Create a role with permissions, and return its id."""
        made = self.call("POST", "roles", displayName=name, description="made by a test")
        assert (made.status_code, made.json()["role"]["permissions"]) == (201, [])
        role_id = str(made.json()["role"]["id"])
        changed = self.call("PATCH", f"roles/{role_id}", permissions=list(permissions))
        assert changed.json()["role"]["permissions"] == list(permissions)
        return role_id

    def add(self, address: str, *role_ids: str) -> dict[str, Any]:
        """Add a member with roles."""
        response = self.call("POST", "members/users", members=[{"email": address, "roleIds": list(role_ids)}])
        assert (response.status_code, response.json()["invitations"]) == (201, []), response.text
        (member,) = response.json()["members"]
        return dict(member)


def details_of(response: httpx.Response) -> list[tuple[str, str | None]]:
    """Return code and target of each problem of a request."""
    assert error_of(response) == (422, "InvalidiTwinsMemberRequest"), response.text
    return [(each["code"], each.get("target")) for each in response.json()["error"]["details"]]


def test_role_opens_secured_imodel(ada: Desk, lena: Desk, itwin: str, imodel: str) -> None:
    """A role of a member grants access to iModels of the iTwin, including those that are secured by role."""
    access = Access(ada, itwin)
    role_id = access.role("Reader", "imodels_webview", "imodels_read")
    assert error_of(lena.get(imodel)) == (404, "iModelNotFound")
    member = access.add(LENA.address, role_id)
    assert (member["email"], member["organization"]) == (LENA.address, "Local Organization")
    assert member["roles"] == [{"id": role_id, "displayName": "Reader", "description": "made by a test"}]
    assert lena.get(imodel, "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
    writers = access.role("Writer", "imodels_webview")
    entries = [{"id": writers, "permissions": ["imodels_write"]}]
    assert ada.patch(imodel, "rolepermissions", rolePermissions=entries).status_code == 200
    assert error_of(lena.get(imodel)) == (404, "iModelNotFound")
    changed = access.call("PATCH", f"members/users/{member['id']}", roleIds=[role_id, writers])
    assert [role["displayName"] for role in changed.json()["member"]["roles"]] == ["Reader", "Writer"]
    assert "imodels_write" in lena.get(imodel, "permissions").json()["permissions"]
    assert access.call("DELETE", f"roles/{writers}").status_code == 204
    assert error_of(lena.get(imodel)) == (404, "iModelNotFound")
    assert access.call("DELETE", f"members/users/{member['id']}").status_code == 204
    assert error_of(access.call("GET", f"members/users/{member['id']}")) == (404, "TeamMemberNotFound")


def test_roles(ada: Desk, itwin: str) -> None:
    """RoleNotFound: roles are listed by name, with their properties."""
    access = Access(ada, itwin)
    second, first = access.role("Writer", "imodels_write"), access.role("Reader")
    listed = access.call("GET", "roles").json()["roles"]
    assert [(role["id"], role["displayName"], role["type"]) for role in listed] == [
        (first, "Reader", "Custom"),
        (second, "Writer", "Custom"),
    ]
    assert access.call("GET", f"roles/{second}").json()["role"] == listed[1]
    renamed = access.call("PATCH", f"roles/{second}", displayName="Author").json()["role"]
    assert (renamed["displayName"], renamed["permissions"]) == ("Author", ["imodels_write"])
    assert error_of(access.call("GET", f"roles/{UNKNOWN}")) == (404, "RoleNotFound")
    assert details_of(access.call("PATCH", f"roles/{second}", permissions=["x"])) == [("InvalidValue", "permissions")]
    other = Access(ada, ada.itwin("Other"))
    assert other.call("GET", "roles").json() == {"roles": []}


def test_permissions(ada: Desk, lena: Desk, itwin: str) -> None:
    """ItwinNotFound: everybody may ask what the caller may do, an owner may do everything."""
    assert ada.client.get("/accesscontrol/itwins/permissions").json() == {"permissions": IMODELS + ADMINISTRATION}
    assert Access(ada, itwin).call("GET", "permissions").json() == {"permissions": IMODELS + ADMINISTRATION}
    assert Access(lena, itwin).call("GET", "permissions").json() == {"permissions": []}
    assert error_of(Access(ada, UNKNOWN).call("GET", "permissions")) == (404, "ItwinNotFound")
    assert error_of(Access(lena, itwin).call("GET", "members/users")) == (404, "ItwinNotFound")


def test_administration_is_a_permission(ada: Desk, lena: Desk, itwin: str) -> None:
    """InsufficientPermissions: roles, members and owners are changed by those who may."""
    owner, hers = Access(ada, itwin), Access(lena, itwin)
    role_id = owner.role("Reader", "imodels_read")
    member = owner.add(LENA.address, role_id)
    refused = [
        hers.call("GET", "roles"),
        hers.call("POST", "roles", displayName="x"),
        hers.call("POST", "members/users", members=[]),
        hers.call("PATCH", f"members/users/{member['id']}", roleIds=[]),
        hers.call("DELETE", f"members/users/{member['id']}"),
        hers.call("POST", "members/owners", email=LENA.address),
        hers.call("DELETE", f"members/owners/{member['id']}"),
    ]
    assert {error_of(each) for each in refused} == {(403, "InsufficientPermissions")}
    listed = hers.call("GET", "members/users")
    assert [each["email"] for each in listed.json()["members"]] == [LENA.address]
    administrators = owner.role("Administrator", *ADMINISTRATION)
    owner.add(LENA.address, administrators)
    assert hers.role("Viewer", "imodels_webview")
    assert hers.add(DEFAULT_USERS[1].address, role_id)["roles"][0]["displayName"] == "Reader"


def test_owners(ada: Desk, lena: Desk, itwin: str, imodel: str) -> None:
    """TeamMemberNotFound: owners add owners; the creator of an iTwin is its first owner."""
    access = Access(ada, itwin)
    (first,) = access.call("GET", "members/owners").json()["members"]
    assert (first["email"], "roles" in first) == (DEFAULT_USERS[0].address, False)
    added = access.call("POST", "members/owners", email=LENA.address.upper())
    assert (added.status_code, added.json()["invitation"]) == (201, None)
    assert lena.patch(imodel, name="B").status_code == 200
    assert len(access.call("GET", "members/owners?$top=1").json()["members"]) == 1
    hers = added.json()["member"]["id"]
    assert access.call("DELETE", f"members/owners/{hers}").status_code == 204
    assert error_of(access.call("DELETE", f"members/owners/{hers}")) == (404, "TeamMemberNotFound")
    assert error_of(lena.get(imodel)) == (404, "iModelNotFound")


def test_refusals(ada: Desk, itwin: str) -> None:
    """MissingRequiredProperty, InvalidValue: all members are added or none, and at most 50 roles are assigned."""
    access = Access(ada, itwin)
    role_id = access.role("Reader")
    members: list[dict[str, Any]] = [
        {"roleIds": [role_id]},
        {"email": "nobody@example.com", "roleIds": [UNKNOWN]},
        {"email": DEFAULT_USERS[1].address},
    ]
    assert details_of(access.call("POST", "members/users", members=members)) == [
        ("MissingRequiredProperty", "members[0].email"),
        ("InvalidValue", "email"),
        ("InvalidValue", "roleIds"),
        ("MissingRequiredProperty", "members[2].roleIds"),
    ]
    assert access.call("GET", "members/users").json()["members"] == []
    many = [{"email": DEFAULT_USERS[1].address, "roleIds": [role_id] * 51}]
    assert details_of(access.call("POST", "members/users", members=many)) == [("InvalidValue", "members")]
    assert details_of(access.call("POST", "members/users", x=1)) == [("MissingRequiredProperty", "members")]


@pytest.mark.parametrize("typed", ["ÅSA.Öberg@example.com", "åsa.öberg@example.com"])
def test_case_of_addresses(ada: Desk, add_user: AddUser, itwin: str, typed: str) -> None:
    """The letter case of addresses is ignored, that of letters outside ASCII too."""
    address = "Åsa.Öberg@example.com"
    add_user(NewUser(name="asa", given_name="Åsa", surname="Öberg", email=address))
    added = Access(ada, itwin).call("POST", "members/owners", email=typed)
    assert (added.status_code, added.json().get("member", {}).get("email")) == (201, address)


@pytest.mark.parametrize("pair", [("Asa@example.com", "asa@example.com"), ("gross@example.com", "groß@example.com")])
def test_similar_addresses_of_two_users(ada: Desk, add_user: AddUser, itwin: str, pair: tuple[str, str]) -> None:
    """The user with exactly this address is meant; other letters are not another letter case."""
    for number, address in enumerate(pair):
        add_user(NewUser(name=f"a{number}", given_name="A", surname=str(number), email=address))
    for address in pair:
        added = Access(ada, itwin).call("POST", "members/owners", email=address)
        assert (added.status_code, added.json().get("member", {}).get("email")) == (201, address)


@pytest.mark.parametrize("way", ["added without roles", "roles removed", "role deleted"])
def test_member_without_roles_has_no_permissions(ada: Desk, grace: Desk, itwin: str, imodel: str, way: str) -> None:
    """Members who have no role (any more) stay members; the general permissions of the user do not apply again."""
    access, address = Access(ada, itwin), DEFAULT_USERS[1].address
    reader = access.role("Reader", "imodels_read")
    member = access.add(address, *([] if way == "added without roles" else [reader]))
    if way == "roles removed":
        changed = access.call("PATCH", f"members/users/{member['id']}", roleIds=[])
        assert (changed.status_code, changed.json()["member"]["roles"]) == (200, [])
    elif way == "role deleted":
        assert access.call("DELETE", f"roles/{reader}").status_code == 204
    assert access.call("GET", f"members/users/{member['id']}").json()["member"]["roles"] == []
    assert error_of(grace.get(imodel)) == (404, "iModelNotFound")
    access.add(address, access.role("Writer", "imodels_write"))
    assert "imodels_write" in grace.get(imodel, "permissions").json()["permissions"]
    assert access.call("DELETE", f"members/users/{member['id']}").status_code == 204
    assert error_of(access.call("GET", f"members/users/{member['id']}")) == (404, "TeamMemberNotFound")
