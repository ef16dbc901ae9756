"""Conflicting changes: the vendor's behavior, decisions of a handler, and the report."""

import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from imodel_files.changesets import (
    NO_VALUE,
    BrokenChainError,
    ChainLink,
    ChangesetApplyError,
    ChangesetConflictError,
    Conflict,
    ConflictAction,
    ConflictCause,
    ConflictColumn,
    ConflictCount,
    Limits,
    SkippedTable,
    apply_changesets,
    iter_changes,
)
from tests.unit.imodel_files.making import DELETE, INSERT, UPDATE, Table, fields, table
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import samples_folder
from tests.unit.imodel_files.test_vectors import WITH_SCHEMA
from tests.unit.imodel_files.timeline import Timeline, names, rows

T = Table("t", 2)
ROWS = "CREATE UNIQUE INDEX i ON t(c1); INSERT INTO t VALUES(1, 'one'), (2, 'two')"
BEFORE = [(1, "one"), (2, "two")]


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Two rows, whose second column is unique."""
    return Timeline(tmp_path, T, setup=ROWS)


def test_the_long_chain_goes_in(tmp_path: Path) -> None:
    """Four of its 41 changesets have eleven updates of rows with other values; the last change wins."""
    folder = samples_folder("changesets") / "long-chain"
    files = links(folder)
    report = apply_changesets(folder / "base.bim", files, tmp_path / "tip.bim")
    assert (report.changesets, report.conflict_count, report.overridden, report.skipped) == (41, 11, 11, 0)
    assert [each.changeset_id[:7] for each in report.conflict_counts] == ["dd69548", "440ab6c", "c0988d9", "4c29738"]
    assert {(each.table, each.operation, each.cause) for each in report.conflicts} == {
        ("bis_Element", "update", ConflictCause.DATA)
    }
    assert all(column.name in {"LastMod", "UserLabel", "JsonProperties"} for column in report.conflicts[0].columns)
    tip = apsw.Connection(str(tmp_path / "tip.bim"))
    last = list(iter_changes(files[-1].path))[-1]
    ((label,),) = tip.execute("SELECT UserLabel FROM bis_Element WHERE Id = ?", last.key)
    assert last.new is not None
    assert label in last.new
    assert dict(tip.execute("SELECT Name, Val FROM be_Local"))["ParentChangeSetId"] == files[-1].id
    with pytest.raises(ChangesetConflictError, match="dd69548"):
        apply_changesets(folder / "base.bim", files, tmp_path / "strict.bim", conflicts="strict")


def links(folder: Path) -> list[ChainLink]:
    """Return the chain of a folder, with the parents in `changesets.json`."""
    found = json.loads((folder / "changesets.json").read_text())["changesets"]
    return [ChainLink(folder / f"{each['id']}.cs", each["id"], each["parentId"], each["index"]) for each in found]


@pytest.mark.parametrize(
    ("change", "after", "cause", "action", "column"),
    [
        (INSERT + fields(1, "x"), [(1, "x"), (2, "two")], "exists", "replace", ("c1", "one", NO_VALUE, "x")),
        (DELETE + fields(3, "x"), BEFORE, "not_found", "skip", ("c0", NO_VALUE, 3, NO_VALUE)),
        (DELETE + fields(1, "x"), [(2, "two")], "data", "replace", ("c1", "one", "x", NO_VALUE)),
        (
            UPDATE + fields(1, "x") + fields(SAME, "y"),
            [(1, "y"), (2, "two")],
            "data",
            "replace",
            ("c1", "one", "x", "y"),
        ),
        (UPDATE + fields(3, "x") + fields(SAME, "y"), BEFORE, "not_found", "skip", ("c0", NO_VALUE, 3, NO_VALUE)),
        (INSERT + fields(3, "two"), BEFORE, "constraint", "skip", ("c0", NO_VALUE, NO_VALUE, 3)),
        (UPDATE + fields(1, "one") + fields(SAME, "two"), BEFORE, "constraint", "skip", ("c0", NO_VALUE, 1, NO_VALUE)),
    ],
)
def test_what_does_not_fit_is_overridden_or_skipped(  # noqa: PLR0913, PLR0917 - a row of the table
    change: bytes,
    after: list[tuple[Any, ...]],
    cause: str,
    action: str,
    column: tuple[Any, ...],
    timeline: Timeline,
) -> None:
    """Each cause has its action, and the report has the row and the first column."""
    timeline.push(table("t", 2) + change)
    report = timeline.report()
    assert rows(timeline.target) == after
    operation = {18: "insert", 23: "update", 9: "delete"}[change[0]]
    (count,) = report.conflict_counts
    assert count == ConflictCount(
        changeset_id=timeline.last,
        table="t",
        operation=operation,
        cause=ConflictCause(cause),
        action=ConflictAction(action),
        count=1,
    )
    (conflict,) = report.conflicts
    name, found, old, new = column
    assert conflict.columns[0] == ConflictColumn(name=name, found=found, old=old, new=new)
    assert (conflict.path, conflict.key) == (str(timeline.files[0]), (1 if after != BEFORE else conflict.key[0],))
    assert (report.overridden, report.skipped) == ((1, 0) if action == "replace" else (0, 1))
    assert not report.is_clean


@pytest.mark.parametrize(
    "change",
    [
        INSERT + fields(1, "one"),
        UPDATE + fields(1, "x") + fields(SAME, "one"),
        UPDATE + fields(1, 1.0) + fields(SAME, "one"),
    ],
)
def test_a_row_that_is_there_already_is_no_conflict(change: bytes, timeline: Timeline) -> None:
    """It is not reported."""
    timeline.push(table("t", 2) + change)

    def unexpected(conflict: Conflict) -> None:
        raise AssertionError(conflict)

    report = timeline.report(on_conflict=unexpected)
    assert report.is_clean
    assert rows(timeline.target) == BEFORE


def test_one_and_one_point_zero_differ(timeline: Timeline) -> None:
    """SQLite's session extension distinguishes them, too."""
    timeline.push(table("t", 2) + INSERT + fields(3, 1))
    timeline.push(table("t", 2) + INSERT + fields(3, 1.0))
    assert timeline.report().overridden == 1


def test_a_handler_decides(timeline: Timeline) -> None:
    """It receives the default action; None keeps it; this includes strict mode."""
    timeline.push(table("t", 2) + UPDATE + fields(1, "x") + fields(SAME, "y") + DELETE + fields(2, "z"))
    seen: list[Conflict] = []

    def keep_the_first(conflict: Conflict) -> ConflictAction | None:
        seen.append(conflict)
        return ConflictAction.SKIP if conflict.key == (1,) else None

    report = timeline.report(on_conflict=keep_the_first)
    assert [each.action for each in seen] == [ConflictAction.REPLACE] * 2
    assert rows(timeline.target) == [(1, "one")]
    assert (report.overridden, report.skipped) == (1, 1)
    with pytest.raises(ChangesetConflictError, match=r"delete of t \(2\)"):
        timeline.report(on_conflict=keep_the_first, conflicts="strict")
    report = timeline.report(on_conflict=lambda _: ConflictAction.REPLACE, conflicts="strict")
    assert report.overridden == 2


def test_a_handler_can_abort(timeline: Timeline) -> None:
    """The error names the row; no file is left."""
    timeline.push(table("t", 2) + DELETE + fields(1, "z"))
    with pytest.raises(ChangesetConflictError, match="the row does not have the values") as caught:
        timeline.report(on_conflict=lambda _: ConflictAction.ABORT)
    assert (caught.value.table, caught.value.key) == ("t", (1,))
    assert names(timeline.folder) == {"baseline.bim"}


@pytest.mark.parametrize("answer", [ConflictAction.REPLACE, "replace", "nonsense"])
def test_a_handler_cannot_replace_what_is_not_there(answer: Any, timeline: Timeline) -> None:
    """SQLite would call it a misuse."""
    timeline.push(table("t", 2) + DELETE + fields(3, "z"))
    with pytest.raises(ValueError, match=r"only .skip. and .abort. are possible|nonsense"):
        timeline.report(on_conflict=lambda _: answer)
    assert names(timeline.folder) == {"baseline.bim"}


def test_what_a_handler_raises_comes_through(timeline: Timeline) -> None:
    """The exception is raised unchanged, not as an error of SQLite."""
    timeline.push(table("t", 2) + DELETE + fields(3, "z"))

    def stop(_: Conflict) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        timeline.report(on_conflict=stop)


def test_an_unknown_policy_is_refused(timeline: Timeline) -> None:
    """Before anything is read."""
    with pytest.raises(ValueError, match="`conflicts` must be one of native, strict, not 'lenient'"):
        timeline.report(conflicts="lenient")


def test_the_list_is_bounded_and_the_counts_are_not(timeline: Timeline) -> None:
    """The limit applies to the list only."""
    timeline.push(table("t", 2) + b"".join(DELETE + fields(number, "x") for number in range(10, 60)))
    report = timeline.report(limits=Limits(conflicts=7))
    assert (len(report.conflicts), report.conflict_count) == (7, 50)


def test_tables_that_do_not_fit_are_skipped(timeline: Timeline) -> None:
    """Missing, too few columns, another key; what else there is goes in."""
    timeline.push(
        table("missing", 2) + INSERT + fields(1, 1) + INSERT + fields(2, 1)
        + table("t", 3) + INSERT + fields(5, 5, 5) + table("u", 1) + table("s", 1) + INSERT + fields(8)
    )  # fmt: skip
    apsw.Connection(str(timeline.baseline)).execute("CREATE TABLE s(a PRIMARY KEY)")
    report = timeline.report()
    assert rows(timeline.target) == BEFORE
    assert rows(timeline.target, "s") == [(8,)]
    assert report.skipped_tables == (
        SkippedTable(
            changeset_id=timeline.last, table="missing", reason="no table named missing in the database", count=2
        ),
        SkippedTable(changeset_id=timeline.last, table="t", reason="t has 2 columns; its changes have 3", count=1),
    )
    assert report.skipped == 3


def test_rows_that_refer_to_missing_rows_are_an_error(tmp_path: Path) -> None:
    """They are checked at the end of a changeset."""
    setup = (
        "CREATE TABLE part(c0 INTEGER PRIMARY KEY, c1 REFERENCES t(c0) ON DELETE CASCADE); INSERT INTO t VALUES(1, 1)"
    )
    timeline = Timeline(tmp_path, T, setup=setup)
    timeline.push(table("part", 2) + INSERT + fields(1, 9) + table("t", 2) + INSERT + fields(9, 9))
    timeline.push(table("t", 2) + DELETE + fields(9, 9) + table("part", 2) + b"\x09\x01" + fields(1, 9))
    assert timeline.report().is_clean
    timeline.push(table("part", 2) + INSERT + fields(2, 1) + INSERT + fields(3, 7))
    with pytest.raises(ChangesetConflictError, match=r"foreign key of part \(3\).*1 in all.*to t") as caught:
        timeline.report()
    assert (caught.value.changeset_id, caught.value.table) == (timeline.last, "part")
    assert timeline.report(conflicts="strict").is_clean
    assert timeline.report(on_conflict=lambda _: ConflictAction.SKIP).skipped == 1
    timeline.push(table("t", 2) + DELETE + fields(1, 1))
    with pytest.raises(ChangesetConflictError, match=r"foreign key of part \(2\).*to t"):
        timeline.report(on_conflict=lambda conflict: skip_in(timeline.files[2].stem, conflict))


def skip_in(changeset_id: str, conflict: Conflict) -> ConflictAction | None:
    """Skip the conflicts of one changeset."""
    return ConflictAction.SKIP if conflict.changeset_id == changeset_id else None


def test_a_noted_place_must_fit(tmp_path: Path) -> None:
    """Otherwise changes would be applied twice, or to the wrong database."""
    timeline = Timeline(tmp_path, T, setup="CREATE TABLE be_Local(Name CHAR NOT NULL COLLATE NOCASE UNIQUE, Val BLOB)")
    for number in range(3):
        timeline.push(table("t", 2) + INSERT + fields(number, 1))
    timeline.report()
    with pytest.raises(
        BrokenChainError,
        match=f"the database is at changeset {timeline.last}, but the changesets start at the baseline",
    ):
        apply_changesets(timeline.target, timeline.files, tmp_path / "twice.bim")
    with pytest.raises(BrokenChainError):
        apply_changesets(timeline.target, timeline.files[:2], tmp_path / "twice.bim", reverse=True)
    apply_changesets(timeline.target, timeline.files, tmp_path / "back.bim", reverse=True)
    assert rows(tmp_path / "back.bim") == []
    with pytest.raises(ChangesetConflictError):
        apply_changesets(timeline.target, timeline.files, tmp_path / "twice.bim", conflicts="strict")


def test_the_statistics_of_the_query_planner_go_in(tmp_path: Path) -> None:
    """Their table has no key, and NULL in the changeset is an empty blob."""
    timeline = Timeline(
        tmp_path,
        T,
        setup=ROWS + "; CREATE TABLE u(a); INSERT INTO u VALUES(1); ANALYZE; DELETE FROM sqlite_stat1",  # noqa: S608
    )
    author = apsw.Connection(str(tmp_path / "author.bim"))
    with author.backup("main", apsw.Connection(str(timeline.baseline)), "main") as backup:
        backup.step()
    session = apsw.Session(author, "main")
    session.attach()
    author.execute("ANALYZE")
    timeline.push(session.changeset())
    expected = sorted(author.execute("SELECT tbl, idx, stat FROM sqlite_stat1"), key=repr)
    for conflicts in ("native", "strict"):
        assert timeline.report(conflicts=conflicts).is_clean
        assert sorted(rows(timeline.target, "sqlite_stat1"), key=repr) == expected
    assert None in {index for _, index, _ in expected}


def test_a_real_schema_changeset_goes_into_a_database_that_has_it(tmp_path: Path) -> None:
    """Its columns exist already; its rows replace those of another iModel."""
    (baseline,) = samples_folder().glob("*.bim")
    first = WITH_SCHEMA[0]
    file = samples_folder() / first.folder / f"{first.id}.cs"
    report = apply_changesets(baseline, [file], tmp_path / "target.bim", on_conflict=skip_foreign_keys)
    assert [each.reason for each in report.skipped_statements] == [
        "duplicate column name: js2",
        "duplicate column name: js3",
    ]
    assert report.overridden


def skip_foreign_keys(conflict: Conflict) -> ConflictAction | None:
    """Create rows that refer to missing ones."""
    return ConflictAction.SKIP if conflict.cause is ConflictCause.FOREIGN_KEY else None


@pytest.mark.parametrize("owner", ["fts5(text)", "rtree(id, low, high)"])
@pytest.mark.parametrize("conflicts", ["native", "strict"])
def test_tables_of_an_index_are_refused(owner: str, conflicts: str, tmp_path: Path) -> None:
    """Only SQLite may write to them; the error says what to omit."""
    timeline = Timeline(tmp_path, T, setup=f"CREATE VIRTUAL TABLE search USING {owner}")
    name = "search_data" if "fts5" in owner else "search_node"
    timeline.push(table(name, 2) + INSERT + fields(77, b"x"))
    with pytest.raises(ChangesetApplyError, match=rf"{name} belongs to the virtual table search.*table_filter"):
        timeline.report(conflicts=conflicts)


def test_texts_that_are_not_utf8_are_applied(timeline: Timeline) -> None:
    """SQLite accepts any bytes; a conflict about them is reported without its values."""
    timeline.push(table("t", 2) + INSERT + fields(3) + b"\x03\x02\xff\xfe")
    timeline.push(table("t", 2) + UPDATE + fields(3, "x") + fields(SAME, "y"))
    timeline.push(table("t", 2) + UPDATE + fields(3) + b"\x03\x01\xff" + fields(SAME, "z"))
    report = timeline.report()
    assert rows(timeline.target)[-1] == (3, "z")
    conflicts = [(each.cause.value, each.key, each.columns) for each in report.conflicts]
    assert conflicts == [("data", (3,), ()), ("data", (), ())]
    assert rows(timeline.baseline) == BEFORE
