"""What a hub with its files in an account does besides the usual."""

import logging
import re
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from azure.storage.blob import BlobClient

from itwin_imodels import IModelsClient, errors
from itwin_imodels_hub import AzureStorage, FilesElsewhereError, HubSettings, LocalHub, SeedCheckpoint, SeedIModel
from itwin_imodels_hub.blobs import StorageUnavailableError
from tests.azure.conftest import OpenHub
from tests.azurite import KEY, Azurite
from tests.behaviour.helpers.making import picture
from tests.workflows.helpers.bench import LARGE, Bench, downloaded, until

MIB = 1 << 20
MOST_HELD = 50 * MIB
IMODEL = "imodel-5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}


def container(imodel_id: str) -> str:
    """Name the container of an iModel."""
    return f"hub-imodel-{imodel_id}"


# Where files are.


def test_an_imodel_has_a_container_that_goes_with_it(bench: Bench, azurite: Azurite) -> None:
    """The container has the confirmed files, and is deleted with the iModel."""
    file = bench.file()
    pushed = bench.push(file)
    assert azurite.blobs()[container(bench.imodel_id)] == {
        f"baseline/{bench.imodel_id}.bim": bench.client.baseline_files.get(bench.imodel_id).file_size,
        f"changesets/{pushed.id}.cs": file.stat().st_size,
    }
    assert [name for name in azurite.blobs()["hub-uploads"] if bench.imodel_id in name] == []
    abandoned = bench.file(pushed)
    announced = _announce(bench, abandoned, pushed.id)
    httpx.put(announced, content=abandoned.read_bytes(), headers=BLOCK_BLOB).raise_for_status()
    assert [name for name in azurite.blobs()["hub-uploads"] if bench.imodel_id in name]

    bench.client.imodels.delete(bench.imodel_id)
    until(lambda: container(bench.imodel_id) not in azurite.blobs())
    until(lambda: not [name for name in azurite.blobs()["hub-uploads"] if bench.imodel_id in name])


@pytest.mark.thorough
def test_a_container_that_may_not_be_deleted(bench: Bench, azurite: Azurite, caplog: pytest.LogCaptureFixture) -> None:
    """It is kept, which is reported, and other work continues."""
    caplog.set_level(logging.WARNING)
    with azurite.client() as client:
        lease = client.get_container_client(container(bench.imodel_id)).acquire_lease()
        bench.client.imodels.delete(bench.imodel_id)
        until(lambda: "Blobs of a deleted iModel could not be deleted" in caplog.text)
        assert "412 (LeaseIdMissing)" in caplog.text
        made = bench.client.create_imodel(bench.hub.itwin_id, bench.folder.name)
        assert container(made.id) in azurite.blobs()
        lease.release()


def test_the_content_has_type_and_checksum(bench: Bench, azurite: Azurite) -> None:
    """Whatever size the hub writes it in."""
    bench.client.thumbnails.upload(bench.imodel_id, picture("PNG", (80, 50)))
    with azurite.client() as client:
        found = client.get_blob_client(container(bench.imodel_id), "thumbnail-small.png").get_blob_properties()
        baseline = client.get_blob_client(container(bench.imodel_id), f"baseline/{bench.imodel_id}.bim")
        assert baseline.get_blob_properties().content_settings.content_md5
    assert found.content_settings.content_type == "image/png"
    assert found.content_settings.content_md5


def test_the_hub_itself_serves_no_files(bench: Bench) -> None:
    """There are no files below its own storage URL."""
    answer = httpx.get(f"{bench.hub.url}/storage/hubstorage/{container(bench.imodel_id)}/x")
    assert answer.status_code == 404


# Links.


def _announce(bench: Bench, file: Path, parent_id: str | None = None) -> str:
    created = bench.client.changesets.create(
        bench.imodel_id,
        changeset_id=file.stem,
        parent_id=parent_id,
        briefcase_id=bench.briefcase_id,
        file_size=file.stat().st_size,
    )
    assert created.upload is not None
    return created.upload.href


def test_a_link_that_outlives_its_confirmation_changes_nothing(bench: Bench) -> None:
    """A later upload with the link does not change the confirmed file."""
    file = bench.file()
    link = _announce(bench, file)
    httpx.put(link, content=file.read_bytes(), headers=BLOCK_BLOB).raise_for_status()
    bench.client.changesets.confirm(bench.imodel_id, file.stem, briefcase_id=bench.briefcase_id)
    httpx.put(link, content=b"something else", headers=BLOCK_BLOB).raise_for_status()
    bench.assert_holds([file])


def test_links_allow_no_more_than_they_say(bench: Bench, azurite: Azurite, tmp_path: Path) -> None:
    """A download link reads one file; the credential of a checkpoint reads one iModel without pending uploads."""
    blocks = tmp_path / "blocks"
    blocks.mkdir()
    (blocks / "manifest.bcv").write_bytes(b"manifest")
    checkpoint = SeedCheckpoint(changeset_index=0, directory=blocks)
    imodel_id = bench.hub.control.create_imodel(SeedIModel(name=bench.folder.name, checkpoints=[checkpoint]))
    access = bench.client.checkpoints.get(imodel_id, 0).directory_access
    assert access is not None
    token = access.credential
    base = f"{access.base_url}/{access.base_directory}"
    assert httpx.get(f"{base}/manifest.bcv?{token}").content == b"manifest"
    assert httpx.put(f"{base}/manifest.bcv?{token}", content=b"x", headers=BLOCK_BLOB).status_code == 403
    listed = httpx.get(f"{azurite.url}/{container(imodel_id)}?restype=container&comp=list&{token}")
    assert re.findall("<Name>(.*?)</Name>", listed.text) == [
        f"baseline/{imodel_id}.bim",
        "checkpoints/0/manifest.bcv",
    ]

    file = bench.file()
    upload = _announce(bench, file)
    httpx.put(upload, content=file.read_bytes(), headers=BLOCK_BLOB).raise_for_status()
    path = urlsplit(upload).path
    assert httpx.get(f"{azurite.url.removesuffix('/devstoreaccount1')}{path}?{token}").status_code == 403
    baseline = bench.client.baseline_files.get(bench.imodel_id).download
    assert baseline is not None
    assert httpx.get(f"{baseline.href.partition('?')[0]}?{token}").status_code == 403
    assert httpx.put(baseline.href, content=b"x", headers=BLOCK_BLOB).status_code == 403
    assert httpx.put(upload.replace(file.stem, "0" * 40), content=b"x", headers=BLOCK_BLOB).status_code == 403


# Blocks.


def test_a_large_changeset_goes_in_blocks(bench: Bench) -> None:
    """They are those of the confirmed file, which the service copied."""
    file = bench.file(size=LARGE)
    bench.push(file)
    bench.assert_holds([file])
    link = bench.timeline[0].download
    assert link is not None
    with BlobClient.from_blob_url(link.href) as blob:
        committed, _ = blob.get_block_list("committed")
    assert len(committed) == -(-file.stat().st_size // (64 << 10))


def test_an_interrupted_upload_goes_on(bench: Bench, azurite: Azurite) -> None:
    """A second push sends only the missing blocks."""
    file = bench.file(size=LARGE)

    def interrupt(done: int, _: int | None) -> None:
        if done >= LARGE // 2:
            raise LookupError

    with pytest.raises(LookupError):
        bench.push(file, progress=interrupt)
    with BlobClient.from_blob_url(_announce(bench, file)) as blob:
        _, before = blob.get_block_list("uncommitted")
    arrived = sum(block.size for block in before)
    assert arrived >= LARGE // 4
    sent = len(azurite.requests(file.name, "comp=block&"))
    bench.push(file)
    sent_again = len(azurite.requests(file.name, "comp=block&")) - sent
    assert 0 < sent_again <= -(-(file.stat().st_size - arrived) // (64 << 10))
    bench.assert_holds([file])


# The hub's own reading and writing.


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Create a sparse file that is larger than the memory limit of a transfer."""
    path = tmp_path / "large.bim"
    with path.open("wb") as file:
        file.truncate(2 * MOST_HELD)
    return path


@pytest.mark.thorough
def test_memory_stays_flat(open_hub: OpenHub, large_file: Path) -> None:
    """However large a file is that the hub writes, copies or reads."""
    files, name = open_hub().hub.blobs, f"{IMODEL}/checkpoints/1.bim"
    tracemalloc.start()
    try:
        files.add_file(name, large_file)
        files.copy(name, f"{IMODEL}/baseline/1.bim")
        with files.local(f"{IMODEL}/baseline/1.bim") as path:
            assert path.stat().st_size == 2 * MOST_HELD
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not path.exists()
    assert peak < MOST_HELD


@pytest.mark.thorough
def test_two_who_write_one_file_at_once(open_hub: OpenHub, azurite: Azurite, tmp_path: Path) -> None:
    """The file is that of one of them, complete."""
    name, sizes = f"{IMODEL}/checkpoints/1.bim", {}
    stores = []
    for number, letter in enumerate(b"ab"):
        path = tmp_path / chr(letter)
        path.write_bytes(bytes([letter]) * (17 + number) * MIB)
        sizes[path] = path.stat().st_size
        stores.append((open_hub(containers="twohubs").hub.blobs, path))
    with ThreadPoolExecutor() as pool:
        for _ in range(3):
            together = threading.Barrier(2)

            def write(store: Any, path: Path, together: threading.Barrier = together) -> None:
                together.wait()
                store.add_file(name, path)

            for done in [pool.submit(write, *each) for each in stores]:
                done.result()
            with stores[0][0].local(name) as found:
                content = found.read_bytes()
            assert content in {path.read_bytes() for path in sizes}
    assert azurite.blobs()[f"twohubs-{IMODEL}"] == {"checkpoints/1.bim": len(content)}


def test_directories_of_a_hierarchical_namespace_are_no_files(open_hub: OpenHub, azurite: Azurite) -> None:
    """Such an account lists them as empty blobs with a mark."""
    files = open_hub(containers="flat").hub.blobs
    files.add(f"{IMODEL}/checkpoints/1/manifest.bcv", b"m", content_type="a/b")
    with azurite.client() as client:
        directory = client.get_blob_client(f"flat-{IMODEL}", "checkpoints/1")
        directory.upload_blob(b"", metadata={"hdi_isfolder": "true"})
    assert files.names() == [f"{IMODEL}/checkpoints/1/manifest.bcv"]


def test_files_of_others_are_let_alone(open_hub: OpenHub, azurite: Azurite) -> None:
    """Neither hubs whose prefix starts with this one nor other containers of the account lose files."""
    one, other = open_hub(containers="shared"), open_hub(containers="shared-2")
    with azurite.client() as client:
        client.create_container("shared-with-people")
    kept = other.control.create_imodel(SeedIModel(name="Kept"))
    gone = one.control.create_imodel(SeedIModel(name="Gone"))
    assert len(one.hub.blobs.names()) == len(other.hub.blobs.names()) == 1
    one.control.reset()
    assert one.hub.blobs.names() == []
    found = azurite.blobs()
    assert f"shared-imodel-{gone}" not in found
    assert found[f"shared-2-imodel-{kept}"]
    assert "shared-with-people" in found
    one.control.create_imodel(SeedIModel(name="New", id=gone))
    assert len(one.hub.blobs.names()) == 1


# Moving and keeping.


def _visit(hub: LocalHub) -> IModelsClient:
    return IModelsClient(hub.token(), base_url=hub.base_url)


@pytest.mark.thorough
def test_a_snapshot_moves_a_hub(open_hub: OpenHub, tmp_path: Path) -> None:
    """It moves the hub from the folder to the account and back, and to an earlier state, after later changes."""
    with LocalHub() as folder:
        imodel_id = folder.control.create_imodel(SeedIModel(name="Bridge"))
        folder.control.dump(tmp_path / "folder.zip")
        names = folder.hub.blobs.names()
        baseline = folder.hub.blobs.read(names[0])
    hub = open_hub()
    later = hub.control.create_imodel(SeedIModel(name="Not in the snapshot"))
    hub.control.load(tmp_path / "folder.zip")
    assert hub.hub.blobs.names() == names
    with _visit(hub) as client:
        assert downloaded(client.baseline_files.get(imodel_id).download) == baseline
        client.thumbnails.upload(imodel_id, picture("PNG"))
        client.imodels.delete(imodel_id)
        until(lambda: not hub.hub.blobs.names())
        hub.control.load(tmp_path / "folder.zip")
        assert [each.id for each in client.imodels.list(hub.itwin_id)] == [imodel_id] != [later]
        client.thumbnails.upload(imodel_id, picture("PNG"))
        hub.control.dump(tmp_path / "azure.zip")
        hub.control.load(tmp_path / "folder.zip")
        assert hub.hub.blobs.names() == names
    with LocalHub() as folder:
        folder.control.load(tmp_path / "azure.zip")
        assert len(folder.hub.blobs.names()) == len(names) + 2


def test_a_hub_keeps_to_its_storage(open_hub: OpenHub, azurite: Azurite, tmp_path: Path) -> None:
    """With another storage, the error says where the files are; an empty hub can change its storage."""
    with LocalHub(tmp_path):
        pass
    hub = open_hub(tmp_path)
    imodel_id = hub.control.create_imodel(SeedIModel(name="Bridge"))
    hub.stop()
    with pytest.raises(FilesElsewhereError, match=r"in Azure account devstoreaccount1, containers \w+, not in the hub"):
        LocalHub(tmp_path)
    elsewhere = AzureStorage(containers="elsewhere", connection_string=azurite.connection_string)
    with pytest.raises(FilesElsewhereError, match="not in Azure account devstoreaccount1, containers elsewhere"):
        LocalHub(tmp_path, storage=elsewhere)
    again = open_hub(tmp_path)
    with _visit(again) as client:
        assert downloaded(client.baseline_files.get(imodel_id).download)


def test_links_of_another_form_are_refused(open_hub: OpenHub) -> None:
    """Files in Azure have links of its form."""
    with pytest.raises(ValueError, match="storage in Azure requires the storage_type azure, not google"):
        open_hub(settings=HubSettings(storage_type="google"))


# What is secret.


def test_no_secret_is_logged(bench: Bench, azurite: Azurite, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Neither the key nor a signature is in the log, in the hub's list of requests or in an error."""
    caplog.set_level(logging.DEBUG)
    file = bench.file()
    link = _announce(bench, file)
    with pytest.raises(errors.NotFound) as missing:
        bench.client.changesets.confirm(bench.imodel_id, file.stem, briefcase_id=bench.briefcase_id)
    bench.push(file)
    bench.client.clone_imodel(bench.imodel_id, bench.hub.itwin_id, name=tmp_path.name)
    bench.client.imodels.delete(bench.imodel_id)
    wrong = azurite.connection_string.replace("AccountKey=", "AccountKey=AAAA")
    with pytest.raises(StorageUnavailableError, match=r"failed to create the container hub-uploads: 403") as refused:
        LocalHub(storage=AzureStorage(connection_string=wrong))
    (signature,) = parse_qs(urlsplit(link).query)["sig"]
    requests = str(bench.hub.control.log.requests)
    told = f"{caplog.text} {requests} {missing.value} {refused.value} {bench.hub._site._services!r}"
    assert "azure" in caplog.text
    quoted = str(httpx.QueryParams({"sig": signature})).removeprefix("sig=")
    assert [secret for secret in (KEY, signature, quoted) if secret in told] == []
    assert not re.search(r"sig=(?!\*|REDACTED|%E2%80%A6|…)[A-Za-z0-9%+/]{20}", told)


def test_links_hold_by_real_time(bench: Bench) -> None:
    """The account does not know the hub's clock."""
    bench.hub.control.advance(timedelta(days=30))
    assert downloaded(bench.client.baseline_files.get(bench.imodel_id).download)
