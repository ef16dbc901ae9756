"""Baseline files and thumbnails."""

import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import BaselineFileState, IModelCreationState
from tests.behaviour.helpers.making import fetched, new_name, picture, put, wait_until_created


@pytest.fixture
def database(tmp_path: Path) -> bytes:
    """A SQLite database."""
    path = tmp_path / "file.bim"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE be_Local (Name CHAR PRIMARY KEY, Val BLOB);")
    return path.read_bytes()


def test_an_imodel_begins_with_an_uploaded_file(client: IModelsClient, itwin_id: str, database: bytes) -> None:
    """Announce, upload, complete, wait; the file can be had again."""
    imodel = client.imodels.create(itwin_id, new_name("File"), baseline_file_size=len(database))
    try:
        assert client.operations.get(imodel.id).state is IModelCreationState.WAITING_FOR_FILE
        assert client.baseline_files.get(imodel.id).state is BaselineFileState.WAITING_FOR_FILE
        with pytest.raises(errors.NotFound) as missing:
            client.baseline_files.complete(imodel.id)
        assert missing.value.code == "FileNotFound"
        assert "Upload the file" in str(missing.value)

        put(imodel.upload, database[:-1])
        with pytest.raises(errors.Conflict) as conflict:
            client.baseline_files.complete(imodel.id)
        assert conflict.value.code == "DataConflict"
        assert "size" in str(conflict.value)

        put(imodel.upload, database)
        completed = client.baseline_files.complete(imodel.id)
        assert completed.state in {BaselineFileState.INITIALIZATION_SCHEDULED, BaselineFileState.INITIALIZED}
        wait_until_created(client, imodel.id)
        file = client.baseline_files.get(imodel.id)
        assert (file.state, file.file_size, file.imodel_id) == (
            BaselineFileState.INITIALIZED,
            len(database),
            imodel.id,
        )
        assert fetched(file.download) == database
        creator = client.users.get_creator(file)
        assert creator is None or creator.id == file.creator_id

        with pytest.raises(errors.ValidationFailed) as late:
            client.baseline_files.complete(imodel.id)
        assert late.value.has("InvalidChange")
    finally:
        client.imodels.delete(imodel.id)


def test_what_is_not_initialized_cannot_be_worked_on(client: IModelsClient, itwin_id: str) -> None:
    """An iModel that waits for its file accepts no briefcases, changesets or Named Versions."""
    imodel = client.imodels.create(itwin_id, new_name("Waiting"), baseline_file_size=4096)
    try:
        for attempt in (
            lambda: client.briefcases.acquire(imodel.id),
            lambda: client.named_versions.create(imodel.id, "A"),
            lambda: client.changeset_groups.create(imodel.id),
        ):
            with pytest.raises(errors.NotInitialized) as caught:
                attempt()
            assert (caught.value.status, caught.value.code) == (409, "iModelNotInitialized")
            assert "operations.get" in str(caught.value)
    finally:
        client.imodels.delete(imodel.id)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_thumbnail_is_replaced(client: IModelsClient, imodel_id: str, kind: str) -> None:
    """PNG and JPEG are accepted; the result is a PNG of the requested size."""
    stock = client.thumbnails.download(imodel_id)
    client.thumbnails.upload(imodel_id, picture(kind, (80, 50)))
    for size, pixels in (("small", (400, 250)), ("large", (800, 500))):
        thumbnail = client.thumbnails.download(imodel_id, size=size)  # type: ignore[arg-type]
        assert (thumbnail.content_type, Image.open(BytesIO(thumbnail.content)).size) == ("image/png", pixels)
        assert thumbnail.content != stock.content


def test_a_broken_picture_is_refused(client: IModelsClient, imodel_id: str) -> None:
    """The service detects an invalid picture with a valid header; other files are not sent at all."""
    with pytest.raises(errors.ValidationFailed) as caught:
        client.thumbnails.upload(imodel_id, b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert [each.code for each in caught.value.details] == ["InvalidRequestBody"]
    assert [each.inner_code for each in caught.value.details] == ["InvalidThumbnailFormat"]
    assert caught.value.has("InvalidThumbnailFormat")
    with pytest.raises(ValueError, match="neither a PNG nor a JPEG"):
        client.thumbnails.upload(imodel_id, b"GIF89a")
