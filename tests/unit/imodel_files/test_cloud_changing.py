"""Adding databases to containers, and removing them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imodel_files.cloud_sqlite import (
    CloudSqliteError,
    DatabaseFileError,
    DatabaseNotFoundError,
    Manifest,
    ManifestError,
    add_database,
    assemble,
    block_name,
    compose_manifest,
    new_manifest,
    parse_manifest,
    remove_database,
    shared_blocks,
    used_blocks,
)
from tests.unit.imodel_files.cloud_making import FLAG, Folder, Row, block_id, changed, database_file, manifest_file

BLOCK = 16_384
NOW = datetime(2026, 11, 20, 22, 3, 55, 930_123, tzinfo=UTC)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return a database that is changed in one place, grown and shrunk."""
    folder = tmp_path_factory.mktemp("history")
    paths = [database_file(folder / "0.bim")]
    for statement in (
        "UPDATE element SET data = 'x' WHERE id = 77",
        "INSERT INTO element SELECT id + 1000, randomblob(1000) FROM element",
        "DELETE FROM element WHERE id BETWEEN 100 AND 1150; VACUUM",
    ):
        path = Path(shutil.copy(paths[-1], folder / f"{len(paths)}.bim"))
        paths.append(changed(path, *statement.split(";")))
    return paths


def filled(folder: Folder, paths: list[Path], *, id_size: int, parents: bool) -> Manifest:
    """Return a container with these databases, each with the previous one as parent if requested."""
    manifest = new_manifest(block_size=BLOCK, id_size=id_size)
    for path in paths:
        parent = manifest.databases[-1].name if parents and manifest.databases else None
        manifest = add_database(manifest, path.name, path, parent=parent, write=folder.write, read=folder.read)
    return manifest


@pytest.mark.parametrize("parents", [False, True])
@pytest.mark.parametrize("id_size", [12, 16, 24, 32])
def test_each_database_comes_back(history: list[Path], tmp_path: Path, id_size: int, *, parents: bool) -> None:
    """This applies with and without parents, through the bytes of the manifest."""
    folder = Folder(tmp_path / "container")
    manifest = parse_manifest(compose_manifest(filled(folder, history, id_size=id_size, parents=parents)))
    assert [(each.id, each.parent_id) for each in manifest.databases] == [
        (number, (number - 1) * parents) for number in (1, 2, 3, 4)
    ]
    assert (manifest.largest_database_id, {each.version for each in manifest.databases}) == (4, {1})
    for path in history:
        target = tmp_path / "target.bim"
        assemble(manifest, manifest.database(path.name), folder.read, target)
        assert target.read_bytes() == path.read_bytes()
    assert folder.names == set(map(block_name, used_blocks(manifest)))


@pytest.mark.parametrize(("id_size", "parents"), [(24, False), (24, True), (16, True)])
def test_only_blocks_that_differ_are_written(
    history: list[Path], tmp_path: Path, id_size: int, *, parents: bool
) -> None:
    """A small change writes few blocks, a copy none."""
    folder = Folder(tmp_path / "container")
    manifest = filled(folder, history[:2], id_size=id_size, parents=parents)
    first, second = manifest.databases
    assert first.block_count < len(folder.written) < first.block_count + 4
    assert shared_blocks(first, second) >= first.block_count - 4
    written = len(folder.written)
    parent = second.name if parents else None
    again = add_database(manifest, "copy", history[1], parent=parent, write=folder.write, read=folder.read)
    assert len(folder.written) == written
    copy = again.database("copy")
    assert copy.block_ids == second.block_ids
    assert (copy.blocks.entries, len(copy.blocks.packed)) == (0, 0 if parents else second.block_count * id_size)


def test_random_ids_without_reading_write_all(history: list[Path], tmp_path: Path) -> None:
    """Existing blocks cannot be identified."""
    folder = Folder(tmp_path / "container")
    manifest = add_database(new_manifest(block_size=BLOCK), "a", history[0], write=folder.write)
    manifest = add_database(manifest, "b", history[0], parent="a", write=folder.write)
    first, second = manifest.databases
    assert len(folder.written) == 2 * first.block_count
    assert (shared_blocks(first, second), second.blocks.entries) == (0, first.block_count)
    parse_manifest(compose_manifest(manifest))


def test_blocks_from_the_delete_list_are_not_taken(history: list[Path], tmp_path: Path) -> None:
    """A cleanup may be removing them at this moment."""
    folder = Folder(tmp_path / "container")
    manifest = add_database(new_manifest(block_size=BLOCK, id_size=24), "a", history[0], write=folder.write)
    count = manifest.databases[0].block_count
    manifest = remove_database(manifest, "a", now=NOW)
    assert manifest.databases == ()
    assert len(manifest.deleted) == count
    manifest = add_database(manifest, "a", history[0], write=folder.write)
    assert len(folder.written) == 2 * count
    assert manifest.databases[0].id == 2
    assert not used_blocks(manifest) & {each.block_id for each in manifest.deleted}


@pytest.mark.parametrize("removed", ["0.bim", "1.bim", "2.bim", "3.bim"])
def test_removing_one_leaves_the_others_as_they_were(history: list[Path], tmp_path: Path, removed: str) -> None:
    """Its child gets a complete list; unused blocks are on the delete list, with a time in milliseconds."""
    folder = Folder(tmp_path / "container")
    manifest = filled(folder, history, id_size=24, parents=True)
    lists = {each.name: each.block_ids for each in manifest.databases}
    gone = manifest.database(removed)
    after = remove_database(manifest, removed, now=NOW)
    assert parse_manifest(compose_manifest(after)) == after
    assert {each.name: each.block_ids for each in after.databases} == {
        name: ids for name, ids in lists.items() if name != removed
    }
    assert [each.parent_id for each in after.databases] == [
        0 if each.parent_id == gone.id else each.parent_id for each in manifest.databases if each.id != gone.id
    ]
    assert after.largest_database_id == 4
    unused = set(gone.block_ids) - used_blocks(after)
    assert unused
    assert {each.block_id for each in after.deleted} == unused
    assert {each.deleted_at for each in after.deleted} == {NOW.replace(microsecond=930_000)}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.integers(0, 9), max_size=6)), max_size=6), st.data())
def test_any_order_of_removals_leaves_the_lists_alone(made: list[tuple[int, list[int]]], data: st.DataObject) -> None:
    """Whatever the parents: the others keep their blocks, and no block is lost from sight."""
    rows: list[Row] = []
    known: dict[int, list[bytes]] = {0: []}
    for number, (parent_id, numbers) in enumerate(made, 1):
        parent_id = parent_id if parent_id < number else 0  # noqa: PLW2901 - the parent comes first
        ids, old = list(map(block_id, numbers)), known[parent_id]
        changes = [(at, each) for at, each in enumerate(ids) if at >= len(old) or old[at] != each]
        name = str(number).encode()
        if parent_id:
            rows.append(Row(number, name, parent_id=parent_id, changes=changes, count=len(ids)))
        else:
            rows.append(Row(number, name, ids))
        known[number] = ids
    manifest = parse_manifest(manifest_file(*rows))
    everything = used_blocks(manifest)
    for name in data.draw(st.permutations(manifest.names)):
        manifest = remove_database(manifest, name, now=NOW)
        del known[int(name)]
        assert {each.id: list(each.block_ids) for each in manifest.databases} == {
            number: ids for number, ids in known.items() if number
        }
        deleted = [each.block_id for each in manifest.deleted]
        assert len(deleted) == len(set(deleted))
        assert used_blocks(manifest) | set(deleted) == everything
        assert parse_manifest(compose_manifest(manifest)) == manifest


def test_what_cannot_be_added(history: list[Path], tmp_path: Path) -> None:
    """It is rejected before a block is written."""
    folder = Folder(tmp_path / "container")
    manifest = add_database(new_manifest(block_size=BLOCK), "a", history[0], write=folder.write)
    count = len(folder.written)
    text = tmp_path / "a.txt"
    text.write_text("no database", encoding="utf-8")

    def refused(kind: type[CloudSqliteError], match: str, name: str, path: Path, parent: str | None = None) -> None:
        with pytest.raises(kind, match=match):
            add_database(manifest, name, path, parent=parent, write=folder.write)

    refused(ManifestError, "a database named 'a' already exists", "a", history[1])
    refused(ManifestError, "has 128 bytes in UTF-8", "n" * 128, history[1])
    refused(ManifestError, "must have a name", "", history[1])
    refused(DatabaseNotFoundError, "no database named 'c'; available: 'a'", "b", history[1], "c")
    refused(DatabaseFileError, "not a SQLite database: unrecognized header", "b", text)
    manifest = parse_manifest(manifest_file(largest=2**32 - 1))
    refused(ManifestError, "database ids are exhausted", "b", history[1])
    assert len(folder.written) == count


def test_names_of_127_bytes_can_be_added(history: list[Path], tmp_path: Path) -> None:
    """Non-ASCII letters count as their number of bytes."""
    folder = Folder(tmp_path / "container")
    name = "é" * 63 + "/"
    manifest = add_database(new_manifest(block_size=BLOCK), name, history[0], write=folder.write)
    assert parse_manifest(compose_manifest(manifest)).names == (name,)


def test_numbers_go_on_from_the_largest_there_is(history: list[Path], tmp_path: Path) -> None:
    """The number in the header does not count."""
    manifest = parse_manifest(manifest_file(Row(7, b"a"), largest=3, block_size=BLOCK))
    manifest = add_database(manifest, "b", history[0], write=Folder(tmp_path / "container").write)
    assert ([each.id for each in manifest.databases], manifest.largest_database_id) == ([7, 8], 8)


def test_what_cannot_be_removed() -> None:
    """A database that is not there, or was deleted; a time without zone."""
    manifest = parse_manifest(manifest_file(Row(1, b"a", [block_id(1)], count=1 | FLAG), Row(2, b"b")))
    for name in ("a", "c"):
        with pytest.raises(DatabaseNotFoundError, match="available: 'b'"):
            remove_database(manifest, name, now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        remove_database(manifest, "b", now=NOW.replace(tzinfo=None))


def test_children_that_would_become_too_large_keep_their_parent() -> None:
    """A small manifest can contain many children of one long list."""
    base = Row(1, b"base", list(map(block_id, range(20_000))))
    children = [Row(number, str(number).encode(), parent_id=1, count=20_000) for number in range(2, 2_000)]
    manifest = parse_manifest(manifest_file(base, *children))
    with pytest.raises(ManifestError, match="at most 67108864"):
        remove_database(manifest, "base", now=NOW)
