"""The storage becomes unavailable and available again."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient, RetryPolicy, errors
from itwin_imodels.models import CreationMode
from itwin_imodels_hub import AzureStorage, LocalHub, SeedIModel, StorageUnavailableError
from tests.azure.conftest import SETTINGS
from tests.azurite import Azurite, running_azurite
from tests.behaviour.helpers.making import picture, wait_until_created
from tests.workflows.helpers.bench import IN_BLOCKS, downloaded, meanwhile, until
from tests.workflows.helpers.driving import client_class
from tests.workflows.helpers.files import changeset_file

ONCE = RetryPolicy(attempts=1)
PATIENT = RetryPolicy(attempts=20, first_wait=0.5, longest_wait=1)


@attrs.frozen
class Storage:
    """A hub and the emulator with its files, which keeps them on the disk."""

    azurite: Azurite
    hub: LocalHub


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """Both, running."""
    (tmp_path / "azurite").mkdir()
    with running_azurite(tmp_path / "azurite", in_memory=False) as azurite:
        files = AzureStorage(connection_string=azurite.connection_string)
        with LocalHub(tmp_path / "hub", settings=SETTINGS, storage=files) as hub:
            yield Storage(azurite, hub)


@pytest.fixture
def client(storage: Storage, colour: str, portal: BlockingPortal) -> Iterator[IModelsClient]:
    """A client that tries once."""
    hub = storage.hub
    with client_class(colour, portal)(hub.token(), base_url=hub.base_url, retry=ONCE, transfer=IN_BLOCKS) as client:
        yield client


def _refused(act: Callable[[], object]) -> None:
    with pytest.raises(errors.ServerError) as caught:
        act()
    assert (caught.value.status, caught.value.code) == (503, "StorageUnavailable")
    assert caught.value.retry_after is not None
    assert "Nothing was changed" in str(caught.value)


def _ready_at_once(hub: LocalHub) -> httpx.Response:
    """Create an iModel without a mode, as old clients do: the hub writes its file before it responds."""
    body, headers = {"iTwinId": hub.itwin_id, "name": "Ready at once"}, {"Authorization": f"Bearer {hub.token()}"}
    return httpx.post(hub.base_url, json=body, headers=headers, timeout=240)


@pytest.mark.thorough
def test_an_outage(storage: Storage, client: IModelsClient, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests without files succeed, those with files fail and can be repeated, and background work waits."""
    hub, azurite = storage.hub, storage.azurite
    imodel_id, doomed = (hub.control.create_imodel(SeedIModel(name=name)) for name in ("Bridge", "Doomed"))
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    file = changeset_file(tmp_path)
    push = {
        "changeset_id": file.stem,
        "parent_id": None,
        "briefcase_id": briefcase_id,
        "file_size": file.stat().st_size,
    }
    created = client.changesets.create(imodel_id, **push)
    assert created.upload is not None
    upload = httpx.put(created.upload.href, content=file.read_bytes(), headers={"x-ms-blob-type": "BlockBlob"})
    assert upload.is_success

    state = tmp_path / "state.zip"
    hub.control.dump(state)

    azurite.stop()
    with pytest.raises(StorageUnavailableError):
        hub.control.load(state)
    with pytest.raises(StorageUnavailableError):
        hub.control.dump(tmp_path / "other.zip")
    _refused(lambda: client.changesets.confirm(imodel_id, file.stem, briefcase_id=briefcase_id))
    _refused(lambda: client.thumbnails.upload(imodel_id, picture("PNG")))
    assert (_ready_at_once(hub).status_code, _ready_at_once(hub).headers["retry-after"]) == (503, "5")
    caplog.set_level(logging.WARNING)
    made = client.imodels.create(hub.itwin_id, "Made later", creation_mode=CreationMode.EMPTY)
    client.imodels.delete(doomed)
    until(lambda: "Background work is paused" in caplog.text)
    assert {each.name for each in client.imodels.list(hub.itwin_id)} == {"Bridge", "Made later"}
    assert client.changesets.get(imodel_id, file.stem).state == "waitingForFile"
    assert client.operations.get(made.id).state == "scheduled"
    with pytest.raises(errors.IModelsError):
        client.push_changeset(imodel_id, file, briefcase_id=briefcase_id, parent_id=None)

    azurite.start()
    wait_until_created(client, made.id)
    until(lambda: f"hub-imodel-{doomed}" not in azurite.blobs())
    confirmed = client.changesets.confirm(imodel_id, file.stem, briefcase_id=briefcase_id)
    assert downloaded(client.changesets.get(imodel_id, confirmed.id).download) == file.read_bytes()
    assert downloaded(client.baseline_files.get(made.id).download)
    assert _ready_at_once(hub).json()["iModel"]["state"] == "initialized"


def test_a_client_that_retries_does_not_notice(
    storage: Storage, colour: str, portal: BlockingPortal, tmp_path: Path
) -> None:
    """The response says when to retry, and that nothing was done."""
    hub, azurite = storage.hub, storage.azurite
    imodel_id = hub.control.create_imodel(SeedIModel(name="Bridge"))
    file = changeset_file(tmp_path)
    with client_class(colour, portal)(hub.token(), base_url=hub.base_url, retry=PATIENT) as client:
        briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
        created = client.changesets.create(
            imodel_id, changeset_id=file.stem, parent_id=None, briefcase_id=briefcase_id, file_size=file.stat().st_size
        )
        assert created.upload is not None
        httpx.put(created.upload.href, content=file.read_bytes(), headers={"x-ms-blob-type": "BlockBlob"})
        azurite.stop()
        hub.control.log.clear()
        # The emulator comes back once the hub has refused the confirmation.
        with meanwhile(lambda: _start_again(storage)):
            client.changesets.confirm(imodel_id, file.stem, briefcase_id=briefcase_id)
        assert [each.id for each in client.changesets.list(imodel_id)] == [file.stem]


def _start_again(storage: Storage) -> None:
    until(lambda: any(each.status == 503 for each in storage.hub.control.log.requests))
    storage.azurite.start()
