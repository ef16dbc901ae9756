"""The same transfers on Microsoft's own emulator, with links made by Microsoft's own library."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from azure.storage.blob import BlobClient, BlobSasPermissions, generate_blob_sas

from itwin_imodels._transfer import DownloadItem, UploadItem
from itwin_imodels.errors import LinkExpired, TransferError
from itwin_imodels.models._links import StorageLink
from tests.azurite import ACCOUNT, KEY, running_azurite
from tests.transfer.conftest import MakeTransfers

MIB = 1 << 20
CONTAINER = "box"

Link = Callable[..., StorageLink]
Source = Callable[[int], Path]


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run Azurite with one container, and return its URL."""
    with running_azurite(tmp_path_factory.mktemp("azurite")) as azurite:
        with azurite.client() as client:
            client.create_container(CONTAINER)
        yield azurite.url


@pytest.fixture
def name() -> str:
    """Name a blob like no other."""
    return f"folder one/{uuid4()}.cs"


@pytest.fixture
def link(azurite: str, name: str) -> Link:
    """Return a function that makes links to the blob."""

    def make(permissions: str = "rcw", lifetime: timedelta = timedelta(hours=1)) -> StorageLink:
        now = datetime.now(UTC)
        token = generate_blob_sas(
            ACCOUNT,
            CONTAINER,
            name,
            account_key=KEY,
            permission=BlobSasPermissions.from_string(permissions),
            start=now - timedelta(days=1),
            expiry=now + lifetime,
        )
        with BlobClient(azurite, CONTAINER, name) as client:
            return StorageLink(href=f"{client.url}?{token}", storage_type="azure")

    return make


def properties(link: StorageLink) -> tuple[int, str | None]:
    """Return size and MD5 of a blob, as Microsoft's library sees it."""
    with BlobClient.from_blob_url(link.href) as client:
        found = client.get_blob_properties()
    md5 = found.content_settings.content_md5
    return found.size, None if md5 is None else b64encode(bytes(md5)).decode()


@pytest.mark.parametrize("size", [100, 2 * MIB + 1, 5 * MIB + 1])
def test_a_file_goes_up_and_comes_down(
    make: MakeTransfers, link: Link, source: Source, tmp_path: Path, size: int
) -> None:
    """The upload is one request, a stream or blocks; the blob has its MD5 each time."""
    file, target = source(size), tmp_path / "target.cs"
    transfers = make(block_threshold=3 * MIB, block_size=MIB)
    transfers.upload(UploadItem(file=file, link=link()))
    md5 = b64encode(hashlib.md5(file.read_bytes(), usedforsecurity=False).digest()).decode()
    assert properties(link()) == (size, md5)
    done = transfers.download(DownloadItem(target=target, link=link("r"), size=size))
    assert done.received == size
    assert target.read_bytes() == file.read_bytes()


def test_an_upload_is_resumed(make: MakeTransfers, link: Link, source: Source) -> None:
    """Existing blocks are used, with another link."""
    file = source(6 * MIB)
    settings: dict[str, object] = {"block_threshold": MIB, "block_size": MIB, "block_parallelism": 1}

    def progress(at: int, _: int | None) -> None:
        if at >= 4 * MIB:
            raise LookupError

    with pytest.raises(LookupError):
        make(**settings).upload(UploadItem(file=file, link=link()), progress=progress)
    done = make(**settings).upload(UploadItem(file=file, link=link()))
    assert done.sent < 3 * MIB
    assert properties(link())[0] == 6 * MIB
    with BlobClient.from_blob_url(link().href) as client:
        assert client.download_blob().readall() == file.read_bytes()


def test_blocks_without_leave_to_read(make: MakeTransfers, link: Link, source: Source) -> None:
    """A link that only writes is enough."""
    make(block_threshold=MIB, block_size=MIB).upload(UploadItem(file=source(3 * MIB), link=link("cw")))
    assert properties(link())[0] == 3 * MIB


def test_a_download_is_resumed_unless_the_blob_changed(
    make: MakeTransfers, link: Link, source: Source, tmp_path: Path
) -> None:
    """The same version is resumed by a range; another version is downloaded from the beginning."""
    target = tmp_path / "target.cs"

    def progress(at: int, _: int | None) -> None:
        if at >= 2 * MIB:
            raise LookupError

    for other in (False, True):
        file = source(4 * MIB)
        make().upload(UploadItem(file=file, link=link()))
        with pytest.raises(LookupError):
            make().download(DownloadItem(target=target, link=link("r")), progress=progress)
        if other:
            file.write_bytes(file.read_bytes()[::-1])
            make().upload(UploadItem(file=file, link=link()))
        done = make().download(DownloadItem(target=target, link=link("r")))
        assert (done.received == 4 * MIB) is other
        assert target.read_bytes() == file.read_bytes()


def test_refusals(make: MakeTransfers, link: Link, source: Source, tmp_path: Path) -> None:
    """The link has expired, the operation is not permitted, or the blob does not exist."""
    target = tmp_path / "target.cs"
    with pytest.raises(LinkExpired, match="403"):
        make().upload(UploadItem(file=source(5), link=link(lifetime=timedelta(hours=-1))))
    with pytest.raises(LinkExpired, match="403"):
        make().upload(UploadItem(file=source(5), link=link("r")))
    with pytest.raises(TransferError, match=r"404 \(BlobNotFound\)"):
        make().download(DownloadItem(target=target, link=link("r")))
    make().upload(UploadItem(file=source(5), link=link("r", timedelta(hours=-1)), fresh_link=link))
    expired = link("r", timedelta(hours=-1))
    make().download(DownloadItem(target=target, link=expired, fresh_link=lambda: link("r")))
    assert target.stat().st_size == 5
