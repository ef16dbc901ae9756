"""Block-based checkpoints on the command line, without a service."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from imodel_files.cloud_sqlite import (
    MANIFEST_NAME,
    Manifest,
    add_database,
    block_name,
    compose_manifest,
    new_manifest,
    remove_database,
)
from tests.cli.helpers.command import Cli, QuickCli
from tests.unit.imodel_files.cloud_making import FLAG, Row, block_id, changed, database_file, manifest_file

BLOCK = 16_384
NOW = datetime(2026, 11, 20, 22, 3, 55, 930_000, tzinfo=UTC)


class Made(NamedTuple):
    """A container, and the database files it was made of."""

    folder: Path
    manifest: Manifest
    first: Path
    second: Path


@pytest.fixture
def alone(home: Path) -> Cli:
    """Return the command of a user without a service."""
    return QuickCli(home)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Create ``first.bim`` and its child ``second.bim`` with four different rows; a third database was removed."""
    first = database_file(tmp_path / "first.bim")
    second = changed(Path(shutil.copy(first, tmp_path / "second.bim")), "UPDATE element SET data = 'x' WHERE id > 195")
    other = database_file(tmp_path / "other.bim", rows=5, seed=7)
    folder = tmp_path / "container"
    folder.mkdir()
    manifest = new_manifest(block_size=BLOCK, id_size=24)
    for path, parent in ((first, None), (second, "first.bim"), (other, None)):
        manifest = add_database(manifest, path.name, path, parent=parent, write=put_into(folder))
    return Made(folder, stored(remove_database(manifest, "other.bim", now=NOW), folder), first, second)


def put_into(folder: Path) -> Callable[[bytes, bytes], int]:
    """A function that writes blocks into a folder."""
    return lambda block_id, content: (folder / block_name(block_id)).write_bytes(content)


def stored(manifest: Manifest, folder: Path) -> Manifest:
    """Write a manifest into a folder."""
    (folder / MANIFEST_NAME).write_bytes(compose_manifest(manifest))
    return manifest


def test_databases(alone: Cli, made: Made) -> None:
    """Versions, parents, blocks, sizes; the manifest is found in its folder."""
    first, second = alone.json("checkpoint", "inspect", made.folder)
    count = -(-made.first.stat().st_size // BLOCK)
    assert first == {
        "id": 1,
        "name": "first.bim",
        "parent": None,
        "version": 1,
        "blocks": count,
        "block_bytes": count * BLOCK,
        "changes": None,
        "missing_blocks": 0,
        "size": made.first.stat().st_size,
        "problem": None,
    }
    assert (second["id"], second["name"], second["parent"], second["size"]) == (
        2,
        "second.bim",
        "first.bim",
        made.second.stat().st_size,
    )
    assert 0 < second["changes"] < 4
    assert alone.json("checkpoint", "inspect", made.folder / MANIFEST_NAME) == [first, second]
    shown = alone.ok("checkpoint", "inspect", made.folder).out
    assert shown.split()[:8] == ["NAME", "VERSION", "SIZE", "BLOCKS", "PARENT", "CHANGES", "MISSING", "PROBLEM"]
    assert "second.bim" in shown


def test_the_container(alone: Cli, made: Made) -> None:
    """What it has as a whole."""
    (made.folder / ("A" * 48 + ".bcv")).write_bytes(bytes(BLOCK))
    (made.folder / ("a" * 48 + ".bcv")).write_bytes(bytes(BLOCK))
    (made.folder / ("x" * 48 + ".bcv")).write_bytes(bytes(BLOCK))
    found = alone.json("checkpoint", "inspect", made.folder, "--container")
    first, second = made.manifest.databases
    used = len({*first.block_ids, *second.block_ids})
    gone = len(made.manifest.deleted)
    assert found == {
        "path": str(made.folder / MANIFEST_NAME),
        "block_size": BLOCK,
        "id_size": 24,
        "largest_database_id": 3,
        "databases": ["first.bim", "second.bim"],
        "blocks": used,
        "block_bytes": used * BLOCK,
        "missing_blocks": 0,
        "deleted_blocks": gone,
        "unused_blocks": gone + 1,
    }
    deleted = alone.json("checkpoint", "inspect", made.folder, "--deleted")
    assert deleted == [
        {"block": block_name(each.block_id), "deleted_at": "2026-11-20T22:03:55.930000Z"}
        for each in made.manifest.deleted
    ]
    assert "16.4 kB" in alone.ok("checkpoint", "inspect", made.folder, "--container").out


def test_what_databases_share(alone: Cli, made: Made) -> None:
    """Within a container, in each form."""
    (pair,) = alone.json("checkpoint", "inspect", made.folder, "--shared")
    first, second = made.manifest.databases
    missing = len(set(second.block_ids) - set(first.block_ids))
    assert pair == {
        "database": "first.bim",
        "other": "second.bim",
        "shared": len(set(second.block_ids)) - missing,
        "to_fetch": missing,
        "bytes_to_fetch": missing * BLOCK,
    }
    lines = alone.ok("checkpoint", "inspect", made.folder, "--shared", "-o", "csv").out.splitlines()
    assert lines[0] == "database,other,shared,to_fetch,bytes_to_fetch"
    assert len(lines) == 2


def test_what_two_containers_share(alone: Cli, made: Made, tmp_path: Path) -> None:
    """Blocks of equal content, though another upload gave them other ids."""
    folder = tmp_path / "another"
    folder.mkdir()
    again = new_manifest(block_size=BLOCK, id_size=24)
    stored(add_database(again, "new.bim", made.second, write=put_into(folder)), folder)
    done = alone.ok("checkpoint", "inspect", made.folder, folder / MANIFEST_NAME, "-o", "json")
    first, second = done.json
    assert done.err == ""
    assert (first["database"], first["other"], second["database"]) == ("first.bim", "new.bim", "second.bim")
    assert 0 < first["to_fetch"] < 4
    assert (second["to_fetch"], second["bytes_to_fetch"]) == (0, 0)
    assert second["shared"] == len(list(folder.iterdir())) - 1


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        (
            {"block_size": 32_768, "id_size": 24},
            "The containers share no blocks: their block sizes differ (16384 and 32768 bytes).",
        ),
        ({"block_size": BLOCK, "id_size": 16}, "The block ids contain no checksum"),
    ],
)
def test_what_cannot_be_compared(alone: Cli, made: Made, tmp_path: Path, sizes: dict[str, int], note: str) -> None:
    """No blocks are shared, and the message explains why that may be wrong."""
    folder = tmp_path / "another"
    folder.mkdir()
    stored(add_database(new_manifest(**sizes), "new.bim", made.first, write=put_into(folder)), folder)
    done = alone.ok("checkpoint", "inspect", made.folder, folder, "-o", "json")
    assert note in done.err
    assert {(each["shared"], each["bytes_to_fetch"] > 0) for each in done.json} == {(0, True)}


def test_what_is_missing_or_wrong(alone: Cli, made: Made) -> None:
    """Blocks that are not there or cut, a first block that is no database's."""
    first, second = made.manifest.databases
    (made.folder / block_name(second.block_ids[-1])).unlink()
    (made.folder / block_name(first.block_ids[1])).write_bytes(b"cut")
    (made.folder / block_name(second.block_ids[0])).write_bytes(bytes(BLOCK))
    found = alone.json("checkpoint", "inspect", made.folder)
    is_first_shared = first.block_ids[0] == second.block_ids[0]
    assert [each["missing_blocks"] for each in found] == [1, 2]
    assert (found[1]["size"], found[1]["problem"]) == (None, "not a SQLite database: unrecognized header")
    assert (found[0]["problem"] is not None) == is_first_shared
    (made.folder / block_name(second.block_ids[0])).unlink()
    found = alone.json("checkpoint", "inspect", made.folder)
    assert (found[1]["size"], found[1]["problem"], found[1]["missing_blocks"]) == (None, None, 3)


def test_a_manifest_alone(alone: Cli, tmp_path: Path) -> None:
    """Empty and deleted databases are reported as such; nothing is compared with a deleted one."""
    path = tmp_path / "some.bcv"
    gone = Row(2, b"gone.bim", [block_id(1)], count=1 | FLAG)
    path.write_bytes(manifest_file(Row(1, b"empty.bim", count=FLAG), gone, Row(3, b"a.bim", [block_id(1)] * 2)))
    found = alone.json("checkpoint", "inspect", path)
    assert [(each["name"], each["problem"], each["missing_blocks"]) for each in found] == [
        ("empty.bim", "it has no blocks", 0),
        ("gone.bim", "deleted", 1),
        ("a.bim", None, 1),
    ]
    assert [each["other"] for each in alone.json("checkpoint", "inspect", path, "--shared")] == ["a.bim"]
    assert alone.json("checkpoint", "inspect", path, "--deleted") == []


def test_what_is_refused(alone: Cli, tmp_path: Path) -> None:
    """Exit codes as for other files."""
    path = tmp_path / "a.bim"
    path.write_bytes(manifest_file(version=3))
    message = alone.refused(1, "checkpoint", "inspect", path)
    assert message == f"imodels: {path}: unsupported format version 3; only 4 is supported (format version, byte 0)\n"
    assert "manifest.bcv" in alone.refused(1, "checkpoint", "inspect", tmp_path)
    assert "mutually exclusive" in alone.refused(2, "checkpoint", "inspect", path, "--shared", "--deleted")
    assert "mutually exclusive" in alone.refused(2, "checkpoint", "inspect", path, path, "--container")
