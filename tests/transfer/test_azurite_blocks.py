"""Block-based databases on Microsoft's own emulator, put there by Microsoft's own library."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import evolve
from azure.storage.blob import ContainerClient, ContainerSasPermissions, generate_container_sas

from imodel_files.cloud_sqlite import MANIFEST_NAME
from itwin_imodels._transfer import BlocksItem
from itwin_imodels._transfer.storage import Container, container_of
from itwin_imodels.errors import IntegrityError, LinkExpired, TransferError
from itwin_imodels.models import DirectoryAccess
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.containers import NAME, blocks_of, change_database, make_database, put_into
from tests.transfer.test_azurite import ACCOUNT, CONTAINER, KEY, azurite  # noqa: F401 - the last one is a fixture

HOUR = timedelta(hours=1)


class Box:
    """A folder of blocks on the emulator."""

    def __init__(self, address: str) -> None:
        """Create an empty container."""
        self.address = address
        self.directory = f"{CONTAINER}/checkpoints {uuid4()}"
        credential = {"account_name": ACCOUNT, "account_key": KEY}
        self.client = ContainerClient(address, CONTAINER, credential=credential)

    def blob(self, name: str) -> str:
        """Return the name of a file in the folder."""
        return f"{self.directory.partition('/')[2]}/{name}"

    def put(self, folder: Path) -> None:
        """Put the files of a folder there."""
        for path in folder.iterdir():
            self.client.upload_blob(self.blob(path.name), path.read_bytes(), overwrite=True)

    def access(self, lifetime: timedelta = HOUR, database: str = NAME) -> Container:
        """Return a credential as the service does: one token for the whole container, for reading only."""
        now = datetime.now(UTC)
        token = generate_container_sas(
            ACCOUNT,
            CONTAINER,
            account_key=KEY,
            permission=ContainerSasPermissions(read=True),
            start=now - timedelta(days=1),
            expiry=now + lifetime,
        )
        told = DirectoryAccess(
            base_url=self.address,
            storage=ACCOUNT,
            base_directory=self.directory,
            storage_type="azure",
            credential=token,
        )
        return container_of(told, database)


@pytest.fixture
def box(azurite: str) -> Iterator[Box]:  # noqa: F811 - the fixture that was imported
    """A folder on the emulator."""
    box = Box(azurite)
    with box.client:
        yield box


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Create a database and a changed copy in one folder of blocks."""
    first = make_database(tmp_path / "first.bim")
    second = change_database(first, tmp_path / "second.bim")
    return put_into(tmp_path / "blocks", {NAME: first, "second.bim": second}, id_size=16)


def test_it_comes_down_and_is_updated(make: MakeTransfers, box: Box, folder: Path, tmp_path: Path) -> None:
    """Without a list of blocks, HEAD requests to the emulator identify the equal ones."""
    box.put(folder)
    target, newer = tmp_path / "target.bim", tmp_path / "newer.bim"
    done = make().assemble(BlocksItem(target=target, container=box.access(), list_file=tmp_path / "list"))
    assert (done.fetched, done.reused) == (11, 0)
    assert target.read_bytes() == (tmp_path / "first.bim").read_bytes()
    differing = len(set(blocks_of(folder, "second.bim")) - set(blocks_of(folder)))
    for old_list in (tmp_path / "list", None):
        item = BlocksItem(target=newer, container=box.access(database="second.bim"), old=target, old_list=old_list)
        done = make().assemble(item)
        assert newer.read_bytes() == (tmp_path / "second.bim").read_bytes()
        assert done.fetched == differing < done.reused


def test_access_that_is_over(make: MakeTransfers, box: Box, folder: Path, tmp_path: Path) -> None:
    """A new one is requested before the expiry, or after a rejection if the expiry is unknown."""
    box.put(folder)
    target = tmp_path / "target.bim"
    over = box.access(-HOUR)
    assert over.end is not None
    with pytest.raises(LinkExpired, match="403"):
        make().assemble(BlocksItem(target=target, container=over))
    asked: list[datetime | None] = []

    def fresh() -> Container:
        asked.append(over.end)
        return box.access()

    for container in (over, evolve(over, end=None)):
        make().assemble(BlocksItem(target=target, container=container, fresh_container=fresh))
        assert target.read_bytes() == (tmp_path / "first.bim").read_bytes()
    assert len(asked) == 2


def test_what_is_wrong_there(make: MakeTransfers, box: Box, folder: Path, tmp_path: Path) -> None:
    """A block is missing or has another size, or the manifest has changed."""
    box.put(folder)
    target, item = tmp_path / "target.bim", BlocksItem(target=tmp_path / "target.bim", container=box.access())
    names = blocks_of(folder)
    content = (folder / names[3]).read_bytes()
    box.client.delete_blob(box.blob(names[3]))
    with pytest.raises(IntegrityError, match=r"block 4 of 11 .* is missing"):
        make().assemble(item)
    box.client.upload_blob(box.blob(names[3]), content[:-1])
    with pytest.raises(IntegrityError, match="has 16383 bytes"):
        make().assemble(item)
    assert not target.exists()
    box.client.upload_blob(box.blob(names[3]), content, overwrite=True)
    done = make().assemble(item)
    assert done.reused > 0
    assert target.read_bytes() == (tmp_path / "first.bim").read_bytes()
    box.client.delete_blob(box.blob(MANIFEST_NAME))
    with pytest.raises(TransferError, match=r"404 \(BlobNotFound\)"):
        make().assemble(item)
