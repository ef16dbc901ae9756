"""Manifests: what they say, and every way in which they can be wrong."""

import doctest
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imodel_files import _cloud_blocks, _cloud_manifest, _cloud_manifest_format
from imodel_files.cloud_sqlite import (
    LARGEST_MANIFEST,
    CloudSqliteError,
    Database,
    DatabaseNotFoundError,
    DeletedBlock,
    Manifest,
    ManifestError,
    compose_manifest,
    new_manifest,
    parse_manifest,
)
from imodel_files.cloud_sqlite import BlockList as Blocks
from tests.unit.imodel_files.cloud_making import FLAG, JULIAN_1970_MS, Row, block_id, manifest_file

ABC = tuple(map(block_id, range(3)))
BASE = Row(1, b"base.bim", ABC)


def child(*changes: tuple[int, bytes], count: int = 3, **facts: Any) -> Row:
    """Return a database that is stored as changes of the first one."""
    return Row(2, b"child.bim", parent_id=1, changes=changes, count=count, **facts)


@st.composite
def manifests(draw: st.DrawFn) -> tuple[bytes, list[tuple[Any, ...]]]:
    """A valid manifest as the original tool writes it, and what each of its databases is."""
    id_size = draw(st.integers(12, 32))
    a_block = st.integers(0, 40).map(lambda number: block_id(number, id_size))
    names = draw(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30), unique=True))
    rows: list[Row] = []
    known: dict[int, list[bytes]] = {}
    number = 0
    for name in names:
        number += draw(st.integers(1, 5))
        parent_id = draw(st.sampled_from([0, *known]))
        ids = draw(st.lists(a_block, max_size=12))
        if parent_id:
            old = known[parent_id]
            ids = [old[at] if at < len(old) and draw(st.booleans()) else each for at, each in enumerate(ids)]
        known[number] = ids
        old = known.get(parent_id, [])
        changes = [(at, each) for at, each in enumerate(ids) if at >= len(old) or old[at] != each]
        flag = FLAG * (not ids and draw(st.booleans()))
        version = draw(st.integers(0, 2**32 - 1))
        facts = {"count": len(ids) | flag, "version": version}
        if parent_id:
            rows.append(Row(number, name.encode(), parent_id=parent_id, changes=changes, **facts))
        else:
            rows.append(Row(number, name.encode(), ids, **facts))
    deleted = draw(st.lists(st.tuples(a_block, st.sampled_from([0, JULIAN_1970_MS + 1, JULIAN_1970_MS + 10**12 + 7]))))
    content = manifest_file(
        *rows,
        deleted=deleted,
        id_size=id_size,
        block_size=draw(st.integers(512, 64 << 20)),
        largest=draw(st.integers(number, 2**32 - 1)),
    )
    wanted = [(row.id, row.parent_id, row.version, row.name.decode(), tuple(known[row.id])) for row in rows]
    return content, wanted


@settings(deadline=None)
@given(manifests())
def test_whatever_a_manifest_holds_is_read_and_written_the_same(made: tuple[bytes, list[tuple[Any, ...]]]) -> None:
    """Every field is returned, and composing returns the same bytes."""
    content, wanted = made
    manifest = parse_manifest(content)
    found = [(each.id, each.parent_id, each.version, each.name, each.block_ids) for each in manifest.databases]
    assert found == wanted
    assert compose_manifest(manifest) == content
    assert parse_manifest(content) == manifest
    assert hash(parse_manifest(content)) == hash(manifest)


def test_a_chain_of_parents() -> None:
    """Longer and shorter than the parent, equal to it, changed in the middle; also where a child is cut first."""
    more = block_id(9)
    rows = (
        BASE,
        child((1, more), (3, more), count=4),
        Row(5, b"cut", parent_id=2, count=2),
        Row(6, b"same", parent_id=2, count=4),
        Row(7, b"grown", parent_id=5, changes=[(2, ABC[0])], count=3),
    )
    manifest = parse_manifest(manifest_file(*rows))
    lists = [database.block_ids for database in manifest.databases]
    second = (ABC[0], more, ABC[2], more)
    assert lists == [ABC, second, second[:2], second, (*second[:2], ABC[0])]


def test_a_database_is_found_by_its_very_name() -> None:
    """Case matters; a deleted database is not found, and its name can be reused."""
    gone = Row(2, b"base.bim", ABC, count=3 | FLAG)
    manifest = parse_manifest(manifest_file(gone, Row(3, b"base.bim", ABC[:1])), source="a/manifest.bcv")
    assert manifest.names == ("base.bim",)
    assert manifest.database("base.bim").id == 3
    assert [database.is_absent for database in manifest.databases] == [True, False]
    with pytest.raises(DatabaseNotFoundError) as caught:
        manifest.database("Base.bim")
    assert str(caught.value) == "a/manifest.bcv: no database named 'Base.bim'; available: 'base.bim' (name)"
    assert (caught.value.name, caught.value.names) == ("Base.bim", ("base.bim",))


def test_many_names_are_not_all_reported() -> None:
    """The error stays readable, and has them all."""
    manifest = parse_manifest(manifest_file(*(Row(number, str(number).encode()) for number in range(1, 101))))
    with pytest.raises(DatabaseNotFoundError, match="'20' and 80 more") as caught:
        manifest.database("x")
    assert len(caught.value.names) == 100
    with pytest.raises(DatabaseNotFoundError, match="available: none"):
        new_manifest().database("x")


def test_times_are_kept_to_the_millisecond() -> None:
    """A time of 0 is an orphan."""
    moment = datetime(2026, 11, 20, 22, 3, 55, 930_000, tzinfo=UTC)
    times = [0, 212_661_972_235_930, JULIAN_1970_MS - 1]
    manifest = parse_manifest(manifest_file(deleted=[(ABC[0], time) for time in times]))
    before = datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert [each.deleted_at for each in manifest.deleted] == [None, moment, before]


def test_equal_databases_are_equal_however_they_are_written() -> None:
    """The resolved list counts."""
    changed = parse_manifest(manifest_file(BASE, child())).databases[1]
    again = parse_manifest(manifest_file(BASE, child((0, ABC[0])))).databases[1]
    other = parse_manifest(manifest_file(BASE, child((0, ABC[1])))).databases[1]
    assert changed == again
    assert hash(changed) == hash(again)
    assert changed != other
    assert changed != "child.bim"
    assert "blocks" not in repr(changed)


def test_a_manifest_may_hold_more_than_the_tool_would_write() -> None:
    """Changes may be out of order, with gaps, bytes at the end, or a missing parent that nothing depends on."""
    new = [block_id(number) for number in (7, 8)]
    rows = (Row(2, b"a", parent_id=1, changes=[(1, new[1]), (0, new[0])], count=2), Row(3, b"b", ABC, entries=5))
    content = manifest_file(*rows) + b"more"
    manifest = parse_manifest(content)
    assert [each.block_ids for each in manifest.databases] == [tuple(new), ABC]
    assert parse_manifest(compose_manifest(manifest)) == manifest


WRONG: dict[str, tuple[bytes, int | None, str, str]] = {
    "nothing": (b"", 0, "header", "0 bytes"),
    "cut header": (manifest_file()[:23], 23, "header", "23 bytes"),
    "version 3": (manifest_file(version=3), 0, "format version", "unsupported format version 3; only 4 is supported"),
    "version 3, whose header is shorter": (manifest_file(version=3)[:20], 0, "format version", "version 3"),
    "version 5": (manifest_file(version=5), 0, "format version", "format version 5"),
    "something else": (b"SQLite format 3\0" * 9, 0, "format version", "not a manifest: unrecognized header"),
    "no block size": (manifest_file(block_size=0), 4, "block size", "not 0"),
    "giant blocks": (manifest_file(block_size=2**32 - 1), 4, "block size", "not 4294967295"),
    "short ids": (manifest_file(id_size=11), 16, "id size", "not 11"),
    "long ids": (manifest_file(id_size=33), 16, "id size", "not 33"),
    "more databases than there is room for": (
        manifest_file(BASE, databases=2**32 - 1),
        8,
        "number of databases",
        "a table of 4294967295 entries would end at byte",
    ),
    "more deleted blocks than there is room for": (
        manifest_file(BASE, deleted_count=2**32 - 1),
        12,
        "number of deleted blocks",
        "a table of 4294967295 entries would end at byte",
    ),
    "no number": (manifest_file(Row(0, b"a")), 24, "database id", "id 0 follows id 0"),
    "numbers that fall": (manifest_file(BASE, Row(1, b"a")), 176, "database id", "id 1 follows id 1"),
    "its own parent": (manifest_file(Row(1, b"a", parent_id=1)), 28, "parent id", "1 must be smaller"),
    "a cycle": (manifest_file(Row(1, b"a", parent_id=2), Row(2, b"b", parent_id=1)), 28, "parent id", "2 must be"),
    "a list within the headers": (manifest_file(Row(1, b"a", ABC, offset=24)), 36, "list offset", "at byte 24"),
    "a list behind the end": (
        manifest_file(Row(1, b"a", ABC, offset=10**9)),
        40,
        "number of blocks",
        "a table of 3 entries would end",
    ),
    "a list longer than the file": (
        manifest_file(Row(1, b"a", ABC, count=4)),
        40,
        "number of blocks",
        "a table of 4 entries would end",
    ),
    "changes longer than the file": (
        manifest_file(BASE, child(entries=1)),
        196,
        "number of entries",
        "a table of 1 entries would end",
    ),
    "lists that overlap": (
        manifest_file(Row(1, b"a", ABC, offset=328), Row(2, b"b", (), offset=328, count=1)),
        192,
        "number of blocks",
        "overlap",
    ),
    "a change behind the end": (
        manifest_file(BASE, child((3, ABC[0]))),
        376,
        "block number",
        "3 is out of range; the database has 3",
    ),
    "a block changed twice": (manifest_file(BASE, child(*[(1, ABC[0])] * 2)), 376, "block number", "twice"),
    "a hole": (manifest_file(BASE, child((4, ABC[0]), count=5)), 192, "number of blocks", "1 of its 5 blocks"),
    "giant holes": (manifest_file(BASE, child(count=2**31 - 1)), 192, "number of blocks", "2147483644 of its"),
    "a parent that is missing": (manifest_file(Row(2, b"a", parent_id=1, count=1)), 40, "number of blocks", "1 of its"),
    "a name without end": (manifest_file(Row(1, b"n" * 128)), 48, "name", "is not terminated"),
    "a name that is not UTF-8": (manifest_file(Row(1, b"ab\xff")), 50, "name", "not valid UTF-8"),
    "a name for two": (manifest_file(BASE, Row(2, b"base.bim")), 200, "name", "two databases are named 'base.bim'"),
    "a time without end": (manifest_file(deleted=[(ABC[0], 2**64 - 1)]), 40, "delete list", "is not a valid time"),
    "a time before the calendar": (manifest_file(deleted=[(ABC[0], 1)]), 40, "delete list", "1 ms is not a valid time"),
    "too large": (manifest_file() + bytes(LARGEST_MANIFEST), None, "length", "a manifest may have at most 67108864"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name: str) -> None:
    """The error has file, offset and field."""
    content, offset, field, text = WRONG[name]
    with pytest.raises(ManifestError) as caught:
        parse_manifest(content, source="there/manifest.bcv")
    error = caught.value
    assert (error.source, error.offset, error.field) == ("there/manifest.bcv", offset, field)
    assert text in error.reason
    assert str(error).startswith("there/manifest.bcv: ")
    assert f"({field}" in str(error)
    assert isinstance(error, CloudSqliteError)


def test_new_manifests() -> None:
    """They have the sizes that the format permits."""
    assert compose_manifest(new_manifest(block_size=4 << 20)) == manifest_file(block_size=4 << 20)
    assert compose_manifest(new_manifest(block_size=512, id_size=32)) == manifest_file(block_size=512, id_size=32)
    for wrong in ({"block_size": 511}, {"block_size": (64 << 20) + 1}, {"id_size": 11}, {"id_size": 33}):
        with pytest.raises(ValueError, match="must have"):
            new_manifest(**wrong)


def whole(number: int, name: str, *ids: bytes, **facts: Any) -> Database:
    """Return a database with its own list."""
    return Database(
        **{"id": number, "parent_id": 0, "version": 1, "name": name, "blocks": Blocks.whole(ids, 16), **facts}
    )


FIRST = whole(1, "a", *ABC)
UNWRITABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a name of 128 bytes": ({"databases": (whole(1, "é" * 64),)}, "has 128 bytes in UTF-8; the limit is 127"),
    "a name with a NUL": ({"databases": (whole(1, "a\0b"),)}, "contains NUL"),
    "half a character": ({"databases": (whole(1, "\ud800"),)}, "cannot be written as UTF-8"),
    "a name for two": ({"databases": (FIRST, whole(2, "a"))}, "two databases are named 'a'"),
    "numbers out of order": ({"databases": (whole(2, "b"), FIRST)}, "id 1 follows id 2"),
    "a number too large": ({"databases": (whole(2**32, "b"),)}, "does not fit its field"),
    "a largest number too large": ({"largest_database_id": 2**32}, "does not fit its field"),
    "ids of another size": ({"databases": (whole(1, "b", blocks=Blocks.whole([bytes(12)], 12)),)}, "ids of 12 bytes"),
    "a list of another parent": (
        {"databases": (FIRST, whole(2, "b", parent_id=1, blocks=Blocks.changed(Blocks.whole(ABC[1:], 16), ABC)))},
        "not based on those of database 1",
    ),
    "a parent that is gone": (
        {"databases": (whole(2, "b", parent_id=1, blocks=Blocks.changed(FIRST.blocks, ABC)),)},
        "not based on those of database 1",
    ),
    "changes without a parent": (
        {"databases": (FIRST, whole(2, "b", blocks=Blocks.changed(FIRST.blocks, ABC)))},
        "not based on those of database 0",
    ),
    "a parent without changes": ({"databases": (FIRST, whole(2, "b", *ABC, parent_id=1))}, "not based on those of"),
    "a deleted id of another size": ({"deleted": (DeletedBlock(block_id=b"x", deleted_at=None),)}, "id of 1 bytes"),
    "a time without zone": (
        {"deleted": (DeletedBlock(block_id=ABC[0], deleted_at=datetime(2026, 1, 1)),)},  # noqa: DTZ001 - the point
        "no time zone",
    ),
    "blocks too large": ({"block_size": 2**27}, "not 134217728"),
    "too much of it": ({"databases": (whole(1, "a", *ABC * (LARGEST_MANIFEST // 48)),)}, "at most 67108864"),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_what_could_not_be_read_again_is_not_written(name: str) -> None:
    """The error describes the problem."""
    facts, text = UNWRITABLE[name]
    manifest = Manifest(**{"block_size": 4096, "id_size": 16, **facts})
    with pytest.raises(ManifestError, match=text):
        compose_manifest(manifest)


def test_times_of_other_zones_are_the_same_moments() -> None:
    """What counts is the moment."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    other = moment.astimezone(timezone(timedelta(hours=2)))
    made = [
        compose_manifest(
            Manifest(block_size=512, id_size=16, deleted=(DeletedBlock(block_id=ABC[0], deleted_at=each),))
        )
        for each in (moment, other)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("module", [_cloud_blocks, _cloud_manifest, _cloud_manifest_format])
def test_the_examples_of_the_documentation_run(module: ModuleType) -> None:
    """Their output is the shown one."""
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)
