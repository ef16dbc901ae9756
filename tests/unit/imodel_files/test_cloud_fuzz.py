"""Damaged and malicious manifests and databases are read or rejected, in little time and memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imodel_files.cloud_sqlite import (
    CloudSqliteError,
    Manifest,
    ManifestError,
    add_database,
    assemble,
    compose_manifest,
    cut,
    parse_manifest,
    remove_database,
    used_blocks,
)
from tests.depth import samples
from tests.unit.imodel_files.cloud_making import FLAG, JULIAN_1970_MS, Row, block_id, database_file, manifest_file
from tests.unit.imodel_files.damage import FUZZING, Mutation, mutated, mutations
from tests.unit.imodel_files.samples import real_manifests
from tests.unit.imodel_files.test_cloud_manifest import manifests
from tests.unit.imodel_files.test_memory import environment

IDS = list(map(block_id, range(12)))
FAMILY = (
    Row(1, b"base.bim", IDS),
    Row(2, b"second.bim", parent_id=1, changes=[(1, IDS[0]), (12, IDS[3])], count=13),
    Row(4, b"third.bim", parent_id=2, changes=[(2, IDS[0])], count=5),
    Row(5, "vierte é.bim".encode(), parent_id=4, count=5),
    Row(6, b"empty.bim", count=FLAG),
    Row(7, b"gone.bim", IDS, count=12 | FLAG),
)
FILES = [
    manifest_file(),
    manifest_file(*FAMILY, deleted=[(IDS[0], 0), (IDS[1], JULIAN_1970_MS)]),
    manifest_file(Row(1, b"a", [each * 2 for each in IDS]), id_size=32),
    *(path.read_bytes() for path in real_manifests()),
]
NUMBERS = [0, 1, 2, 3, 24, 152, 2**16, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(content: bytes) -> Manifest | None:
    """Return the result for a manifest; other errors are raised."""
    try:
        return parse_manifest(content, source="m")
    except ManifestError as caught:
        error = caught
    assert error.source == "m"
    assert error.field
    assert error.offset is None or 0 <= error.offset <= len(content)
    return None


def use(manifest: Manifest) -> None:
    """Check everything that can be done with an accepted manifest."""
    for database in manifest.databases:
        assert len(database.block_ids) == database.block_count <= len(used_blocks(manifest)) * database.block_count
        assert {len(block) for block in database.block_ids} <= {manifest.id_size}
    again = parse_manifest(compose_manifest(manifest))
    assert again == manifest
    for name in manifest.names:
        kept = remove_database(again, name, now=NOW)
        assert parse_manifest(compose_manifest(kept)) == kept


def check(content: bytes) -> None:
    """Check that a manifest is accepted and can be used, or is rejected."""
    manifest = read(content)
    if manifest is not None:
        use(manifest)


@settings(FUZZING, max_examples=samples(400))
@given(st.sampled_from(FILES), mutations)
def test_a_damaged_manifest_is_read_or_refused(content: bytes, changes: list[Mutation]) -> None:
    """Flipped bits, cuts, insertions."""
    check(mutated(content, changes))


@settings(FUZZING, max_examples=samples(400))
@given(
    st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 300), st.sampled_from(NUMBERS)), min_size=1, max_size=3)
)
def test_a_manifest_with_other_numbers_is_read_or_refused(content: bytes, changes: list[tuple[int, int]]) -> None:
    """Counts, sizes, offsets and parents of any value, at the places where numbers are."""
    for place, number in changes:
        at = place * 4 % len(content)
        content = content[:at] + number.to_bytes(4, "big") + content[at + 4 :]
    check(content)


@settings(FUZZING, max_examples=samples(80))
@given(manifests(), mutations)
def test_any_manifest_may_be_damaged(made: tuple[bytes, object], changes: list[Mutation]) -> None:
    """This applies to any content."""
    check(mutated(made[0], changes))


@settings(FUZZING, max_examples=samples(200))
@given(st.sampled_from(FILES), st.data())
def test_a_manifest_that_is_cut_short_is_refused(content: bytes, data: st.DataObject) -> None:
    """All of its content is required."""
    assert read(content[: data.draw(st.integers(0, len(content) - 1))]) is None


@settings(FUZZING, max_examples=samples(200))
@given(st.binary(max_size=400), st.booleans())
def test_random_bytes_are_refused(data: bytes, begins_well: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    """This includes random bytes after a valid header."""
    check(manifest_file(databases=1)[:24] + data if begins_well else data)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small database."""
    return database_file(tmp_path_factory.mktemp("database") / "a.bim", rows=10, page_size=1024).read_bytes()


@settings(FUZZING, max_examples=samples(100))
@given(changes=mutations, at=st.floats(0, 1), block_size=st.sampled_from([512, 1000, 4096]))
def test_a_damaged_database_is_cut_or_refused(
    plant: bytes, tmp_path: Path, changes: list[Mutation], at: float, block_size: int
) -> None:
    """An accepted database is equal up to the size in its header."""
    whole = plant[: int(at * 100)] + mutated(plant[int(at * 100) :], changes)
    path, blocks = tmp_path / "a.bim", {}
    path.write_bytes(whole)
    manifest = Manifest(block_size=block_size, id_size=24)
    try:
        list(cut(path, block_size))
    except CloudSqliteError:
        return
    manifest = add_database(manifest, "a", path, write=blocks.__setitem__)
    size = assemble(manifest, manifest.databases[0], blocks.__getitem__, tmp_path / "b.bim")
    assert (tmp_path / "b.bim").read_bytes() == whole[:size]


LONG = Row(1, b"base", list(map(block_id, range(20_000))))


def family(children: int, **facts: Any) -> bytes:
    """A long list and many children of it."""
    return manifest_file(
        LONG, *(Row(number, b"%d" % number, parent_id=1, **facts) for number in range(2, children + 2))
    )


def chain(length: int, *first: Row, **facts: Any) -> bytes:
    """Return databases of which each is the child of the previous one."""
    begin = len(first) + 1
    rows = (Row(number, b"%d" % number, parent_id=number - 1, **facts) for number in range(begin, length + begin))
    return manifest_file(*first, *rows)


def overlapping() -> bytes:
    """Return databases that share one list."""
    offset = 24 + 152 * 6_001
    others = (Row(number, b"%d" % number, offset=offset, count=360_000) for number in range(2, 6_002))
    return manifest_file(Row(1, b"a", IDS * 30_000, offset=offset), *others)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "many children of a long list": (lambda: family(6_000, count=20_000), "read"),
    "many changes to a long list": (lambda: family(6_000, count=20_000, changes=[(7, IDS[0])]), "read"),
    "a chain of changes": (lambda: chain(20_000, LONG, count=20_000, changes=[(7, IDS[0])]), "read"),
    "a very long chain": (lambda: chain(40_000, Row(1, b"1", IDS), count=12), "read"),
    "a chain that grows and shrinks": (lambda: chain(20_000, LONG, count=1), "read"),
    "a long delete list": (lambda: manifest_file(deleted=[(IDS[0], JULIAN_1970_MS)] * 100_000), "read"),
    "blocks changed twice": (lambda: family(6_000, count=20_000, changes=[(7, IDS[0])] * 2), "block-number"),
    "lists that overlap": (overlapping, "number-of-blocks"),
    "giant counts": (lambda: family(6_000, count=2**31 - 1), "number-of-blocks"),
}
CHILD = """
import sys, time
from imodel_files.cloud_sqlite import *
content = open(sys.argv[1], "rb").read()
begin = time.process_time()
try:
    manifest = parse_manifest(content)
    if manifest.databases:
        manifest.databases[-1].block_ids
        manifest.databases[len(manifest.databases) // 2].block_ids
    assert len(compose_manifest(manifest)) == len(content)
    del manifest
    print("read")
except ManifestError as error:
    print(error.field.replace(" ", "-"))
print(time.process_time() - begin)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.thorough(keep=3)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_manifests_take_little(name: str, tmp_path: Path) -> None:
    """Time and memory are proportional to the size of the file."""
    make, expected = HOSTILE[name]
    path = tmp_path / "manifest.bcv"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True, env=environment()
    )
    outcome, seconds, kilobytes = done.stdout.split()
    assert outcome == expected
    assert float(seconds) < 10
    assert int(kilobytes) * 1024 < 40_000_000 + 12 * path.stat().st_size


def test_a_list_is_only_put_together_once() -> None:
    """Repeated requests take no more time."""
    database = parse_manifest(manifest_file(LONG)).databases[0]
    begin = time.process_time()
    assert {database.block_ids[number] for number in range(20_000)} == set(LONG.ids)
    assert time.process_time() - begin < 5
