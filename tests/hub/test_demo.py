"""The seed `demo`: its content, all of which is real."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from imodel_files.changes import ChangeReader
from imodel_files.changesets import ChainLink, apply_changesets, verify_changeset
from itwin_imodels_hub import LocalHub, NewUser
from tests.hub.helpers.authoring import assembled, content_of, downloaded, place_of
from tests.hub.helpers.desk import Desk


@pytest.fixture(scope="module")
def local() -> Iterator[LocalHub]:
    """Serve the demo; no test changes it."""
    with LocalHub(seed="demo") as hub:
        yield hub


@pytest.fixture
def desk(local: LocalHub) -> Iterator[Desk]:
    """Call as the first user."""
    headers = {"Authorization": f"Bearer {local.token()}"}
    with httpx.Client(base_url=local.url, headers=headers, timeout=240) as client:
        yield Desk(local.hub, client)


@pytest.fixture
def imodel(local: LocalHub, desk: Desk) -> str:
    """Return the only iModel."""
    (found,) = desk.get(iTwinId=local.itwin_id).json()["iModels"]
    return str(found["id"])


def changesets_of(desk: Desk, imodel: str) -> list[dict[str, Any]]:
    """Return the whole timeline."""
    return list(desk.get_full(imodel, "changesets").json()["changesets"])


def test_a_team_at_work(desk: Desk, imodel: str) -> None:
    """Two authors pushed about 30 changesets over weeks, most of them in groups, one of which is open."""
    pushed = changesets_of(desk, imodel)
    assert 28 <= len(pushed) <= 34
    assert len({each["creatorId"] for each in pushed}) == 2
    times = [datetime.fromisoformat(each["pushDateTime"]) for each in pushed]
    assert times == sorted(times)
    assert times[-1] - times[0] > timedelta(weeks=6)
    assert times[-1] < datetime.now(UTC)
    groups = desk.get(imodel, "changesetgroups").json()["changesetGroups"]
    assert [each["state"] for each in groups] == ["completed"] * 3 + ["inProgress"]
    assert {each["groupId"] for each in pushed} == {each["id"] for each in groups} | {None}
    created = datetime.fromisoformat(desk.get(imodel).json()["iModel"]["createdDateTime"])
    assert created < times[0]


def test_what_a_team_leaves_behind(desk: Desk, imodel: str) -> None:
    """Briefcases of both, with locks that are needed and some of a briefcase that was forgotten."""
    briefcases = desk.get_full(imodel, "briefcases").json()["briefcases"]
    assert [each["deviceName"] for each in briefcases] == [
        "drawing-office-1",
        "drawing-office-2",
        "site-laptop",
        "ci-runner-7",
    ]
    locks = desk.get(imodel, "locks").json()["locks"]
    held = Counter({lock["briefcaseId"]: 0 for lock in locks})
    for lock in locks:
        held[lock["briefcaseId"]] += sum(len(each["objectIds"]) for each in lock["lockedObjects"])
    assert held == {2: 3, 3: 2, 4: 4}
    acquired = datetime.fromisoformat(briefcases[2]["acquiredDateTime"])
    assert datetime.now(UTC) - acquired > timedelta(days=30)
    users = desk.get_full(imodel, "users").json()["users"]
    counts = [each["statistics"]["pushedChangesetsCount"] for each in users]
    assert (len(users), min(counts) > 5) == (2, True)


def test_changesets_apply(desk: Desk, imodel: str, tmp_path: Path) -> None:
    """All apply strictly, one after another; at each Named Version, the database is that of its checkpoint."""
    baseline = tmp_path / "baseline.bim"
    baseline.write_bytes(
        httpx.get(desk.get(imodel, "baselinefile").json()["baselineFile"]["_links"]["download"]["href"]).content
    )
    pushed = changesets_of(desk, imodel)
    links = []
    for changeset in pushed:
        file = tmp_path / f"{changeset['id']}.cs"
        file.write_bytes(httpx.get(changeset["_links"]["download"]["href"]).content)
        verify_changeset(file, id=changeset["id"], parent_id=changeset["parentId"])
        links.append(ChainLink(file, changeset["id"], changeset["parentId"]))
    versions = desk.get_full(imodel, "namedversions").json()["namedVersions"]
    assert [each["name"] for each in versions] == [
        "As delivered",
        "Piers set out",
        "Foundations checked",
        "Superstructure complete",
        "Tender",
    ]
    for version in versions[1:]:
        index = version["changesetIndex"]
        target = tmp_path / f"{index}.bim"
        apply_changesets(baseline, links[:index], target=target, conflicts="strict")
        checkpoint = desk.get(imodel, "changesets", index, "checkpoint").json()["checkpoint"]
        assert checkpoint["state"] == "successful"
        for made in (downloaded(checkpoint, tmp_path / "v1.bim"), assembled(checkpoint, tmp_path / "v2.bim")):
            assert content_of(made) == content_of(target)
            assert place_of(made)[0] == version["changesetId"]


def test_changes_have_classes(desk: Desk, imodel: str, tmp_path: Path) -> None:
    """Tools for elements find classes, codes and properties."""
    checkpoint = desk.get(imodel, "changesets", 30, "checkpoint").json()["checkpoint"]
    database = downloaded(checkpoint, tmp_path / "30.bim")
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("SELECT count(*) FROM bis_Element WHERE FederationGuid IS NULL").fetchone() == (0,)
    for changeset in changesets_of(desk, imodel)[:30]:
        file = tmp_path / "files" / f"{changeset['id']}.cs"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(httpx.get(changeset["_links"]["download"]["href"]).content)
    with ChangeReader(tmp_path / "files", database) as reader:
        whole = Counter((change.operation, change.class_name) for change in reader.elements(net=True))
        removed = [change for change in reader.elements() if change.operation == "delete"]
    assert whole == {
        ("insert", "Bridge:Pier"): 7,
        ("insert", "Bridge:Girder"): 7,
        ("insert", "Bridge:Bearing"): 14,
    }
    assert [change.code.value for change in removed if change.code] == ["Pier 2"]


def test_one_user_is_enough() -> None:
    """The authors are the users of the hub."""
    lin = NewUser(name="lin", given_name="Lin", surname="Berg")
    with LocalHub(users=(lin,), seed="demo") as hub, httpx.Client(base_url=hub.url, timeout=240) as client:
        client.headers["Authorization"] = f"Bearer {hub.token()}"
        desk = Desk(hub.hub, client)
        (imodel,) = desk.get(iTwinId=hub.itwin_id).json()["iModels"]
        assert len({each["creatorId"] for each in changesets_of(desk, imodel["id"])}) == 1
