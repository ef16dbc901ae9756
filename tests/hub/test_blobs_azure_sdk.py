"""Microsoft's own SDK, unchanged, on our links."""

import os
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceResponseError,
)
from azure.storage.blob import BlobBlock, BlobClient, BlobType, ContainerClient, ContentSettings

from tests.hub.test_blobs_server import BlobServer, serve

NAME = "box/folder one/file.cs"
CONTENT = os.urandom(1 << 20)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BlobServer]:
    """Serve an empty store."""
    with serve(tmp_path) as server:
        yield server


@pytest.fixture
def writer(server: BlobServer) -> Iterator[BlobClient]:
    """Yield a client of an upload link that puts more than 64 KiB in blocks."""
    with BlobClient.from_blob_url(
        server.upload(NAME), max_single_put_size=64 << 10, max_block_size=100_000, retry_total=0
    ) as client:
        yield client


@pytest.fixture
def reader(server: BlobServer) -> Iterator[BlobClient]:
    """Yield a client of a download link that gets 64 KiB at a time."""
    with BlobClient.from_blob_url(
        server.download(NAME), max_single_get_size=64 << 10, max_chunk_get_size=64 << 10, retry_total=0
    ) as client:
        yield client


def code_of(error: HttpResponseError) -> object:
    """Return the service's code of an error; the SDK sets it without declaring it."""
    return getattr(error, "error_code", None)


def test_single_upload(server: BlobServer, reader: BlobClient) -> None:
    """A small blob is sent in one request, with its MD5 checked both ways."""
    with BlobClient.from_blob_url(server.upload(NAME)) as client:
        answer = client.upload_blob(CONTENT, validate_content=True, content_settings=ContentSettings("text/plain"))
    assert answer["etag"] == server.store.etag(NAME)
    assert server.store.committed(NAME) == []
    assert reader.download_blob(validate_content=True).readall() == CONTENT
    properties = reader.get_blob_properties()
    assert properties.size == len(CONTENT)
    assert properties.blob_type is BlobType.BLOCKBLOB
    assert properties.content_settings.content_type == "text/plain"
    assert b64encode(properties.content_settings.content_md5 or b"").decode() == server.store.content_md5(NAME)


def test_block_upload_and_parallel_download(server: BlobServer, writer: BlobClient, reader: BlobClient) -> None:
    """A larger blob is sent in blocks and read in ranges, four at a time."""
    writer.upload_blob(CONTENT, max_concurrency=4, validate_content=True)
    assert [block.size for block in server.store.committed(NAME)] == [100_000] * 10 + [48_576]
    assert reader.exists()
    assert reader.download_blob(max_concurrency=4).readall() == CONTENT
    assert reader.download_blob(offset=123_456, length=200_000, max_concurrency=4).readall() == CONTENT[123_456:323_456]
    assert b"".join(reader.download_blob().chunks()) == CONTENT


def test_stream_of_unknown_length(writer: BlobClient, reader: BlobClient) -> None:
    """An iterator is uploaded in blocks."""
    writer.upload_blob(iter([CONTENT[:300_000], CONTENT[300_000:]]))
    assert reader.download_blob().readall() == CONTENT


def test_empty_blob(writer: BlobClient, reader: BlobClient) -> None:
    """An empty blob is downloaded although no range of it is."""
    writer.upload_blob(b"")
    assert reader.download_blob().readall() == b""


def test_resume(server: BlobServer, reader: BlobClient) -> None:
    """An interrupted upload is resumed with the existing blocks."""
    pieces = {f"{number:04}": CONTENT[number * 300_000 : (number + 1) * 300_000] for number in range(4)}
    with BlobClient.from_blob_url(server.link(NAME, "rcw")) as client:
        client.stage_block("0000", pieces["0000"])
        client.stage_block("0002", pieces["0002"], validate_content=True)
        committed, uncommitted = client.get_block_list("all")
        assert committed == []
        present = {block.id: block.size for block in uncommitted}
        assert present == {"0000": 300_000, "0002": 300_000}
        for block_id in pieces.keys() - present.keys():
            client.stage_block(block_id, pieces[block_id])
        client.commit_block_list([BlobBlock(block_id) for block_id in pieces])
        committed, uncommitted = client.get_block_list("all")
        assert [block.id for block in committed] == list(pieces)
        assert uncommitted == []
    assert reader.download_blob().readall() == CONTENT


def test_overwrite_rules(writer: BlobClient, reader: BlobClient) -> None:
    """Without overwrite an existing blob stays, in both ways to upload."""
    writer.upload_blob(b"old")
    for content in (b"new", CONTENT):
        with pytest.raises(ResourceExistsError) as refused:
            writer.upload_blob(content)
        assert code_of(refused.value) == "BlobAlreadyExists"
    assert reader.download_blob().readall() == b"old"
    writer.upload_blob(CONTENT, overwrite=True)
    assert reader.download_blob().readall() == CONTENT


def test_conditions(server: BlobServer, writer: BlobClient, reader: BlobClient) -> None:
    """Conditions arrive as the SDK's errors."""
    writer.upload_blob(b"old")
    etag = server.store.etag(NAME)
    with pytest.raises(ResourceModifiedError):
        writer.upload_blob(b"new", overwrite=True, etag='"0x0"', match_condition=MatchConditions.IfNotModified)
    with pytest.raises(ResourceModifiedError):
        reader.download_blob(etag='"0x0"', match_condition=MatchConditions.IfNotModified)
    writer.upload_blob(b"new", overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified)
    with pytest.raises(HttpResponseError) as refused:
        reader.download_blob(etag=server.store.etag(NAME), match_condition=MatchConditions.IfModified)
    assert refused.value.status_code == 304


def test_change_during_a_download(writer: BlobClient, reader: BlobClient) -> None:
    """A download in ranges notices when the blob is replaced between two of them."""
    writer.upload_blob(CONTENT)
    download = reader.download_blob()
    writer.upload_blob(CONTENT[::-1], overwrite=True)
    with pytest.raises(ResourceModifiedError):
        download.readall()


def test_errors(server: BlobServer, writer: BlobClient, reader: BlobClient) -> None:
    """Rejections arrive as the SDK's errors with our codes."""
    with pytest.raises(ResourceNotFoundError) as missing:
        reader.download_blob()
    assert code_of(missing.value) == "BlobNotFound"
    with pytest.raises(HttpResponseError) as forbidden:
        reader.upload_blob(b"x")
    assert code_of(forbidden.value) == "AuthorizationPermissionMismatch"
    writer.stage_block("0000", b"x")
    with pytest.raises(HttpResponseError) as unknown:
        writer.commit_block_list([BlobBlock("0000"), BlobBlock("0001")])
    assert code_of(unknown.value) == "InvalidBlockList"
    server.clock.offset = timedelta(hours=2)
    with pytest.raises(ClientAuthenticationError) as expired:
        reader.download_blob()
    assert code_of(expired.value) == "AuthenticationFailed"


def test_delete(server: BlobServer, writer: BlobClient) -> None:
    """A link with d deletes."""
    writer.upload_blob(b"x")
    with BlobClient.from_blob_url(server.link(NAME, "d")) as client:
        client.delete_blob()
    assert server.store.size(NAME) is None


def test_list_of_a_directory(server: BlobServer) -> None:
    """A directory's token lists in pages and reads."""
    names = [f"points/5/{number}" for number in range(7)]
    for name in names:
        with BlobClient.from_blob_url(server.upload(f"box/{name}")) as client:
            client.upload_blob(name.encode())
    access = server.links.directory(server.address, "box/points/5", timedelta(hours=1))
    with ContainerClient.from_container_url(f"{access.base_url}/{access.container}?{access.token}") as container:
        blobs = list(container.list_blobs(name_starts_with="points/5/", results_per_page=3))
        assert [blob.name for blob in blobs] == names
        assert {blob.size for blob in blobs} == {10}
        assert container.download_blob(names[3]).readall() == b"points/5/3"
        with pytest.raises(ClientAuthenticationError):
            list(container.list_blobs())


def test_read_timeout(server: BlobServer, reader: BlobClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stalled response ends with the SDK's timeout."""
    with BlobClient.from_blob_url(server.upload(NAME)) as writer:
        writer.upload_blob(b"x")
    opened = server.store.open
    released = Event()

    def stall(name: str) -> object:
        released.wait(5)
        return opened(name)

    monkeypatch.setattr(server.store, "open", stall)
    try:
        with pytest.raises(ServiceResponseError):
            reader.download_blob(read_timeout=0.1)
    finally:
        released.set()
