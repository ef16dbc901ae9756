"""Baseline files: the way from an announced file to an iModel that is ready."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from itwin_imodels_hub.basis.settings import HubSettings
from tests.hub.helpers.desk import Desk, details_of, error_of


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Create a SQLite database."""
    path = tmp_path / "file.bim"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE be_Local (Name CHAR PRIMARY KEY, Val BLOB);")
    return path


def create(ada: Desk, itwin: str, size: int, **more: object) -> dict[str, Any]:
    """Announce a baseline file."""
    body = {"iTwinId": itwin, "name": "From file", "baselineFile": {"size": size}, **more}
    response = ada.call("POST", json=body)
    assert response.status_code == 201
    return dict(response.json()["iModel"])


def upload(imodel: dict[str, Any], content: bytes) -> None:
    """Upload a baseline file."""
    link = imodel["_links"]["upload"]
    assert link["storageType"] == "azure"
    headers = {"x-ms-blob-type": "BlockBlob"}
    assert httpx.put(link["href"], content=content, headers=headers).status_code == 201


@pytest.mark.parametrize("mode", [{}, {"creationMode": "fromBaseline"}])
def test_upload(ada: Desk, itwin: str, database: Path, mode: dict[str, str]) -> None:
    """Create, upload, complete, wait: the iModel is ready and has its file and a checkpoint of it."""
    ada.hub.clock.stop()
    content = database.read_bytes()
    imodel = create(ada, itwin, len(content), **mode)
    key = imodel["id"]
    assert imodel["state"] == "notInitialized"
    assert ada.get(key, "baselinefile").json()["baselineFile"]["state"] == "waitingForFile"
    assert ada.get(key, "operations/create").json()["createOperation"]["state"] == "waitingForFile"
    assert error_of(ada.get(key, "briefcases/checkpoint")) == (404, "CheckpointNotFound")
    upload(imodel, content)
    assert imodel["_links"]["complete"]["href"].endswith(f"/imodels/{key}/baselinefile")
    answer = ada.client.post(imodel["_links"]["complete"]["href"], json={}).json()["baselineFile"]
    assert (answer["state"], answer["_links"]["download"]) == ("initializationScheduled", None)
    assert ada.get(key, "operations/create").json()["createOperation"]["state"] == "scheduled"
    ada.wait(1)
    file = ada.get(key, "baselinefile").json()["baselineFile"]
    assert (file["state"], file["fileSize"], file["displayName"]) == ("initialized", len(content), f"{key}.bim")
    assert httpx.get(file["_links"]["download"]["href"]).content == content
    assert ada.get(key, "briefcases/checkpoint").json()["checkpoint"]["size"] == len(content)


def test_no_file(ada: Desk, itwin: str) -> None:
    """FileNotFound: nothing was uploaded."""
    imodel = create(ada, itwin, 5)
    assert error_of(ada.post(imodel["id"], "baselinefile")) == (404, "FileNotFound")


def test_wrong_size(ada: Desk, itwin: str, database: Path) -> None:
    """DataConflict: another size than announced; the upload can be done again."""
    content = database.read_bytes()
    imodel = create(ada, itwin, len(content))
    upload(imodel, b"short")
    response = ada.post(imodel["id"], "baselinefile")
    assert error_of(response) == (409, "DataConflict")
    expected = "File size provided during iModel creation does not match actual file size."
    assert response.json()["error"]["message"] == expected
    upload(imodel, content)
    assert ada.post(imodel["id"], "baselinefile").status_code == 200


def test_not_in_progress(ada: Desk, itwin: str, imodel: str, database: Path) -> None:
    """InvalidChange: no upload is pending."""
    assert details_of(ada.post(imodel, "baselinefile")) == [("InvalidChange", None)]
    content = database.read_bytes()
    made = create(ada, itwin, len(content))
    upload(made, content)
    assert ada.call("POST", made["id"], "baselinefile").status_code == 200
    response = ada.call("POST", made["id"], "baselinefile")
    assert response.json()["error"]["message"] == "Cannot complete Baseline File upload."
    assert details_of(response) == [("InvalidChange", None)]


def test_not_a_database(ada: Desk, itwin: str) -> None:
    """A file that is no database ends in initializationFailed."""
    imodel = create(ada, itwin, 5)
    upload(imodel, b"12345")
    ada.post(imodel["id"], "baselinefile")
    ada.wait(1)
    assert ada.get(imodel["id"], "baselinefile").json()["baselineFile"]["state"] == "initializationFailed"
    assert ada.get(imodel["id"], "operations/create").json()["createOperation"]["state"] == "failed"
    assert error_of(ada.post(imodel["id"], "briefcases")) == (409, "iModelNotInitialized")


def test_briefcase_file(ada: Desk, itwin: str, database: Path) -> None:
    """A file that is marked as a briefcase ends in fileIsBriefcase."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO be_Local VALUES ('be_repositoryId', 7)")
    content = database.read_bytes()
    imodel = create(ada, itwin, len(content))
    upload(imodel, content)
    ada.post(imodel["id"], "baselinefile")
    ada.wait(1)
    assert ada.get(imodel["id"], "baselinefile").json()["baselineFile"]["state"] == "fileIsBriefcase"


def test_late_upload_changes_nothing(ada: Desk, itwin: str, database: Path) -> None:
    """A later upload with the valid link does not change the confirmed file."""
    content = database.read_bytes()
    imodel = create(ada, itwin, len(content))
    upload(imodel, content)
    ada.post(imodel["id"], "baselinefile")
    upload(imodel, bytes(len(content)))
    ada.wait(1)
    link = ada.get(imodel["id"], "baselinefile").json()["baselineFile"]["_links"]["download"]["href"]
    assert httpx.get(link).content == content


class TestEmptyFile:
    """The file that empty iModels begin with."""

    @pytest.fixture
    def settings(self, database: Path) -> HubSettings:
        """Name a file."""
        return HubSettings(empty_imodel_file=database)

    def test_setting(self, ada: Desk, imodel: str, database: Path) -> None:
        """Empty iModels begin with the file of the setting."""
        file = ada.get(imodel, "baselinefile").json()["baselineFile"]
        assert file["fileSize"] == database.stat().st_size
        assert httpx.get(file["_links"]["download"]["href"]).content == database.read_bytes()
