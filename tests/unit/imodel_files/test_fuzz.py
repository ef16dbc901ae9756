"""Damaged and malicious files are read, or rejected with an error of the package."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imodel_files.changesets import (
    ChangesetFileError,
    Limits,
    Operation,
    PatchsetError,
    compute_changeset_id,
    inspect_changeset,
    invert_changesets,
    iter_changes,
    merge_changesets,
    verify_changeset,
    write_changeset,
)
from tests.depth import samples
from tests.unit.imodel_files.damage import FUZZING, Mutation, mutated, mutations
from tests.unit.imodel_files.making import (
    DELETE,
    ID,
    INDIRECT_INSERT,
    INSERT,
    UPDATE,
    changeset_file,
    compressed,
    fields,
    header,
    payload,
    read_by_apsw,
    table,
    typed,
    write_file,
)
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import real_files
from tests.unit.imodel_files.test_session import body_of, histories

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = b'{"ContainsSchemaChanges":true,"DDL":"ALTER TABLE t ADD COLUMN c"}\0'
BODIES = [
    table("bis_Element", 4) + INSERT + fields(1, "one", None, 2.5) + INDIRECT_INSERT + fields(2, "", b"two", 0),
    table("a", 2) + UPDATE + fields(1, "x") + fields(SAME, "y") + table("b", 1, b"\x01") + DELETE + fields(b"key"),
    table("wide", 3, b"\x02\x00\x01") + b"".join(INSERT + fields(n, "x" * n, b"y" * n) for n in range(150)),
]
FILES = [
    *(changeset_file(payload(body, prefix)) for body in BODIES for prefix in (b"", PREFIX)),
    header() + b"\x18" + b"".join(compressed(each).removesuffix(b"\0") for each in (bytes(4), *BODIES)) + b"\0",
    *(path.read_bytes() for path in real_files()),
]
LIMITS = Limits(output=1 << 22, values=1 << 20, prefix=1 << 16)


def outcome(path: Path) -> list[type[ChangesetFileError] | None]:
    """Return the outcomes for a file in each function; other errors are raised."""
    uses: list[Callable[[], object]] = [
        lambda: compute_changeset_id(path, ID, limits=LIMITS),
        lambda: inspect_changeset(path, limits=LIMITS),
        lambda: sum(1 for _ in iter_changes(path, limits=LIMITS)),
        lambda: verify_changeset(path, id=ID, parent_id="", limits=LIMITS),
    ]
    errors = [error_of(use) for use in uses]
    told = [error for error in errors if error]
    assert {error.path for error in told} <= {str(path)}
    assert all(error.offset is None or error.offset >= 0 for error in told)
    return [type(error) if error else None for error in errors]


def error_of(use: "Callable[[], object]") -> ChangesetFileError | None:
    """Run a function, and return the error of the package that it raises."""
    try:
        use()
    except ChangesetFileError as error:
        return error
    return None


@settings(FUZZING, max_examples=samples(500))
@given(st.sampled_from(FILES), mutations)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, file: bytes, changes: list[Mutation]) -> None:
    """Flipped bits, cuts, insertions in header, stream and content."""
    outcome(write_file(tmp_path, mutated(file, changes)))


@settings(FUZZING, max_examples=samples(400))
@given(st.sampled_from(FILES), st.sampled_from(FILES), st.floats(0, 1), st.floats(0, 1))
def test_spliced_files_are_read_or_refused(
    tmp_path: Path, one: bytes, other: bytes, first: float, second: float
) -> None:
    """The beginning of one file is followed by the end of another."""
    outcome(write_file(tmp_path, one[: int(first * len(one))] + other[int(second * len(other)) :]))


@settings(FUZZING, max_examples=samples(150))
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda more: header() + b"\x18" + more)))
def test_random_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    """This includes random bytes after a valid header."""
    assert all(outcome(write_file(tmp_path, data)))


@settings(FUZZING, max_examples=samples(300))
@given(st.sampled_from(BODIES), st.sampled_from([b"", PREFIX]), mutations)
def test_damaged_content_is_read_or_refused(
    tmp_path: Path, body: bytes, prefix: bytes, changes: list[Mutation]
) -> None:
    """Damage below the compression: length, prefix, changes."""
    content = mutated(payload(body, prefix), changes)
    computed, inspected, iterated, _ = outcome(write_file(tmp_path, changeset_file(content)))
    if computed is not None:
        assert inspected is not None
    if inspected is not None:
        assert iterated is not None or content[:4] != bytes(4)  # the prefix may be bad, which reading passes over


@settings(FUZZING, max_examples=samples(500))
@given(st.one_of(st.sampled_from(BODIES), histories.map(body_of)), mutations)
def test_what_is_accepted_sqlite_reads_alike(tmp_path: Path, body: bytes, changes: list[Mutation]) -> None:
    """No damaged changes are accepted that SQLite rejects, and the content is the same."""
    body = mutated(body, changes)
    path = write_file(tmp_path, changeset_file(payload(body)))
    try:
        ours = [
            (each.table, each.operation.value, each.indirect, typed(each.old), typed(each.new))
            for each in iter_changes(path, errors="strict")
        ]
    except ChangesetFileError:
        return
    assert repr(ours) == repr(read_by_apsw(body))
    summary = inspect_changeset(path)
    operations = [operation for _, operation, *_ in ours]
    assert (summary.inserts, summary.updates, summary.deletes) == tuple(
        operations.count(each.value) for each in (Operation.INSERT, Operation.UPDATE, Operation.DELETE)
    )


@settings(FUZZING, max_examples=samples(100))
@given(st.sampled_from(BODIES), mutations, st.text(max_size=30))
def test_what_is_written_can_be_read(tmp_path: Path, body: bytes, changes: list[Mutation], ddl: str) -> None:
    """The writer accepts damaged changes only if the reader does."""
    path = tmp_path / "made.cs"
    path.unlink(missing_ok=True)
    body = mutated(body, changes)
    refused = error_of(lambda: write_changeset(path, body, parent_id=ID, ddl=ddl))
    read = error_of(lambda: inspect_changeset(write_file(tmp_path, changeset_file(payload(body)))))
    assert type(refused) is type(read)
    assert path.exists() == (refused is None)
    if refused is None:
        assert inspect_changeset(path).ddl == (ddl or None)


DDL = st.sampled_from(
    [
        "ALTER TABLE a ADD COLUMN x",
        "ALTER TABLE [bis_Element] ADD x DEFAULT 'y",
        "ALTER TABLE wide ADD c AS (hex(zeroblob(900000000)))",
        "ALTER TABLE wide RENAME TO narrow",
        "ALTER TABLE sqlite_master ADD x",
        "ALTER TABLE",
        "ALTER TABLE [",
        "DROP TABLE a",
        "DROP TABLE",
        "CREATE UNIQUE INDEX i ON a(b) -- later",
        "DROP INDEX I /* now",
        "\0",
    ]
)


@settings(FUZZING, max_examples=samples(150))
@given(st.lists(st.tuples(st.sampled_from(BODIES), mutations, st.lists(DDL, max_size=3)), min_size=1, max_size=3))
def test_damaged_changesets_are_merged_and_inverted_or_refused(
    tmp_path: Path, changesets: list[tuple[bytes, list[Mutation], list[str]]]
) -> None:
    """The results can be read."""
    files = []
    for number, (body, changes, ddl) in enumerate(changesets):
        prefix = json.dumps({"DDL": ";".join(ddl)}).encode() + b"\0" if ddl else b""
        files.append(tmp_path / f"{number}.cs")
        content = mutated(body, changes) if number else body
        files[-1].write_bytes(changeset_file(payload(content, prefix)))
    target = tmp_path / "out.cs"
    for make in (merge_changesets, invert_changesets):
        target.unlink(missing_ok=True)
        error = error_of(lambda make=make: make(files, target, limits=LIMITS))  # type: ignore[misc]
        if error is None:
            assert inspect_changeset(target).total == sum(1 for _ in iter_changes(target))
        assert target.exists() == (error is None)


@settings(FUZZING, max_examples=samples(60))
@given(histories.map(lambda history: body_of(history, patchset=True)), mutations)
def test_damaged_patchsets_never_pass(tmp_path: Path, body: bytes, changes: list[Mutation]) -> None:
    """This applies as long as the header is that of a patchset."""
    body = mutated(body, changes)
    if body.startswith(b"P"):
        kinds = set(outcome(write_file(tmp_path, changeset_file(payload(body)))))
        assert kinds == {PatchsetError}


HOSTILE = {
    "a group for each six bytes": b"T\x01\x01a\0" * 300_000,
    "a long name": b"T\x01\x01" + b"n" * 2_000_000,
    "columns without end": b"T\x84\x80\x00" + b"\x01" * 65_536 + b"t\0" + (INSERT + bytes(65_536)) * 20,
    "a number without end": b"T" + b"\x80" * 2_000_000,
    "a value of two gigabytes": table("t", 1) + INSERT + b"\x04\x87\xff\xff\xff\x7f" + bytes(1_000_000),
    "shapes without end": b"".join(
        table("t", 8) + (INSERT + fields(number, *["x" * (number % 100)] * 7)) * 250 for number in range(80)
    ),
    "strings almost short": table("t", 8) + (INSERT + fields(1, *["x" * 127] * 6, "x" * 128)) * 1_500,
    "text before long text": table("t", 200) + (INSERT + fields(*["x"] * 199, "y" * 200)) * 100,
}


HOSTILE_DDL = {
    "indexes": [f"CREATE INDEX i{number} ON t(a)" for number in range(20_000)],
    "the same index": ["DROP INDEX i", "CREATE INDEX i ON t(a)"] * 10_000,
    "columns": [f"ALTER TABLE t ADD c{number}" for number in range(3_000)],
}


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("name", HOSTILE_DDL)
def test_hostile_ddl_takes_little_time(name: str, tmp_path: Path) -> None:
    """This applies to merging."""
    write_changeset(tmp_path / "1.cs", table("t", 1) + INSERT + fields(1), parent_id=None)
    parent_id = compute_changeset_id(tmp_path / "1.cs", None)
    write_changeset(tmp_path / "2.cs", b"", parent_id=parent_id, ddl=";".join(HOSTILE_DDL[name]))
    begin = time.process_time()
    merge_changesets([tmp_path / "1.cs", tmp_path / "2.cs"], tmp_path / "out.cs")
    assert time.process_time() - begin < 10


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_takes_little_time(name: str, tmp_path: Path) -> None:
    """The time is proportional to the size."""
    path = write_file(tmp_path, changeset_file(payload(HOSTILE[name])))
    begin = time.process_time()
    outcome(path)
    assert time.process_time() - begin < 10
