"""Block-based checkpoints, as Microsoft's SDK and a plain HTTP client read them."""

import base64
import hashlib
import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from imodel_files.cloud_sqlite import MANIFEST_NAME, Manifest, assemble, block_name, parse_manifest
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.seeding import plant
from itwin_imodels_hub.control.seeds import SeedChangeset, SeedCheckpoint, SeedError, SeedIModel
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.work.checkpoint_blocks import CheckpointBlocks
from tests.hub.helpers.authoring import Author, assembled, content_of, downloaded, part_of
from tests.hub.helpers.desk import Desk
from tests.hub.npm import run_node

BLOCK = 4096
ROWS = 150  # about forty blocks


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> HubSettings:
    """Use small blocks; tests pass other settings as parameters."""
    more: dict[str, Any] = getattr(request, "param", {})
    return HubSettings(durable=False, checkpoint_block_size=BLOCK).with_(**more)


@pytest.fixture
def author(ada: Desk, itwin: str, tmp_path: Path) -> Author:
    """Return an author with an iModel of some size, on a hub with a clock that tests advance."""
    return Author(ada, tmp_path / "author", rows=ROWS).begin(itwin)


def blocks_of(author: Author) -> set[str]:
    """List the blocks that the hub has of an iModel."""
    names = author.desk.hub.blobs.names(f"imodel-{author.imodel}/checkpoint-blocks/")
    return {name.rpartition("/")[2] for name in names} - {MANIFEST_NAME}


def manifest_of(checkpoint: dict[str, Any]) -> Manifest:
    """Read the manifest that a checkpoint leads to."""
    return parse_manifest(part_of(checkpoint, MANIFEST_NAME).content)


def named(author: Author, *indexes: int) -> dict[str, Any]:
    """Create checkpoints one after another, and return the last."""
    for index in indexes:
        author.name(index)
        author.desk.wait(1)
    return author.checkpoint(indexes[-1])


# What readers find.


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    "settings",
    [{}, {"checkpoint_id_size": 16}, {"checkpoint_block_size": 4 << 20}, {"storage_type": "google"}],
    indirect=True,
    ids=["md5", "random", "4 MiB", "google"],
)
def test_both_forms_hold_the_same(ada: Desk, itwin: str, settings: HubSettings, tmp_path: Path) -> None:
    """Baseline and checkpoint are equal byte for byte, in one directory, named by their changesets."""
    author = Author(ada, tmp_path / "author", rows=ROWS)
    author.imodel = plant(ada.hub, SeedIModel(name="Plant", itwin_id=itwin, baseline=author.baseline))
    files = [author.change() for _ in range(2)]
    author.imodel = plant(
        ada.hub,
        SeedIModel(
            name="Plant with history",
            itwin_id=itwin,
            baseline=author.baseline,
            changesets=[SeedChangeset(id=file.stem, file=file) for file in files],
        ),
    )
    last = named(author, 2)
    first = author.checkpoint(0)
    assert (first["dbName"], last["dbName"]) == ("BASELINE.bim", f"{author.ids[2]}.bim")
    places = [each["directoryAccessInfo"]["baseDirectory"] for each in (first, last)]
    assert places[0] == places[1]
    manifest = manifest_of(last)
    assert manifest.names == ("BASELINE.bim", f"{author.ids[2]}.bim")
    assert manifest.block_size == settings.checkpoint_block_size
    assert manifest.id_size == settings.checkpoint_id_size
    for checkpoint in (first, last):
        file = downloaded(checkpoint, tmp_path / "v1.bim")
        assert assembled(checkpoint, tmp_path / "v2.bim").read_bytes() == file.read_bytes()
    author.assert_is(tmp_path / "v2.bim", 2)


def test_microsofts_client_reads_them(author: Author, tmp_path: Path) -> None:
    """It uses the parts of the directory access: account, container and directory, token."""
    author.push(1)
    checkpoint = named(author, 1)
    access = checkpoint["directoryAccessInfo"]
    container, _, directory = access["baseDirectory"].partition("/")
    client = ContainerClient(
        access["baseUrl"],
        container,
        credential=AzureSasCredential(access["azure"]["sasToken"]),
        retry_total=2,
        initial_backoff=0,
    )
    with client:

        def read(name: str) -> bytes:
            found: bytes = client.get_blob_client(f"{directory}/{name}").download_blob(validate_content=True).readall()
            return found

        manifest = parse_manifest(read(MANIFEST_NAME))
        target = tmp_path / "database.bim"
        assemble(manifest, manifest.database(checkpoint["dbName"]), lambda each: read(block_name(each)), target)
        author.assert_is(target, 1)
        listed = {blob.name: blob for blob in client.list_blobs(name_starts_with=f"{directory}/")}
        assert {name.rpartition("/")[2] for name in listed} == {*blocks_of(author), MANIFEST_NAME}
        name = min(blocks_of(author))
        properties = client.get_blob_client(f"{directory}/{name}").get_blob_properties()
        assert properties.size == BLOCK
        assert bytes(properties.content_settings.content_md5) == bytes.fromhex(name.removesuffix(".bcv"))[:16]
        with pytest.raises(ResourceNotFoundError) as missing:
            read("00.bcv")
        assert missing.value.error_code == "BlobNotFound"
        with pytest.raises(HttpResponseError) as refused:
            client.get_blob_client(f"baseline/{author.imodel}.bim").download_blob()
        assert refused.value.status_code == 403
        author.desk.hub.clock.advance(timedelta(hours=2))
        with pytest.raises(HttpResponseError) as expired:
            read(MANIFEST_NAME)
        assert (expired.value.status_code, expired.value.error_code) == (403, "AuthenticationFailed")


def test_the_vendors_storage_client_reads_them(author: Author, tmp_path: Path) -> None:
    """It works unchanged with the checkpoint's data; an expired token is rejected with Azure's code."""
    checkpoint = author.checkpoint(0)
    access = json.dumps(checkpoint["directoryAccessInfo"])
    wanted = (MANIFEST_NAME, min(blocks_of(author)))
    for name in wanted:
        done = run_node("transfer.cjs", "azure", "download-part", access, str(tmp_path / name))
        assert json.loads(done.stdout) == {"ok": True}, done.stderr
        assert (tmp_path / name).read_bytes() == part_of(checkpoint, name).content
    author.desk.hub.clock.advance(timedelta(hours=2))
    done = run_node("transfer.cjs", "azure", "download-part", access, str(tmp_path / "late" / MANIFEST_NAME))
    refused = json.loads(done.stdout)
    assert (refused["ok"], refused["status"], refused["code"]) == (False, 403, "AuthenticationFailed")


def test_headers_of_blocks(author: Author) -> None:
    """Length, MD5 and entity tag; a block that is read again is not sent again."""
    author.push(1)
    checkpoint = named(author, 1)
    for name in (MANIFEST_NAME, min(blocks_of(author))):
        answer = part_of(checkpoint, name)
        assert int(answer.headers["content-length"]) == len(answer.content)
        assert base64.b64decode(answer.headers["content-md5"]) == _md5(answer.content)
        assert answer.headers["etag"].startswith('"0x')
    assert part_of(checkpoint, name.lower()).status_code == 404
    author.desk.hub.clock.advance(timedelta(hours=2))
    assert part_of(checkpoint, name).headers["x-ms-error-code"] == "AuthenticationFailed"
    assert part_of(author.checkpoint(1), name).status_code == 200


# What is written.


@pytest.mark.parametrize("settings", [{}, {"checkpoint_id_size": 16}], indirect=True, ids=["md5", "random"])
def test_only_what_changed_is_written(author: Author, tmp_path: Path) -> None:
    """A checkpoint shares other blocks with the previous one, and its list of blocks has only the difference."""
    author.push(3, statement="UPDATE panel SET name = 'renamed' WHERE id = 7")
    before = blocks_of(author)
    assert len(before) > 30
    last = named(author, 2, 3)
    assert 0 < len(blocks_of(author) - before) < 12
    baseline, second, third = manifest_of(last).databases
    assert (second.parent_id, third.parent_id) == (baseline.id, second.id)
    author.assert_is(assembled(last, tmp_path / "3.bim"), 3)
    author.assert_is(assembled(author.checkpoint(2), tmp_path / "2.bim"), 2)


@pytest.mark.parametrize("settings", [{"checkpoint_block_size": 4 << 20}], indirect=True)
def test_zeros_take_no_space(author: Author) -> None:
    """The rest of a block is a hole if the file system supports it: a small database does not use 4 MiB."""
    (block,) = blocks_of(author)
    blob = f"imodel-{author.imodel}/checkpoint-blocks/{block}"
    assert author.desk.hub.blobs.size(blob) == 4 << 20
    assert author.desk.hub.blobs.path(blob).stat().st_blocks * 512 < 2 << 20


def test_what_a_killed_hub_left_is_swept(author: Author) -> None:
    """Blocks that no list names go with the next checkpoint once they are a day old; others may be in the making."""
    author.push(2)
    hub = author.desk.hub
    left = f"imodel-{author.imodel}/checkpoint-blocks/{'AB' * 24}.bcv"
    with hub.blobs.incoming() as content:
        content.write([b"half-made"])
        hub.blobs.commit(left, content)
    named(author, 1)
    assert hub.blobs.info(left) is not None
    hub.clock.advance(timedelta(days=1, seconds=1))
    last = named(author, 2)
    assert hub.blobs.info(left) is None
    assert blocks_of(author) == {block_name(each) for each in _used(manifest_of(last))}


@pytest.mark.thorough
def test_two_at_once(author: Author, tmp_path: Path) -> None:
    """The second writer finds a changed manifest: its blocks are deleted, and after a retry both databases exist."""
    author.push(2)
    directory = f"imodel-{author.imodel}/checkpoint-blocks"
    files = [downloaded(named(author, index), tmp_path / f"{index}.bim") for index in (1, 2)]
    present = blocks_of(author)
    hub = author.desk.hub
    one, two = (_blocks(hub) for _ in range(2))
    other = tmp_path / "other.bim"
    shutil.copy(author.baseline, other)
    _change(other)
    drafts = [one.draft(directory, "a.bim", other, "BASELINE.bim"), two.draft(directory, "b.bim", files[1], None)]
    assert one.publish(drafts[0])
    assert not two.publish(drafts[1])
    again = two.draft(directory, "b.bim", other, None)
    assert again.blocks == []
    assert two.publish(again)
    manifest = manifest_of(author.checkpoint(0))
    assert manifest.names[-2:] == ("a.bim", "b.bim")
    assert blocks_of(author) == present | {each.rpartition("/")[2] for each in drafts[0].blocks}


@pytest.mark.thorough
def test_many_at_once(author: Author, tmp_path: Path) -> None:
    """None is lost."""
    directory = f"imodel-{author.imodel}/checkpoint-blocks"
    hub = author.desk.hub

    def add(number: int) -> None:
        file = tmp_path / f"{number}.bim"
        shutil.copy(author.baseline, file)
        _change(file, number)
        blocks, published = _blocks(hub), False
        while not published:
            draft = blocks.draft(directory, file.name, file, "BASELINE.bim")
            with hub.store.writing() as connection:
                imodel_by_id(connection, author.imodel, lock=True)
                published = blocks.publish(draft)

    threads = [threading.Thread(target=add, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    checkpoint = author.checkpoint(0)
    manifest = manifest_of(checkpoint)
    assert sorted(manifest.names) == ["0.bim", "1.bim", "2.bim", "3.bim", "4.bim", "5.bim", "BASELINE.bim"]
    for number in range(6):
        target = assembled({**checkpoint, "dbName": f"{number}.bim"}, tmp_path / "again.bim")
        assert target.read_bytes() == (tmp_path / f"{number}.bim").read_bytes()


# Which forms.


@pytest.mark.parametrize("settings", [{"checkpoint_forms": "v1"}], indirect=True)
def test_one_file_only(author: Author, tmp_path: Path) -> None:
    """There is no directory."""
    author.push(1)
    last = named(author, 1)
    for checkpoint in (author.checkpoint(0), last):
        assert (checkpoint["directoryAccessInfo"], checkpoint["containerAccessInfo"]) == (None, None)
    author.assert_is(downloaded(last, tmp_path / "1.bim"), 1)
    assert blocks_of(author) == set()


@pytest.mark.parametrize("settings", [{"checkpoint_forms": "v2"}], indirect=True)
def test_blocks_only(author: Author, tmp_path: Path) -> None:
    """There is no link; the next checkpoint and forks are created from the blocks."""
    author.push(3)
    author.name(1)
    author.desk.wait(1)
    author.desk.hub.blobs.delete(f"imodel-{author.imodel}/changesets/{author.ids[1]}.cs")
    last = named(author, 2)
    for index, checkpoint in ((0, author.checkpoint(0)), (2, last)):
        assert checkpoint["_links"]["download"] is None
        file = assembled(checkpoint, tmp_path / f"{index}.bim")
        assert checkpoint["size"] == file.stat().st_size
        author.assert_is(file, index)
    body = {"iTwinId": author.desk.itwin_of(author.imodel), "name": "Fork", "changesetIndex": 3}
    fork = author.desk.post(author.imodel, "fork", **body).headers["location"].rpartition("/")[2]
    author.desk.wait(1)
    checkpoint = author.desk.get(fork, "changesets/0/checkpoint").json()["checkpoint"]
    assert content_of(assembled(checkpoint, tmp_path / "fork.bim")) == author.states[3]
    assert author.desk.hub.blobs.names(f"imodel-{author.imodel}/checkpoints/") == []


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("settings", [{"checkpoint_forms": "v2"}, {}], indirect=True, ids=["v2", "both"])
def test_a_baseline_that_makes_no_blocks(ada: Desk, itwin: str, settings: HubSettings, tmp_path: Path) -> None:
    """Its header does not match its size; it is kept unchanged, and rejected if only blocks are generated."""
    author = Author(ada, tmp_path / "author")
    content = bytearray(author.baseline.read_bytes())
    content[92:96] = b"\0\0\0\0"  # what an SQLite before 3.7 writes
    author.baseline.write_bytes(content)
    author.begin(itwin) if settings.checkpoint_forms == "both" else _begin_in_vain(author, itwin)
    state = ada.get(author.imodel, "operations/create").json()["createOperation"]["state"]
    assert state == {"v2": "failed", "both": "successful"}[settings.checkpoint_forms]
    if state == "successful":
        assert author.checkpoint(0)["directoryAccessInfo"] is None


# The life of an iModel.


def test_deletion_takes_all(author: Author) -> None:
    """Files, blocks and manifest."""
    author.push(1)
    named(author, 1)
    author.desk.delete(author.imodel)
    author.desk.wait(1)
    assert author.desk.hub.blobs.names(f"imodel-{author.imodel}/") == []


def test_copies_have_their_own(author: Author, tmp_path: Path) -> None:
    """A clone's directory contains its baseline, and is kept when the source is deleted."""
    author.push(1)
    named(author, 1)
    itwin = author.desk.itwin_of(author.imodel)
    clone = author.desk.post(author.imodel, "clone", iTwinId=itwin, name="Clone").headers["location"].rpartition("/")[2]
    author.desk.wait(1)
    author.desk.delete(author.imodel)
    author.desk.wait(1)
    checkpoint = author.desk.get(clone, "changesets/0/checkpoint").json()["checkpoint"]
    assert manifest_of(checkpoint).names == ("BASELINE.bim",)
    assert assembled(checkpoint, tmp_path / "clone.bim").read_bytes() == author.baseline.read_bytes()


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("forms", ["v1", "v2", "both", None])
def test_seeds_choose(ada: Desk, itwin: str, tmp_path: Path, forms: Any) -> None:
    """A file can be provided as one file, in blocks or both; the default is the hub's setting."""
    author = Author(ada, tmp_path / "author", rows=ROWS)
    changeset = author.change()
    file = tmp_path / "seeded.bim"
    shutil.copy(author.baseline, file)
    _change(file)
    author.imodel = plant(
        ada.hub,
        SeedIModel(
            name="Plant",
            itwin_id=itwin,
            baseline=author.baseline,
            changesets=[SeedChangeset(id=changeset.stem, file=changeset)],
            checkpoints=[SeedCheckpoint(changeset_index=1, file=file, forms=forms)],
        ),
    )
    checkpoint = author.checkpoint(1)
    assert checkpoint["size"] == file.stat().st_size
    assert (checkpoint["_links"]["download"] is None) == (forms == "v2")
    assert (checkpoint["directoryAccessInfo"] is None) == (forms == "v1")
    if forms != "v1":
        assert assembled(checkpoint, tmp_path / "v2.bim").read_bytes() == file.read_bytes()
        assert [each.parent_id for each in manifest_of(checkpoint).databases] == [0, 1]
    if forms != "v2":
        assert downloaded(checkpoint, tmp_path / "v1.bim").read_bytes() == file.read_bytes()


def test_a_seeded_baseline_checkpoint(ada: Desk, itwin: str, tmp_path: Path) -> None:
    """Index 0 chooses the forms of the baseline's checkpoint."""
    author = Author(ada, tmp_path / "author")
    checkpoints = [SeedCheckpoint(changeset_index=0, file=author.baseline, forms="v2")]
    seed = SeedIModel(name="Plant", itwin_id=itwin, baseline=author.baseline, checkpoints=checkpoints)
    author.imodel = plant(ada.hub, seed)
    checkpoint = author.checkpoint(0)
    assert (checkpoint["_links"]["download"], checkpoint["dbName"]) == (None, "BASELINE.bim")
    assert assembled(checkpoint, tmp_path / "v2.bim").read_bytes() == author.baseline.read_bytes()


@pytest.mark.thorough
def test_a_seeded_directory(author: Author, tmp_path: Path) -> None:
    """It is served unchanged; later checkpoints are created from it."""
    author.push(1)
    checkpoint = named(author, 1)
    folder = tmp_path / "container"
    folder.mkdir()
    for name in (MANIFEST_NAME, *blocks_of(author)):
        (folder / name).write_bytes(part_of(checkpoint, name).content)
    files = [author.folder / f"{each}.cs" for each in author.ids[1:]] + [author.change()]
    seed = SeedIModel(
        name="Second plant",
        itwin_id=author.desk.itwin_of(author.imodel),
        changesets=[SeedChangeset(id=file.stem, file=file) for file in files],
        checkpoints=[SeedCheckpoint(changeset_index=1, directory=folder)],
    )
    author.imodel = plant(author.desk.hub, seed)
    assert author.checkpoint(1)["_links"]["download"] is None
    author.assert_is(assembled(author.checkpoint(1), tmp_path / "1.bim"), 1)
    author.assert_is(downloaded(named(author, 2), tmp_path / "2.bim"), 2)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"directory": True, "forms": "both"}, "has a directory with blocks: `forms` must be"),
        ({"forms": "v2"}, "sets `forms` but no `file`"),
        ({"file": True, "forms": "v2"}, "as blocks: not a SQLite database: unrecognized header"),
        ({"file": True, "forms": "both"}, "cannot store .* as blocks"),
    ],
)
def test_seeds_that_cannot_be(ada: Desk, itwin: str, tmp_path: Path, more: dict[str, Any], complaint: str) -> None:
    """They are rejected without any effect."""
    file = tmp_path / "file"
    file.write_bytes(b"no database at all")
    paths = {key: {"file": file, "directory": tmp_path}[key] if value is True else value for key, value in more.items()}
    if "directory" not in more and "file" not in more:
        paths["directory"] = tmp_path
    if more.get("directory"):
        paths["file"] = file
    checkpoints = [SeedCheckpoint(changeset_index=0, **paths)]
    with pytest.raises(SeedError, match=complaint):
        plant(ada.hub, SeedIModel(name="Plant", itwin_id=itwin, checkpoints=checkpoints))
    assert ada.hub.blobs.names() == []


# Steps.


def _begin_in_vain(author: Author, itwin: str) -> None:
    with pytest.raises(AssertionError):
        author.begin(itwin)


def _blocks(hub: Hub) -> CheckpointBlocks:
    return CheckpointBlocks(hub.blobs, lambda: None, block_size=BLOCK, id_size=24)


def _change(file: Path, number: int = 0) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE panel SET name = ? WHERE id = ?", (f"changed {number}", number * 50))


def _used(manifest: Manifest) -> set[bytes]:
    return {each for database in manifest.databases for each in database.block_ids}


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()
