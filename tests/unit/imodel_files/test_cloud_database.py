"""Between database files and blocks: cutting, checking, putting together."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import md5
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imodel_files.cloud_sqlite import (
    BlockError,
    BlockList,
    Database,
    DatabaseFileError,
    Manifest,
    ManifestError,
    add_database,
    assemble,
    block_digest,
    block_name,
    check_block,
    cut,
    database_size,
    new_block_id,
    new_manifest,
)
from tests.unit.imodel_files.cloud_making import Folder, changed, database_file, is_sound

BLOCK = 16_384


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 68 pages."""
    return database_file(tmp_path_factory.mktemp("database") / "plant.bim")


def uploaded(folder: Path, database: Path, *, block_size: int = BLOCK, id_size: int = 24) -> tuple[Folder, Manifest]:
    """Return a container with one database, ``a.bim``."""
    there = Folder(folder / "container")
    manifest = new_manifest(block_size=block_size, id_size=id_size)
    return there, add_database(manifest, "a.bim", database, write=there.write)


@pytest.mark.parametrize("id_size", [12, 16, 23, 24, 32])
@pytest.mark.parametrize("block_size", [512, 1000, 4096, 16_384, 100_000, 4 << 20])
def test_a_database_comes_back_as_it_was(plant: Path, tmp_path: Path, block_size: int, id_size: int) -> None:
    """This applies to all sizes of blocks and ids: every byte is equal, and all blocks have the same length."""
    folder, manifest = uploaded(tmp_path, plant, block_size=block_size, id_size=id_size)
    database = manifest.database("a.bim")
    size = plant.stat().st_size
    assert database.block_count == -(-size // block_size)
    assert {(folder.path / name).stat().st_size for name in folder.names} == {block_size}
    assert all(len(each) == id_size for each in database.block_ids)
    target = tmp_path / "b.bim"
    assert assemble(manifest, database, folder.read, target) == size
    assert target.read_bytes() == plant.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"container", "b.bim"}


@settings(deadline=None, max_examples=40)
@given(st.integers(512, 300_000))
def test_blocks_are_the_file_filled_up_with_zeros(plant: Path, block_size: int) -> None:
    """An exact multiple needs no additional block."""
    content = plant.read_bytes()
    blocks = list(cut(plant, block_size))
    assert b"".join(blocks) == content + bytes(-len(content) % block_size)
    assert len(blocks[0]) == block_size
    for size in (len(content), len(content) // 2):
        assert len(list(cut(plant, size))) == len(content) // size


@pytest.mark.parametrize("page_size", [512, 1024, 65_536])
def test_all_sizes_of_pages(tmp_path: Path, page_size: int) -> None:
    """The largest is written as 1."""
    path = database_file(tmp_path / "a.bim", page_size=page_size, rows=20)
    blocks = list(cut(path, BLOCK))
    size = database_size(blocks[0], block_count=len(blocks), block_size=BLOCK, source="a.bim")
    assert size == path.stat().st_size


def test_a_database_in_wal_mode_keeps_its_mode(tmp_path: Path) -> None:
    """The bytes with the mode are unchanged."""
    path = changed(database_file(tmp_path / "a.bim"), "PRAGMA journal_mode = wal")
    folder, manifest = uploaded(tmp_path, path)
    assemble(manifest, manifest.database("a.bim"), folder.read, tmp_path / "b.bim")
    content = (tmp_path / "b.bim").read_bytes()
    assert content == path.read_bytes()
    assert content[18:20] == b"\2\2"


def test_old_pages_behind_the_end_are_cut_off(tmp_path: Path) -> None:
    """A shrunk database leaves them in the file that the original tool downloads, and in its last block."""
    path = changed(database_file(tmp_path / "a.bim"), "DELETE FROM element WHERE id > 30", "VACUUM")
    content = path.read_bytes()
    blocks = list(cut(path, BLOCK))
    padded = tmp_path / "padded.bim"
    padded.write_bytes(content + b"old pages" * 10_000)
    assert list(cut(padded, BLOCK)) == blocks
    folder, manifest = uploaded(tmp_path, path, id_size=16)
    last = manifest.database("a.bim").block_ids[-1]
    used = len(content) % BLOCK
    (folder.path / block_name(last)).write_bytes(blocks[-1][:used] + b"x" * (BLOCK - used))
    assemble(manifest, manifest.database("a.bim"), folder.read, tmp_path / "b.bim")
    assert (tmp_path / "b.bim").read_bytes() == content
    assert is_sound(tmp_path / "b.bim")


def test_a_block_that_occurs_often_is_read_once(tmp_path: Path) -> None:
    """It is copied from the new file."""
    path = tmp_path / "a.bim"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE a (data)")
        database.execute("INSERT INTO a VALUES (zeroblob(200000))")
    size = path.stat().st_size
    folder, manifest = uploaded(tmp_path, path, block_size=512)
    database = manifest.database("a.bim")
    ids = database.block_ids
    assert len(set(ids)) < len(ids) == size // 512
    assemble(manifest, database, folder.read, tmp_path / "b.bim")
    assert (tmp_path / "b.bim").read_bytes() == path.read_bytes()
    assert len(folder.fetched) == len(set(folder.fetched))


def header(content: bytes, at: int, number: int, size: int = 4) -> bytes:
    """A database with another number in its header."""
    return content[:at] + number.to_bytes(size, "big") + content[at + size :]


NOT_DATABASES: dict[str, tuple[Callable[[bytes], bytes], str, int | None]] = {
    "empty": (lambda _: b"", "the file is empty", 0),
    "something else": (lambda _: b"PK\3\4" * 100, "not a SQLite database: unrecognized header", 0),
    "cut in its header": (lambda content: content[:99], "its SQLite header is incomplete", 99),
    "cut short": (lambda content: content[:-1], "truncated", None),
    "no page size": (lambda content: header(content, 16, 0, 2), "page size of 0 bytes", 16),
    "an odd page size": (lambda content: header(content, 16, 4095, 2), "page size of 4095 bytes", 16),
    "a small page size": (lambda content: header(content, 16, 256, 2), "page size of 256 bytes", 16),
    "no pages": (lambda content: header(content, 28, 0), "does not contain the size", 28),
    "changed by an old SQLite": (lambda content: header(content, 24, 7_000), "does not contain the size", 28),
}


@pytest.mark.parametrize("name", NOT_DATABASES)
def test_what_is_no_database_is_not_cut(plant: Path, tmp_path: Path, name: str) -> None:
    """It is rejected before the first block is requested."""
    damage, text, offset = NOT_DATABASES[name]
    path = tmp_path / "a.bim"
    path.write_bytes(damage(plant.read_bytes()))
    with pytest.raises(DatabaseFileError, match=text) as caught:
        cut(path, BLOCK)
    assert caught.value.source == str(path)
    assert offset is None or caught.value.offset == offset


def test_a_database_in_use_is_not_cut(plant: Path, tmp_path: Path) -> None:
    """A journal shows that it is in use; an empty one does not."""
    path = shutil.copy(plant, tmp_path / "a.bim")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("DELETE FROM element WHERE id = 1")
        with pytest.raises(DatabaseFileError, match=r"in use or was not closed properly: a\.bim-wal exists"):
            cut(path, BLOCK)
    (tmp_path / "a.bim-journal").touch()
    assert list(cut(path, BLOCK))
    (tmp_path / "a.bim-journal").write_bytes(b"x")
    with pytest.raises(DatabaseFileError, match=r"a\.bim-journal"):
        cut(path, BLOCK)


def test_a_file_that_shrinks_meanwhile_is_noticed(plant: Path, tmp_path: Path) -> None:
    """The blocks before it are returned, and no short one."""
    path = Path(shutil.copy(plant, tmp_path / "a.bim"))
    blocks = cut(path, 65_536)
    assert len(next(blocks)) == 65_536
    os.truncate(path, 70_000)
    with pytest.raises(DatabaseFileError, match="truncated while it was being read"):
        list(blocks)


@pytest.mark.parametrize("size", [0, 511, (64 << 20) + 1])
def test_blocks_have_a_size_within_bounds(plant: Path, size: int) -> None:
    """Other sizes are rejected immediately."""
    with pytest.raises(ValueError, match="block_size must be 512 to 67108864 bytes"):
        cut(plant, size)


def test_ids_and_names() -> None:
    """From 24 bytes on an id begins with the MD5; the name is upper case."""
    content = b"x" * 512
    for size in range(12, 33):
        block = new_block_id(content, size)
        assert len(block) == size
        assert block != new_block_id(content, size)
        assert block_digest(block) == (md5(content, usedforsecurity=False).digest() if size >= 24 else None)
        check_block(content, block, 512)
        assert block_name(block) == f"{block.hex().upper()}.bcv"
    for size in (11, 33):
        with pytest.raises(ValueError, match="id_size must be 12 to 32 bytes"):
            new_block_id(content, size)


def test_blocks_that_are_wrong() -> None:
    """Length and content; the name of the block, or what the caller calls it."""
    content = bytes(512)
    block = new_block_id(content, 24)
    with pytest.raises(BlockError, match="511 bytes; a block must have 512") as caught:
        check_block(memoryview(content)[1:], block, 512)
    assert (caught.value.source, caught.value.field) == (block_name(block), "length")
    with pytest.raises(BlockError, match="the MD5 of its content") as caught:
        check_block(b"x" * 512, block, 512, source="there")
    assert (caught.value.source, caught.value.field) == ("there", "content")
    check_block(b"x" * 512, block[:16], 512)


def test_the_size_must_fit_the_blocks(plant: Path) -> None:
    """The size must need all blocks, and fit into them."""
    first = next(cut(plant, BLOCK))
    size = plant.stat().st_size
    count = -(-size // BLOCK)
    assert database_size(memoryview(first)[:100], block_count=count, block_size=BLOCK, source="a") == size
    assert database_size(first, block_count=1, block_size=size, source="a") == size
    for wrong in (count - 1, count + 1, 1, 0):
        with pytest.raises(DatabaseFileError, match=f"{size} bytes, which does not match {wrong} blocks") as caught:
            database_size(first, block_count=wrong, block_size=BLOCK, source="a")
        assert (caught.value.source, caught.value.offset) == ("a", 28)


def test_the_size_of_a_giant(plant: Path) -> None:
    """It is computed without allocating memory."""
    first = header(next(cut(plant, BLOCK)), 16, 1, 2)
    first = header(first, 28, 2**32 - 1)
    size = (2**32 - 1) * 65_536
    assert database_size(first, block_count=size // (64 << 20) + 1, block_size=64 << 20, source="a") == size


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda content: content[:-1], "16383 bytes; a block must have 16384"),
        (lambda content: content + b"x", "16385 bytes; a block must have 16384"),
        (lambda content: bytes(len(content)), "the MD5 of its content"),
    ],
)
def test_a_wrong_block_leaves_what_was_there(
    plant: Path, tmp_path: Path, damage: Callable[[bytes], bytes], text: str
) -> None:
    """The target is unchanged, and no other file is left."""
    folder, manifest = uploaded(tmp_path, plant)
    target = tmp_path / "b.bim"
    target.write_bytes(b"old")
    wrong = manifest.database("a.bim").block_ids[7]

    def read(block: bytes) -> bytes:
        content = folder.read(block)
        return damage(content) if block == wrong else content

    with pytest.raises(BlockError, match=text) as caught:
        assemble(manifest, manifest.database("a.bim"), read, target)
    assert caught.value.source == block_name(wrong)
    assert target.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"container", "b.bim"}


def test_blocks_of_something_else_make_no_database(plant: Path, tmp_path: Path) -> None:
    """Only the first one is read."""
    folder, manifest = uploaded(tmp_path, plant, id_size=16)
    read: list[bytes] = []

    def give(block: bytes) -> bytes:
        read.append(block)
        return bytes(BLOCK)

    with pytest.raises(DatabaseFileError, match=r"a\.bim: not a SQLite database: unrecognized header"):
        assemble(manifest, manifest.database("a.bim"), give, tmp_path / "b.bim")
    assert len(read) == 1
    assert not (tmp_path / "b.bim").exists()
    assert folder.fetched == []


def test_a_database_without_blocks_is_none(tmp_path: Path) -> None:
    """The original tool writes such databases; they cannot be opened."""
    empty = Database(id=1, parent_id=0, version=1, name="a.bim", is_flagged=True, blocks=BlockList.whole([], 16))
    manifest = Manifest(block_size=BLOCK, id_size=16, databases=(empty,))
    with pytest.raises(ManifestError, match=r"database 'a\.bim' has no blocks"):
        assemble(manifest, manifest.database("a.bim"), lambda _: b"", tmp_path / "b.bim")
    assert list(tmp_path.iterdir()) == []


def test_a_target_in_use_is_left_alone(plant: Path, tmp_path: Path) -> None:
    """A journal would be applied to the new file."""
    folder, manifest = uploaded(tmp_path, plant)
    (tmp_path / "b.bim-wal").write_bytes(b"x")
    with pytest.raises(DatabaseFileError, match=r"b\.bim-wal"):
        assemble(manifest, manifest.database("a.bim"), folder.read, tmp_path / "b.bim")
    assert folder.fetched == []


@pytest.mark.thorough
def test_a_disk_without_room_is_noticed_first(plant: Path, tmp_path: Path) -> None:
    """Only the first block of a huge database is read."""
    block_size = 64 << 20
    pages = 2**32 - 1
    first = header(header(next(cut(plant, block_size)), 16, 1, 2), 28, pages)
    ids = [bytes(16)] * -(-pages * 65_536 // block_size)
    giant = Database(id=1, parent_id=0, version=1, name="giant", blocks=BlockList.whole(ids, 16))
    manifest = Manifest(block_size=block_size, id_size=16, databases=(giant,))
    read: list[bytes] = []

    def give(block: bytes) -> bytes:
        read.append(block)
        return first

    with pytest.raises(OSError, match="not enough free disk space for") as caught:
        assemble(manifest, giant, give, tmp_path / "b.bim")
    assert caught.value.errno == errno.ENOSPC
    assert len(read) == 1
    assert list(tmp_path.iterdir()) == []
