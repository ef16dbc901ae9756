"""The vendor's own TypeScript client, unchanged, spends a day of authoring on the hub, wherever its files are."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from imodel_files.changesets import write_changeset
from itwin_imodels_hub import AzureStorage, LocalHub
from tests.azurite import running_azurite
from tests.hub.npm import run_node

CHANGESETS = 3


@pytest.fixture(scope="module", params=["folder", "azure"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Return an empty hub."""
    with ExitStack() as stack:
        storage = None
        if request.param == "azure":
            azurite = stack.enter_context(running_azurite(tmp_path_factory.mktemp("azurite")))
            storage = AzureStorage(connection_string=azurite.connection_string)
        yield stack.enter_context(LocalHub(storage=storage))


@pytest.fixture(scope="module")
def folder(hub: LocalHub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with changeset files, a baseline and a picture, for each hub."""
    del hub
    folder = tmp_path_factory.mktemp("work")
    parent, listed = "", []
    for number in range(CHANGESETS):
        changeset_id = write_changeset(folder, b"", parent_id=parent, ddl=f"CREATE TABLE t{number} (a)")
        listed.append({"id": changeset_id, "parentId": parent, "file": f"{changeset_id}.cs"})
        parent = changeset_id
    (folder / "changesets.json").write_text(json.dumps(listed))
    with closing(sqlite3.connect(folder / "baseline.bim")) as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()
    Image.new("RGB", (640, 480), "teal").save(folder / "picture.png")
    return folder


@pytest.fixture(scope="module")
def seen(hub: LocalHub, folder: Path) -> dict[str, Any]:
    """What the client saw."""
    done = run_node("authoring.cjs", hub.base_url, hub.token("ada"), hub.itwin_id, str(folder))
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture
def ids(folder: Path) -> list[str]:
    """The ids of the changesets in the working folder."""
    return [each["id"] for each in json.loads((folder / "changesets.json").read_text())]


@pytest.mark.thorough(keep=1)
def test_imodels(seen: dict[str, Any]) -> None:
    """An iModel is created, found by a part of its name, rejected a second time, and deleted."""
    assert seen["iModel"] == {"state": "initialized", "name": "From TypeScript"}
    assert seen["found"] == ["From TypeScript"]
    assert seen["duplicate"]["code"] == "iModelExists"
    assert seen["deleted"]["code"] == "iModelNotFound"
    assert seen["fromBaseline"] == "initialized"


def test_briefcases(seen: dict[str, Any]) -> None:
    """Acquired with growing numbers; owner and checkpoint are found over their links."""
    assert seen["briefcases"] == [2, 3]
    assert seen["owner"].startswith("ada.")
    assert seen["baselineCheckpoint"] == "successful"
    assert seen["missing"]["code"] == "BriefcaseNotFound"


def test_changesets(seen: dict[str, Any], hub: LocalHub, folder: Path, ids: list[str]) -> None:
    """Pushed in a group, listed in pages, read with their relatives, downloaded byte by byte."""
    assert seen["pushed"] == [{"index": index, "state": "fileUploaded"} for index in (1, 2, 3)]
    assert seen["group"] == "completed"
    assert seen["pages"] == [[3, 2], [1]]
    assert seen["synchronizationInfo"] == {"taskId": "task", "changedFiles": ["a.dgn"]}
    assert seen["creator"].startswith("ada.")
    assert seen["precedingCheckpoint"] == 0
    assert sorted(seen["downloaded"]) == sorted(f"{each}.cs" for each in ids)
    for each in ids:
        assert (folder / "down" / f"{each}.cs").read_bytes() == (folder / f"{each}.cs").read_bytes()
    assert seen["extendedData"] == {"tool": "node", "é": [1, 2]}
    assert not [request for request in hub.control.log.requests if request.status is None]


def test_locks(seen: dict[str, Any]) -> None:
    """Locks are acquired, conflict, listed, released, and rejected for outdated briefcases."""
    conflict = seen["lockConflict"]
    assert conflict["code"] == "ConflictWithAnotherUser"
    assert conflict["conflictingLocks"] == [{"objectId": "0x2", "lockLevel": "exclusive", "briefcaseIds": [2]}]
    (held,) = seen["locks"]
    assert {each["lockLevel"]: sorted(each["objectIds"]) for each in held} == {
        "exclusive": ["0x1", "0x2"],
        "shared": ["0x3"],
    }
    assert seen["released"] == []
    assert (seen["pullRequired"]["code"], seen["pullRequired"]["objectIds"]) == ("NewerChangesExist", ["0x1"])


def test_named_versions_thumbnails_and_users(seen: dict[str, Any]) -> None:
    """A Named Version is found from its changeset and hidden; a picture replaces the stock one; users are counted."""
    assert (seen["version"], seen["versionOfChangeset"], seen["hidden"]) == (3, "Milestone 1", "hidden")
    assert seen["thumbnail"] == {"before": True, "changed": True}
    assert seen["users"] == [CHANGESETS]
    assert seen["permissions"] == ["imodels_webview", "imodels_read", "imodels_write", "imodels_manage"]


def test_copies(seen: dict[str, Any], ids: list[str]) -> None:
    """A clone has the changesets up to the given one, a fork has them squashed."""
    assert seen["clone"] == ids[:1]
    assert seen["clonedFrom"] == {"iModelId": seen["iModelId"], "changesetId": ids[0]}
    assert seen["fork"] == {"state": "initialized", "changesets": 0}


def test_a_token_that_is_not_known(seen: dict[str, Any]) -> None:
    """The client gets its 401."""
    assert seen["unauthorized"]["code"] == "Unauthorized"
