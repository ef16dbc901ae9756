"""Moving a database along the timeline."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings

from imodel_files.changesets import (
    BrokenChainError,
    ChainLink,
    ChangesetApplyError,
    ChangesetConflictError,
    ChangesetFileError,
    ChangesetIdMismatchError,
    Limits,
    SessionLimitError,
    apply_changesets,
    write_changeset,
)
from tests.depth import samples
from tests.parts import on_small_disk, require_part
from tests.unit.imodel_files.making import (
    DELETE,
    ID,
    INSERT,
    NULL,
    OTHER_ID,
    UPDATE,
    Action,
    Table,
    content_of,
    do,
    fields,
    recorded,
    table,
)
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import samples_folder
from tests.unit.imodel_files.test_session import histories
from tests.unit.imodel_files.test_vectors import MODELS, WITH_SCHEMA
from tests.unit.imodel_files.timeline import Timeline, dump, names, rows

if TYPE_CHECKING:
    from collections.abc import Callable

T = Table("t", 2)


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """An iModel with an empty table t of two columns, c0 being the key."""
    return Timeline(tmp_path, T)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the real baseline."""
    (found,) = samples_folder().glob("*.bim")
    return Path(shutil.copy(found, tmp_path / "baseline.bim"))


def test_the_real_chain_leads_to_ten_models_and_back(sample: Path, tmp_path: Path) -> None:
    """Forwards each changeset adds a model; backwards the tables are those of the baseline again."""
    files = [samples_folder() / f"{each.id}.cs" for each in MODELS]
    digest = hashlib.sha256(sample.read_bytes()).digest()
    steps: list[tuple[int, int]] = []
    apply_changesets(sample, files, tmp_path / "tip.bim", progress=lambda *step: steps.append(step))
    assert steps == [(done, 10) for done in range(1, 11)]
    before, after = dump(sample), dump(tmp_path / "tip.bim")
    counted = {name: (len(before[name]), len(after[name])) for name in before if before[name] != after[name]}
    assert counted == {
        "bis_Element": (3, 13),
        "bis_Model": (3, 13),
        "bis_InformationPartitionElement": (2, 12),
        "be_Local": (3, 5),
    }
    apply_changesets(tmp_path / "tip.bim", files, tmp_path / "again.bim", reverse=True)
    assert dump(tmp_path / "again.bim") == before
    assert hashlib.sha256(sample.read_bytes()).digest() == digest
    assert names(tmp_path) == {"baseline.bim", "tip.bim", "again.bim"}


def test_a_part_of_the_real_chain_is_applied_from_where_it_begins(sample: Path, tmp_path: Path) -> None:
    """Two steps have the same result as one; the second starts at a known parent."""
    files = [samples_folder() / f"{each.id}.cs" for each in MODELS]
    apply_changesets(sample, files, tmp_path / "tip.bim")
    apply_changesets(sample, files[:4], tmp_path / "working.bim")
    apply_changesets(tmp_path / "working.bim", files[4:], tmp_path / "working.bim", parent_id=MODELS[3].id)
    assert dump(tmp_path / "working.bim") == dump(tmp_path / "tip.bim")
    links = [ChainLink(file, each.id, each.parent_id) for file, each in zip(files, MODELS, strict=True)]
    apply_changesets(tmp_path / "tip.bim", links[6:], tmp_path / "six.bim", reverse=True)
    assert len(dump(tmp_path / "six.bim")["bis_Model"]) == 9


def test_a_real_changeset_out_of_its_place_is_a_conflict(sample: Path, tmp_path: Path) -> None:
    """The sixth changes a model that has other values in the baseline."""
    sixth = MODELS[5]
    with pytest.raises(ChangesetConflictError) as caught:
        apply_changesets(
            sample,
            [ChainLink(samples_folder() / f"{sixth.id}.cs", sixth.id, sixth.parent_id)],
            tmp_path / "target.bim",
            conflicts="strict",
        )
    error = caught.value
    assert (error.changeset_id, error.table, error.operation, error.key) == (sixth.id, "bis_Model", "update", (1,))
    assert "the row does not have the values" in str(error)
    assert names(tmp_path) == {"baseline.bim"}


def test_a_changeset_of_another_imodel_does_not_fit(sample: Path, tmp_path: Path) -> None:
    """The schema changeset of 2018 adds columns that this baseline has."""
    first = WITH_SCHEMA[0]
    with pytest.raises(ChangesetApplyError, match="duplicate column name"):
        apply_changesets(
            sample, [samples_folder() / first.folder / f"{first.id}.cs"], tmp_path / "target.bim", conflicts="strict"
        )
    assert names(tmp_path) == {"baseline.bim"}


@settings(max_examples=samples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, histories)
def test_any_history_can_be_gone_along_and_back(
    tmp_path: Path,
    history: tuple[list[Table], list[Action], list[Action]],
    more: tuple[list[Table], list[Action], list[Action]],
) -> None:
    """Applying results in the recorded database, and undoing in the previous one."""
    tables, before, during = history
    for each in tmp_path.iterdir():
        each.unlink()
    timeline = Timeline(tmp_path, *tables)
    database = apsw.Connection(str(timeline.baseline))
    for action in before:
        do(database, tables, action)
    start = content_of(database, tables)
    database.close()
    shutil.copy(timeline.baseline, tmp_path / "author.bim")
    author = apsw.Connection(str(tmp_path / "author.bim"))
    for part in (during, more[1], more[2]):
        timeline.push(recorded(author, tables, part))
    apply_changesets(timeline.baseline, timeline.files, timeline.target)
    assert content_of(apsw.Connection(str(timeline.target)), tables) == content_of(author, tables)
    author.close()
    apply_changesets(timeline.target, timeline.files, timeline.target, reverse=True)
    assert content_of(apsw.Connection(str(timeline.target)), tables) == start


def test_ddl_comes_before_the_changes_that_need_it(timeline: Timeline) -> None:
    """A column, a table, an index; constraints are allowed, which SQLite checks by itself."""
    ddl = (
        "ALTER TABLE t ADD COLUMN c2 NOT NULL DEFAULT 7 CHECK (c2 > 0);"
        "CREATE TABLE u(a PRIMARY KEY, b);CREATE INDEX i ON u(b)"
    )
    timeline.push(table("t", 2) + INSERT + fields(1, "one"))
    timeline.push(table("t", 3) + INSERT + fields(2, "two", 2) + table("u", 2) + INSERT + fields(5, None), ddl=ddl)
    timeline.push(b"", ddl="DROP INDEX i")
    assert timeline.apply() == [(1, "one", 7), (2, "two", 2)]
    assert rows(timeline.target, "u") == [(5, None)]
    assert ("i",) not in rows(timeline.target, "sqlite_master")


def test_a_table_may_have_more_columns_than_its_changes(timeline: Timeline) -> None:
    """The table may have grown later; one changeset cannot contain changes from before and after."""
    timeline.push(b"", ddl="ALTER TABLE t ADD COLUMN c2")
    timeline.push(table("t", 2) + INSERT + fields(1, 1) + table("t", 2) + INSERT + fields(2, 2))
    timeline.push(table("t", 3) + INSERT + fields(3, 3, 3))
    assert timeline.apply() == [(1, 1, None), (2, 2, None), (3, 3, 3)]
    timeline.push(table("t", 2) + INSERT + fields(4, 4) + table("t", 3) + INSERT + fields(5, 5, 5))
    with pytest.raises(ChangesetApplyError, match="different columns"):
        timeline.apply()


@pytest.mark.parametrize(
    "ddl",
    [
        "ATTACH DATABASE 'other.bim' AS other",
        "DETACH DATABASE main",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = WAL",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT a",
        "VACUUM INTO 'other.bim'",
        "CREATE TABLE u AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "SELECT load_extension('other')",
        "DELETE FROM sqlite_master",
        "SELECT 1; SELECT 2; ATTACH DATABASE 'other.bim' AS other",
        "nonsense",
    ],
)
def test_ddl_keeps_to_its_database(
    ddl: str, timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQL from a file cannot reach other files, settings or transactions."""
    monkeypatch.chdir(tmp_path)
    timeline.push(table("t", 2) + INSERT + fields(1, 1), ddl=f"CREATE TABLE u(a);{ddl}")
    with pytest.raises(ChangesetApplyError, match=timeline.last):
        timeline.apply()
    assert names(tmp_path) == {"baseline.bim"}


def test_ddl_cannot_be_undone(timeline: Timeline) -> None:
    """The error is raised before anything is done."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1))
    schema = timeline.push(b"", ddl="CREATE TABLE u(a)")
    timeline.apply()
    with pytest.raises(ChangesetApplyError, match="undone") as caught:
        apply_changesets(timeline.target, timeline.files, timeline.folder / "back.bim", reverse=True)
    assert caught.value.path == str(schema)


def test_a_schema_change_without_ddl_can_be_undone(timeline: Timeline) -> None:
    """It consists of rows."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1), has_schema_changes=True)
    timeline.apply()
    apply_changesets(timeline.target, timeline.files, timeline.target, reverse=True)
    assert rows(timeline.target) == []


def test_neither_triggers_nor_foreign_keys_act(tmp_path: Path) -> None:
    """What they did when the changeset was made is in the changeset, so it would be done twice."""
    timeline = Timeline(
        tmp_path,
        T,
        setup=(
            "CREATE TABLE log(c0 INTEGER PRIMARY KEY, c1);"
            "CREATE TABLE part(c0 INTEGER PRIMARY KEY, c1 REFERENCES t(c0) ON DELETE CASCADE);"
            "INSERT INTO t VALUES(9, 9); INSERT INTO part VALUES(1, 9);"
            "CREATE TRIGGER logging AFTER INSERT ON t BEGIN INSERT INTO log VALUES(NULL, unknown_function(new.c0)); END"
        ),
    )
    timeline.push(
        table("t", 2) + INSERT + fields(1, 1) + DELETE + fields(9, 9)
        + table("log", 2) + b"\x12\x01" + fields(1, "once") + table("part", 2) + b"\x09\x01" + fields(1, 9)
    )  # fmt: skip
    assert timeline.apply() == [(1, 1)]
    assert rows(timeline.target, "log") == [(1, "once")]
    assert rows(timeline.target, "part") == []
    apply_changesets(timeline.target, timeline.files, timeline.target, reverse=True)
    assert dump(timeline.target) == dump(timeline.baseline)


@pytest.mark.parametrize(
    ("body", "operation", "key", "words"),
    [
        (INSERT + fields(1, "x"), "insert", (1,), "the row already exists"),
        (DELETE + fields(3, "x"), "delete", (3,), "the row is missing"),
        (DELETE + fields(1, "x"), "delete", (1,), "the row does not have the values"),
        (UPDATE + fields(1, "x") + fields(SAME, "y"), "update", (1,), "the row does not have the values"),
        (UPDATE + fields(3, "x") + fields(SAME, "y"), "update", (3,), "the row is missing"),
        (INSERT + fields(3, "two"), "insert", (3,), "constraint"),
    ],
)
def test_the_first_conflict_ends_it(
    body: bytes, operation: str, key: tuple[Any, ...], words: str, tmp_path: Path
) -> None:
    """It names changeset, table, operation and row; no target is left, and the baseline is as it was."""
    timeline = Timeline(tmp_path, T, setup="CREATE UNIQUE INDEX i ON t(c1); INSERT INTO t VALUES(1, 'one'), (2, 'two')")
    digest = timeline.baseline.read_bytes()
    timeline.push(table("t", 2) + INSERT + fields(4, "four"))
    bad = timeline.push(table("t", 2) + body + INSERT + fields(5, "five"))
    timeline.push(table("missing", 1))
    told: list[int] = []
    with pytest.raises(ChangesetConflictError, match=words) as caught:
        timeline.apply(progress=lambda done, _: told.append(done), conflicts="strict")
    error = caught.value
    assert (error.changeset_id, error.table, error.operation, error.key) == (bad.stem, "t", operation, key)
    assert (error.path, error.offset) == (str(bad), None)
    assert isinstance(error, ChangesetFileError)
    assert told == [1]
    assert names(tmp_path) == {"baseline.bim"}
    assert timeline.baseline.read_bytes() == digest


def test_a_conflict_backwards_names_what_was_tried(timeline: Timeline) -> None:
    """Undoing an insert is a delete."""
    timeline.push(table("t", 2) + INSERT + fields(1, "one"))
    with pytest.raises(ChangesetConflictError, match="the row is missing") as caught:
        timeline.apply(reverse=True, conflicts="strict")
    assert (caught.value.operation, caught.value.key) == ("delete", (1,))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (table("missing", 2) + INSERT + fields(1, 1), "no table named missing"),
        (table("t", 3) + INSERT + fields(1, 1, 1), "2 columns; its changes have 3"),
        (table("t", 2, b"\x01\x02") + INSERT + fields(1, 1), "the primary key of t differs"),
        (table("t", 2, b"\x00\x01") + INSERT + fields(1, 1), "the primary key of t differs"),
    ],
)
def test_a_table_must_be_as_the_changes_need_it(body: bytes, words: str, timeline: Timeline) -> None:
    """SQLite would skip such changes without an error."""
    timeline.push(body)
    with pytest.raises(ChangesetApplyError, match=words):
        timeline.apply(conflicts="strict")
    assert names(timeline.folder) == {"baseline.bim"}


def test_the_chain_must_be_unbroken(timeline: Timeline) -> None:
    """Each changeset follows the previous one, and the first one the given parent."""
    for number in range(3):
        timeline.push(table("t", 2) + INSERT + fields(number, None))
    first, second, third = timeline.files
    links = [
        ChainLink(file, file.stem, parent)
        for file, parent in zip(timeline.files, [None, first.stem.upper(), second.stem], strict=True)
    ]

    def run(*files: ChainLink | Path | str, **options: Any) -> None:
        apply_changesets(timeline.baseline, files, timeline.target, **options)

    for broken in ((links[0], links[2]), (links[1], links[0]), (first, links[2])):
        with pytest.raises(BrokenChainError, match="the parent of changeset") as caught:
            run(*broken)
        assert caught.value.path == str(broken[1].path)
    with pytest.raises(BrokenChainError, match=OTHER_ID):
        run(*links, parent_id=OTHER_ID)
    with pytest.raises(BrokenChainError):
        run(links[1], parent_id="")
    for broken in ((first, third), (second,), (second, first)):
        with pytest.raises(ChangesetIdMismatchError):
            run(*broken)
    assert names(timeline.folder) == {"baseline.bim"}
    run(*links)
    run(str(first), links[1], third)
    assert len(rows(timeline.target)) == 3


def test_every_file_is_verified_before_anything_is_done(timeline: Timeline) -> None:
    """A damaged last file is noticed before the first is applied."""
    timeline.push(table("missing", 1))
    timeline.push(table("t", 2) + INSERT + fields(1, 1))
    last = timeline.files[-1]
    last.write_bytes(last.read_bytes()[:-1])
    with pytest.raises(ChangesetFileError, match="truncated") as caught:
        timeline.apply()
    assert caught.value.path == str(last)
    write_changeset(last, table("t", 2) + INSERT + fields(1, 2), parent_id=timeline.files[0].stem)
    with pytest.raises(ChangesetIdMismatchError):
        timeline.apply()


def test_a_file_that_names_no_id_needs_a_link(timeline: Timeline) -> None:
    """The id is the name of the file, unless it is given."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1))
    renamed = timeline.files[0].rename(timeline.folder / "first.cs")
    with pytest.raises(ValueError, match=r"first\.cs.*40 hex digits"):
        apply_changesets(timeline.baseline, [renamed], timeline.target)
    with pytest.raises(ValueError, match="parent_id"):
        apply_changesets(timeline.baseline, [ChainLink(renamed, timeline.last, "x")], timeline.target)
    apply_changesets(timeline.baseline, [ChainLink(renamed, timeline.last.upper(), None)], timeline.target)
    assert rows(timeline.target) == [(1, 1)]


def test_without_changesets_the_target_is_a_copy(timeline: Timeline) -> None:
    """Nothing is applied."""
    assert timeline.apply() == []
    assert dump(timeline.target) == dump(timeline.baseline)


def test_large_changes_go_through(timeline: Timeline) -> None:
    """Larger than a block, and many of them."""
    blob = bytes(range(256)) * 2_000
    body = table("t", 2) + INSERT + fields(0, blob)
    timeline.push(body + b"".join(INSERT + fields(number, "x" * 50) for number in range(1, 20_000)))
    found = timeline.apply()
    assert len(found) == 20_000
    assert found[0] == (0, blob)


def test_the_progress_can_end_it(timeline: Timeline) -> None:
    """The exception is raised unchanged, and no file is left."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1))

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        timeline.apply(progress=stop)
    assert names(timeline.folder) == {"baseline.bim"}


def test_a_failure_leaves_an_older_target_alone(timeline: Timeline) -> None:
    """It is replaced at the end, or not at all."""
    timeline.target.write_bytes(b"older")
    timeline.push(table("missing", 1))
    with pytest.raises(ChangesetApplyError):
        timeline.apply(conflicts="strict")
    assert timeline.target.read_bytes() == b"older"
    assert names(timeline.folder) == {"baseline.bim", "target.bim"}


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
@pytest.mark.parametrize("which", ["baseline", "target"])
def test_a_database_in_use_is_refused(suffix: str, which: str, timeline: Timeline) -> None:
    """Its journal would be lost, or applied to the wrong file."""
    beside = Path(f"{getattr(timeline, which)}{suffix}")
    beside.write_bytes(b"journal")
    with pytest.raises(ChangesetApplyError, match="in use") as caught:
        timeline.apply()
    assert caught.value.path == str(getattr(timeline, which))
    beside.write_bytes(b"")
    assert timeline.apply() == []


def test_a_baseline_in_wal_mode_is_taken(tmp_path: Path) -> None:
    """After closing, there are no files next to it or to the target."""
    timeline = Timeline(tmp_path, T, setup="PRAGMA journal_mode = WAL; INSERT INTO t VALUES(1, 1)")
    timeline.push(table("t", 2) + DELETE + fields(1, 1))
    assert timeline.apply() == []
    assert names(tmp_path) - {"target.bim-wal", "target.bim-shm"} == {"baseline.bim", "target.bim"}


@pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\0" + bytes(84)])
def test_a_baseline_that_is_no_database_is_refused(content: bytes, timeline: Timeline) -> None:
    """The error names it."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1))
    timeline.baseline.write_bytes(content)
    with pytest.raises(ChangesetApplyError) as caught:
        timeline.apply()
    assert caught.value.path in {str(timeline.baseline), str(timeline.files[0])}
    assert names(timeline.folder) == {"baseline.bim"}


def test_files_that_are_missing_are_errors_of_the_system(timeline: Timeline) -> None:
    """Baseline and changesets alike."""
    with pytest.raises(FileNotFoundError):
        apply_changesets(timeline.folder / "none.bim", [], timeline.target)
    with pytest.raises(FileNotFoundError):
        apply_changesets(timeline.baseline, [timeline.folder / f"{ID}.cs"], timeline.target)
    assert names(timeline.folder) == {"baseline.bim"}


def test_a_full_disk_is_an_error_of_the_system(timeline: Timeline) -> None:
    """The changeset is not to blame, and the target is unchanged."""
    require_part("namespaces")
    timeline.push(table("t", 2) + INSERT + fields(1, bytes(4 << 20)))
    disk = timeline.folder / "disk"
    disk.mkdir()
    script = """if True:
        import os, sys
        from imodel_files.changesets import apply_changesets
        baseline, changeset, target = sys.argv[1:]
        try:
            apply_changesets(baseline, [changeset], target)
        except OSError as error:
            print(error.errno == 28, os.listdir(os.path.dirname(target)))
    """
    command = [sys.executable, "-c", script, timeline.baseline, timeline.files[0], disk / "target.bim"]
    done = subprocess.run(on_small_disk(disk, "1m", map(str, command)), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True []\n", "")


def test_the_limits_hold(timeline: Timeline) -> None:
    """Those on tables and on the values of a row, before anything is applied."""
    timeline.push(table("t", 2) + INSERT + fields(1, 1) + INSERT + fields(2, "ab") + table("u", 1))
    with pytest.raises(SessionLimitError):
        timeline.apply(limits=Limits(tables=1))
    with pytest.raises(SessionLimitError, match="exceed 1 bytes"):
        timeline.apply(limits=Limits(values=1))
    assert timeline.apply(limits=Limits(values=2, tables=2)) == [(1, 1), (2, "ab")]


def test_a_key_can_be_null(tmp_path: Path) -> None:
    """Such rows cannot be found, which SQLite reports as a conflict or ignores."""
    timeline = Timeline(tmp_path, T)
    timeline.push(table("t", 2) + DELETE + NULL + NULL)
    with pytest.raises(ChangesetConflictError) as caught:
        timeline.apply(conflicts="strict")
    assert caught.value.key == (None,)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, r"extra 'checkpoint': pip install 'itwin-imodels\[checkpoint\]'"),
        (SimpleNamespace(apsw_version=lambda: "3.46.0.0"), r"session extension of apsw 3\.46\.0\.0"),
    ],
)
def test_without_the_extra_it_is_named(
    module: object, words: str, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, or too old to have the session extension."""
    monkeypatch.setitem(sys.modules, "apsw", module)
    uses: list[Callable[[], object]] = [timeline.apply, lambda: timeline.apply(reverse=True)]
    for use in uses:
        with pytest.raises(ImportError, match=words):
            use()
