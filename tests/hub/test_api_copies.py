"""Clones and forks."""

from pathlib import Path

import httpx
import pytest

from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.records import CheckpointRecord
from itwin_imodels_hub.store.versions import put_checkpoint
from tests.hub.helpers.authoring import Author
from tests.hub.helpers.desk import Desk, details_of, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def copy(ada: Desk, source: str, kind: str, **body: object) -> str:
    """Ask for a copy and give its id."""
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
    """Open changeset groups of the source are forcibly closed."""
    group = ada.post(imodel, "changesetgroups").json()["changesetGroup"]["id"]
    copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
    state = ada.get(imodel, "changesetgroups", group).json()["changesetGroup"]["state"]
    assert state == "forciblyClosed"


@pytest.mark.parametrize(
    ("wanted", "expected"), [({"changesetId": ""}, 0), ({"changesetIndex": 0}, 0), ({"changesetIndex": 1}, 1), ({}, 2)]
)
def test_clone_up_to(ada: Desk, imodel: str, briefcase: int, wanted: dict[str, object], expected: int) -> None:
    """A clone ends at the changeset that was asked for: none with an empty id or index 0, all by default."""
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
    """A fork keeps its history on request only; description comes along, extent does not."""
    ids = Author(ada, tmp_path).at(imodel, briefcase).new_tables(2)
    ada.patch(imodel, description="d")
    more = {} if preserve is None else {"preserveHistory": preserve}
    made = copy(ada, imodel, "fork", iTwinId=ada.itwin_of(imodel), name="Fork", **more)
    ada.wait(1)
    assert len(ada.get(made, "changesets").json()["changesets"]) == expected
    assert ada.get(made).json()["iModel"]["description"] == "d"
    operation = ada.get(made, "operations/create").json()["createOperation"]
    assert (operation["state"], operation["clonedFrom"]) == ("successful", None)
    assert operation["forkedFrom"]["changesetId"] == ids[-1]


def test_squashed_fork_takes_checkpoint(ada: Desk, itwin: str, imodel: str, briefcase: int) -> None:
    """The baseline of a squashed fork is the checkpoint of its changeset where there is one."""
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
    ada.hub.clock.stop()
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
    """A copy that is deleted while it is made leaves no files."""
    made = copy(ada, imodel, "clone", iTwinId=itwin, name="Clone")
    ada.delete(made)
    ada.wait(1)
    ada.get(imodel)
    assert ada.hub.blobs.names(f"imodel-{made}/") == []


@pytest.mark.parametrize("kind", ["clone", "fork"])
def test_refusals(ada: Desk, itwin: str, imodel: str, briefcase: int, kind: str) -> None:
    """Copies fail with the service's codes: not found, name taken, contradictions, not initialized."""
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
