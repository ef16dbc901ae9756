"""Facts about containers that the original tool made: all fields, blocks, sizes and contents."""

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from imodel_files.cloud_sqlite import (
    ManifestError,
    assemble,
    block_digest,
    block_name,
    check_block,
    compose_manifest,
    cut,
    parse_manifest,
    shared_blocks,
)
from tests.unit.imodel_files.cloud_making import Folder, is_sound
from tests.unit.imodel_files.samples import samples_folder

DATABASES = [
    ("plain", "BASELINE.bim"),
    ("history", "BASELINE.bim"),
    ("history", "second.bim"),
    ("history", "third.bim"),
    ("history", "vierte Datei é.bim"),
]
each_container = pytest.mark.parametrize("container", ["plain", "history"])
each_database = pytest.mark.parametrize(("container", "name"), DATABASES)


@cache
def expected() -> Any:
    """Return the expected results."""
    return json.loads((samples_folder("v2-checkpoint") / "expected.json").read_text(encoding="utf-8"))


def content_of(name: str) -> bytes:
    """Return a file next to the containers, or in one."""
    return (samples_folder("v2-checkpoint") / name).read_bytes()


@each_container
def test_the_header_and_the_delete_list(container: str) -> None:
    """All fields are those that are known."""
    content = content_of(f"{container}/manifest.bcv")
    facts = expected()[container]["manifest"]
    manifest = parse_manifest(content)
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert (manifest.block_size, manifest.id_size, manifest.largest_database_id) == (
        facts["block_size"],
        facts["name_bytes"],
        facts["max_db_id"],
    )
    found = [(each.block_id.hex().upper(), each.deleted_at) for each in manifest.deleted]
    assert found == [(each["block"], datetime.fromisoformat(each["utc"])) for each in facts["delete_list"]]


@each_container
def test_the_databases(container: str) -> None:
    """Numbers, parents, versions, names, blocks."""
    manifest = parse_manifest(content_of(f"{container}/manifest.bcv"))
    wanted = expected()[container]["databases"]
    assert [each.name for each in manifest.databases] == [each["name"] for each in wanted] == list(manifest.names)
    for database, facts in zip(manifest.databases, wanted, strict=True):
        assert (database.id, database.parent_id, database.version) == (
            facts["id"],
            facts["parent_id"],
            facts["version"],
        )
        assert (database.block_count, database.blocks.entries) == (facts["blocks"], facts["list_entries"])
        assert len(database.block_ids) == facts["blocks"]
        assert block_name(database.block_ids[0]) == facts["first_block"] + ".bcv"
        assert block_name(database.block_ids[-1]) == facts["last_block"] + ".bcv"
        assert (database.is_flagged, database.is_absent, database.is_empty) == (False, False, False)
        assert (block_digest(database.block_ids[0]) is not None) == facts["names_are_md5"]


@pytest.mark.parametrize(
    "name", ["plain/manifest.bcv", "history/manifest.bcv", "empty-container.manifest.bcv", "edge.manifest.bcv"]
)
def test_a_manifest_is_written_byte_for_byte(name: str) -> None:
    """Parsing and composing returns the same bytes."""
    content = content_of(name)
    assert compose_manifest(parse_manifest(content)) == content


@each_database
def test_a_database_is_made_of_its_blocks(container: str, name: str, tmp_path: Path) -> None:
    """Size and content are the original ones, and SQLite finds no error."""
    folder = Folder(samples_folder("v2-checkpoint") / container)
    manifest = parse_manifest(content_of(f"{container}/manifest.bcv"))
    facts = next(each for each in expected()[container]["databases"] if each["name"] == name)
    database = manifest.database(name)
    target = tmp_path / "a.bim"
    assert assemble(manifest, database, folder.read, target) == facts["size"] == target.stat().st_size
    content = target.read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]
    assert list(content[18:20]) == facts["journal_bytes"]
    assert len(folder.fetched) == len(set(database.block_ids))
    padded = b"".join(map(folder.read, database.block_ids))
    assert len(padded) == facts["padded_size"]
    assert hashlib.sha256(padded).hexdigest() == facts["padded_sha256"]
    assert any(padded[len(content) :]) != facts["tail_is_zero"]
    assert is_sound(target)


@each_container
def test_every_block_is_right_and_a_changed_one_is_not(container: str) -> None:
    """All blocks that lie in a container pass, the orphan included."""
    manifest = parse_manifest(content_of(f"{container}/manifest.bcv"))
    files = [path for path in (samples_folder("v2-checkpoint") / container).glob("*.bcv") if len(path.stem) > 30]
    assert files
    for path in files:
        check_block(path.read_bytes(), bytes.fromhex(path.stem), manifest.block_size)


@each_container
def test_a_database_is_cut_as_the_tool_cuts_it(container: str) -> None:
    """The blocks of the source are those that the tool uploaded."""
    folder = Folder(samples_folder("v2-checkpoint") / container)
    manifest = parse_manifest(content_of(f"{container}/manifest.bcv"))
    blocks = list(cut(samples_folder("v2-checkpoint") / "source.bim", manifest.block_size))
    assert blocks == [folder.read(each) for each in manifest.database("BASELINE.bim").block_ids]


def test_what_databases_share() -> None:
    """A copy shares all blocks, and a changed database the unchanged ones; MD5 ids work across containers."""
    first, second, third, fourth = parse_manifest(content_of("history/manifest.bcv")).databases
    assert shared_blocks(second, fourth) == 16
    assert shared_blocks(first, second) == 11
    assert shared_blocks(second, third) == shared_blocks(third, fourth) == 6
    assert shared_blocks(first, parse_manifest(content_of("plain/manifest.bcv")).databases[0]) == 0


def test_edges(tmp_path: Path) -> None:
    """A database without blocks, which cannot be read; a name of 127 bytes; a name with a slash."""
    manifest = parse_manifest(content_of("edge.manifest.bcv"))
    facts = expected()["edge.manifest.bcv"]
    assert list(manifest.names) == [each["name"] for each in facts]
    assert [each.block_count for each in manifest.databases] == [each["blocks"] for each in facts]
    assert [each.is_flagged for each in manifest.databases] == [each["high_bit_set"] for each in facts]
    empty, longest, slash = manifest.databases
    assert (empty.is_empty, empty.is_absent) == (True, False)
    assert (len(longest.name.encode()), slash.name) == (127, "dir/name.bim")
    with pytest.raises(ManifestError, match="no blocks"):
        assemble(manifest, empty, lambda _: b"", tmp_path / "a.bim")
    assert parse_manifest(content_of("empty-container.manifest.bcv")).databases == ()
