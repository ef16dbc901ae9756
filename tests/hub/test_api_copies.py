"""Clones and forks."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.identity import NewUser
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.itwins import set_member
from itwin_imodels_hub.store.records import CheckpointRecord
from itwin_imodels_hub.store.users import user_by_name
from itwin_imodels_hub.store.versions import put_checkpoint
from tests.hub.conftest import AddUser
from tests.hub.helpers.authoring import Author
from tests.hub.helpers.desk import Desk, details_of, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def copy(ada: Desk, source: str, kind: str, **body: object) -> str:
    """Request a copy, and return its id."""
    response = ada.post(source, kind, **body)
    assert (response.status_code, response.content) == (202, b""), response.text
    address = response.headers["location"]
    assert response.headers["create-imodel-operation"] == f"{address}/operations/create"
    return str(address.rpartition("/")[2])


def test_clone_takes_all(ada: Desk, itwin: str) -> None:
    """A clone has baseline, changesets with files, description and extent, but no briefcases or groups."""
    extent = {"southWest": {"latitude": 1, "longitude": 2}, "northEast": {"latitude": 3, "longitude": 4}}
    imodel = ada.imodel(itwin, description="d", extent=extent)
    group = ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]
    briefcase = ada.briefcase(imodel)
    first = ada.push(imodel, briefcase, content=b"one", groupId=group)
    second = ada.push(imodel, briefcase, first, content=b"two")
    made = copy(ada, imodel, "clone", iTwinId=itwin, name="Clone", containersEnabled=3)
    ada.wait(1)
    body = ada.get(made).json()["iModel"]
    assert (body["description"], body["extent"], body["containersEnabled"]) == ("d", extent, 3)
    assert body["lastChangesetPushDateTime"] is not None
    changesets = ada.get_full(made, "changesets").json()["changesets"]
    assert [item["id"] for item in changesets] == [first, second]
    assert [httpx.get(item["_links"]["download"]["href"]).content for item in changesets] == [b"one", b"two"]
    assert {item["groupId"] for item in changesets} == {None}
    assert ada.get(made, "briefcases").json()["briefcases"] == []
    operation = ada.get(made, "operations/create").json()["createOperation"]
    assert operation["clonedFrom"] == {"iModelId": imodel, "changesetId": second}
    third = ada.push(made, ada.briefcase(made), second)
    assert ada.get(made, "changesets", third).json()["changeset"]["index"] == 3
    assert error_of(ada.get(imodel, "changesets", third)) == (404, "ChangesetNotFound")


def test_clone_closes_groups(ada: Desk, itwin: str, imodel: str) -> None:
    """Open changeset groups of the source are forcibly closed; those that have timed out keep their state."""
    groups = [ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]]
    ada.wait(24 * 60 * 60)
    groups.append(ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"])
    copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
    states = [ada.get(imodel, "changesetgroups", each).json()["changesetGroup"]["state"] for each in groups]
    assert states == ["timedOut", "forciblyClosed"]


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("wanted", "expected"), [({"changesetId": ""}, 0), ({"changesetIndex": 0}, 0), ({"changesetIndex": 1}, 1), ({}, 2)]
)
def test_clone_up_to(ada: Desk, imodel: str, briefcase: int, wanted: dict[str, object], expected: int) -> None:
    """A clone ends at the requested changeset: it has none with an empty id or index 0, and all by default."""
    ids = ["", *ada.history(imodel, briefcase, 2)]
    made = copy(ada, imodel, "clone", iTwinId=ada.itwin_of(imodel), name="Clone", **wanted)
    ada.wait(1)
    assert len(ada.get(made, "changesets").json()["changesets"]) == expected
    origin = ada.get(made, "operations/create").json()["createOperation"]["clonedFrom"]
    assert origin["changesetId"] == ids[expected]


@pytest.mark.parametrize(("preserve", "expected"), [(True, 2), (False, 0), (None, 0)])
def test_fork(  # noqa: PLR0913 - each is part of the scene
    ada: Desk, imodel: str, briefcase: int, tmp_path: Path, *, preserve: bool | None, expected: int
) -> None:
    """A fork keeps its history on request only; description and extent are always copied."""
    ids = Author(ada, tmp_path).at(imodel, briefcase).new_tables(2)
    extent = {"southWest": {"latitude": 1, "longitude": 2}, "northEast": {"latitude": 3, "longitude": 4}}
    ada.patch(imodel, description="d", extent=extent)
    more = {} if preserve is None else {"preserveHistory": preserve}
    made = copy(ada, imodel, "fork", iTwinId=ada.itwin_of(imodel), name="Fork", **more)
    ada.wait(1)
    assert len(ada.get(made, "changesets").json()["changesets"]) == expected
    body = ada.get(made).json()["iModel"]
    assert (body["description"], body["extent"]) == ("d", extent)
    assert (body["lastChangesetPushDateTime"] is not None) == bool(expected)
    operation = ada.get(made, "operations/create").json()["createOperation"]
    assert (operation["state"], operation["clonedFrom"]) == ("successful", None)
    assert operation["forkedFrom"]["changesetId"] == ids[-1]


def test_squashed_fork_takes_checkpoint(ada: Desk, itwin: str, imodel: str, briefcase: int) -> None:
    """The baseline of a squashed fork is the checkpoint of its changeset if it exists."""
    (first,) = ada.history(imodel, briefcase, 1)
    blob = f"imodel-{imodel}/checkpoints/1.bim"
    with ada.hub.blobs.incoming() as content:
        content.write([b"state at 1"])
        ada.hub.blobs.commit(blob, content)
    with ada.hub.store.writing() as connection:
        source = imodel_by_id(connection, imodel)
        assert source is not None
        record = CheckpointRecord(
            imodel_number=source.number, changeset_index=1, changeset_id=first, state="successful", size=10, blob=blob
        )
        put_checkpoint(connection, record)
    made = copy(ada, imodel, "fork", iTwinId=itwin, name="Fork")
    ada.wait(1)
    link = ada.get(made, "baselinefile").json()["baselineFile"]["_links"]["download"]["href"]
    assert httpx.get(link).content == b"state at 1"


def test_copy_outlives_source(ada: Desk, itwin: str, imodel: str, briefcase: int) -> None:
    """A clone gets its files even when the source is deleted before they are copied."""
    ada.push(imodel, briefcase, content=b"one")
    made = copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
    assert ada.get(made, "changesets").json()["changesets"] == []
    assert error_of(ada.get(made, "changesets", 1)) == (404, "ChangesetNotFound")
    ada.delete(imodel)
    ada.wait(1)
    link = ada.get(made, "changesets", 1).json()["changeset"]["_links"]["download"]["href"]
    assert httpx.get(link).content == b"one"
    assert ada.hub.blobs.names(f"imodel-{imodel}/") == []


def test_deleted_target_leaves_nothing(ada: Desk, itwin: str, imodel: str) -> None:
    """A copy that is deleted during its creation leaves no files."""
    made = copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
    ada.delete(made)
    ada.wait(1)
    ada.get(imodel)
    assert ada.hub.blobs.names(f"imodel-{made}/") == []


@pytest.mark.parametrize("kind", ["clone", "fork"])
def test_refusals(ada: Desk, itwin: str, imodel: str, briefcase: int, kind: str) -> None:
    """NotFound, name taken, contradictory arguments, not initialized: copies fail with the codes of the service."""
    ada.history(imodel, briefcase, 1)
    assert error_of(ada.post(UNKNOWN, kind, iTwinId=itwin)) == (404, "iModelNotFound")
    assert error_of(ada.post(imodel, kind, iTwinId=UNKNOWN)) == (404, "iTwinNotFound")
    for wanted in ({"changesetId": "0" * 40}, {"changesetIndex": 7}, {"changesetId": "x"}):
        assert error_of(ada.post(imodel, kind, iTwinId=itwin, name="B", **wanted)) == (404, "ChangesetNotFound")
    assert error_of(ada.post(imodel, kind, iTwinId=itwin)) == (409, "iModelExists")
    both = ada.post(imodel, kind, iTwinId=itwin, changesetId="", changesetIndex=0)
    assert details_of(both) == [("MutuallyExclusivePropertiesProvided", None)]
    assert details_of(ada.post(imodel, kind)) == [("MissingRequiredProperty", "iTwinId")]
    assert ("InvalidValue", "changesetIndex") in details_of(ada.post(imodel, kind, iTwinId=itwin, changesetIndex=-1))
    waiting = ada.imodel(itwin, "Waiting", baselineFile={"size": 5})
    assert error_of(ada.post(waiting, kind, iTwinId=itwin, name="B")) == (409, "iModelNotInitialized")


# Permissions, which the vendor's pages of August 2024 name for both kinds of copies.


def member(ada: Desk, person: NewUser, permissions: dict[str, list[Permission]]) -> str:
    """Set the permissions of a user in iTwins, and return the user's id."""
    with ada.hub.store.writing() as connection:
        user = user_by_name(connection, person.name)
        assert user is not None
        for itwin_id, names in permissions.items():
            set_member(connection, itwin_id, user.id, names)
    return user.id


@pytest.mark.parametrize("kind", ["clone", "fork"])
@pytest.mark.parametrize("right", [Permission.READ, Permission.WRITE])
def test_copies_need_manager_of_source(ada: Desk, add_user: AddUser, imodel: str, kind: str, right: Permission) -> None:
    """InsufficientPermissions: reading or writing the source is not enough."""
    itwin = ada.itwin_of(imodel)
    person = NewUser(name="rita", given_name="Rita", surname="Sand", permissions=frozenset())
    rita = add_user(person)
    target = ada.itwin("Target")
    member(ada, person, {itwin: [right], target: [Permission.MANAGE]})
    assert error_of(rita.post(imodel, kind, iTwinId=target)) == (403, "InsufficientPermissions")
    member(ada, person, {itwin: [Permission.MANAGE], target: [Permission.WRITE]})
    assert error_of(rita.post(imodel, kind, iTwinId=target)) == (403, "InsufficientPermissions")
    member(ada, person, {itwin: [Permission.MANAGE], target: [Permission.MANAGE]})
    copy(rita, imodel, kind, iTwinId=target)


@pytest.mark.parametrize("kind", ["clone", "fork"])
def test_copies_of_secured_imodels(ada: Desk, add_user: AddUser, itwin: str, imodel: str, kind: str) -> None:
    """On an iModel with its own permissions, imodels_webview is enough for users who manage both iTwins."""
    person = NewUser(name="rita", given_name="Rita", surname="Sand", permissions=frozenset())
    rita = add_user(person)
    target = ada.itwin("Target")
    hers = member(ada, person, {itwin: [Permission.WRITE], target: [Permission.MANAGE]})
    own = [{"id": hers, "permissions": ["imodels_manage"]}]
    assert ada.patch(imodel, "userpermissions", userPermissions=own).status_code == 200
    assert error_of(rita.post(imodel, kind, iTwinId=target)) == (403, "InsufficientPermissions")
    member(ada, person, {itwin: [Permission.MANAGE]})
    own = [{"id": hers, "permissions": ["imodels_webview"]}]
    assert rita.patch(imodel, "userpermissions", userPermissions=own).status_code == 200
    copy(rita, imodel, kind, iTwinId=target)


# What the service does on the way, by settings.


class TestFederationGuids:
    """With the setting, a fork fails if an element of the main iModel has no FederationGuid."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Check forks."""
        return HubSettings(forks_need_federation_guids=True)

    @pytest.mark.thorough(keep=1)
    @pytest.mark.parametrize("preserve", [True, False])
    def test_fork_fails(self, ada: Desk, itwin: str, tmp_path: Path, *, preserve: bool) -> None:
        """The state names the reason; the main iModel can be forked up to a changeset that is complete."""
        author = Author(ada, tmp_path).begin(itwin)
        author.push(ddl="CREATE TABLE bis_Element (Id INTEGER PRIMARY KEY, FederationGuid BLOB)", statement="SELECT 1")
        author.push(statement="INSERT INTO bis_Element VALUES (1, x'00112233445566778899aabbccddeeff')")
        author.push(statement="INSERT INTO bis_Element VALUES (2, NULL)")
        made = copy(ada, author.imodel, "fork", iTwinId=itwin, name="Fork", preserveHistory=preserve)
        ada.wait(1)
        operation = ada.get(made, "operations/create").json()["createOperation"]
        assert operation["state"] == "mainIModelIsMissingFederationGuids"
        assert ada.get(made).json()["iModel"]["state"] == "notInitialized"
        made = copy(ada, author.imodel, "fork", iTwinId=itwin, name="Whole", preserveHistory=preserve, changesetIndex=2)
        clone = copy(ada, author.imodel, "clone", iTwinId=itwin, name="Clone")
        ada.wait(1)
        for each in (made, clone):
            assert ada.get(each, "operations/create").json()["createOperation"]["state"] == "successful"


class TestInitializedEarly:
    """With the setting, a clone is initialized before its creation is successful."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Delay the rest of the work."""
        return HubSettings(clone_completion_delay=timedelta(minutes=10))

    def test_clone(self, ada: Desk, itwin: str, imodel: str, briefcase: int) -> None:
        """Once the clone is initialized, it can be used."""
        ada.history(imodel, briefcase, 1)
        made = copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
        ada.wait(1)
        assert ada.get(made).json()["iModel"]["state"] == "initialized"
        assert ada.get(made, "operations/create").json()["createOperation"]["state"] == "scheduled"
        assert ada.briefcase(made) == 2
        ada.wait(600)
        assert ada.get(made, "operations/create").json()["createOperation"]["state"] == "successful"


class TestTier:
    """Limits of the smallest tier per application and minute."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Choose the tier."""
        return HubSettings(tier="trial")

    def test_limits(self, ada: Desk, grace: Desk, itwin: str) -> None:
        """RateLimitExceeded: five creations, clones and forks, each; rejected calls do not count."""
        ids = [ada.imodel(itwin, f"Model {number}") for number in range(5)]
        refused = ada.call("POST", json={"iTwinId": itwin, "name": "Model 5"})
        assert (error_of(refused), refused.headers["retry-after"]) == ((429, "RateLimitExceeded"), "60")
        assert refused.headers["itwinplatform-ratelimited-tier"] == "Trial"
        assert refused.headers["itwinplatform-ratelimited-api"] == "iModels"
        for kind in ("clone", "fork"):
            assert error_of(ada.post(ids[0], kind, iTwinId=itwin)) == (409, "iModelExists")
            for number in range(5):
                copy(ada, ids[0], kind, iTwinId=itwin, name=f"{kind} {number}")
            refused = ada.post(ids[0], kind, iTwinId=itwin, name="one more")
            assert error_of(refused) == (429, "RateLimitExceeded")
            assert refused.headers["itwinplatform-ratelimited-operation"] == f"{kind}-imodel"
        assert grace.imodel(grace.itwin("Own"))
        ada.wait(60)
        assert ada.imodel(itwin, "Model 5")
