"""The DDL of a changeset: split as SQLite would, ordered as the native library does, and kept to definitions."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import apsw
import pytest

from imodel_files._ddl import native_order, split_statements
from imodel_files.changesets import (
    ChangesetApplyError,
    ChangesetFileError,
    Limits,
    MalformedPrefixError,
    SkippedStatement,
    compute_changeset_id,
    inspect_changeset,
    write_changeset,
)
from tests.unit.imodel_files.making import INSERT, NO_VALUE, UPDATE, Table, changeset_file, fields, payload, table
from tests.unit.imodel_files.timeline import Timeline, names, rows

TRIGGER = "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET c1 = ';' WHERE 1; SELECT CASE WHEN 1 THEN 2 END; END"


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """An iModel with a table t of two columns."""
    return Timeline(tmp_path, Table("t", 2), setup="CREATE INDEX Old ON t(c1); INSERT INTO t VALUES(1, 'one')")


@pytest.mark.parametrize(
    ("ddl", "expected"),
    [
        ("", []),
        (" ; ;; -- nothing\n", []),
        ("CREATE TABLE a(b);DROP TABLE a", ["CREATE TABLE a(b)", "DROP TABLE a"]),
        ("CREATE TABLE a(b DEFAULT 'x;''y');DROP TABLE a;", ["CREATE TABLE a(b DEFAULT 'x;''y')", "DROP TABLE a"]),
        ('CREATE TABLE [a;b]("c;", `d;`)', ['CREATE TABLE [a;b]("c;", `d;`)']),
        ("/* ; */ DROP TABLE a -- ;\n; DROP TABLE b", ["DROP TABLE a", "DROP TABLE b"]),
        (f"{TRIGGER}; DROP TABLE a", [TRIGGER, "DROP TABLE a"]),
        (f"DROP TABLE a; {TRIGGER}", ["DROP TABLE a", TRIGGER]),
        ("CREATE TABLE trigger_(a); DROP TABLE b", ["CREATE TABLE trigger_(a)", "DROP TABLE b"]),
        ("CREATE TABLE a(b DEFAULT 'open", ["CREATE TABLE a(b DEFAULT 'open"]),
    ],
)
def test_statements_end_where_sqlite_ends_them(ddl: str, expected: list[str]) -> None:
    """Semicolons in strings, names, comments and triggers do not end statements."""
    assert [each.text for each in split_statements(ddl)] == expected


@pytest.mark.parametrize(
    ("ddl", "is_definition"),
    [
        ("CREATE TABLE t (a AS (1))", True),
        ("CREATE VIEW v AS SELECT 1", True),
        ("CREATE TABLE t AS SELECT * FROM u", False),
        ("CREATE TABLE IF NOT EXISTS main.t AS SELECT 1", False),
        ('CREATE TABLE "as" (a)', True),
        ("SELECT 1", False),
        ("INSERT INTO t VALUES (1)", False),
    ],
)
def test_a_definition_takes_no_rows(ddl: str, is_definition: bool) -> None:  # noqa: FBT001 - a case
    """A table that is filled by a query is more than a definition; a view or a column's expression is not."""
    (statement,) = split_statements(ddl)
    assert statement.is_definition == is_definition


def test_any_text_is_split_where_sqlite_says_that_a_statement_is_complete() -> None:
    """Random sequences of tokens."""
    draw = random.Random(7)  # noqa: S311 - repeatable
    tokens = [
        "CREATE",
        "TRIGGER",
        "TEMP",
        "END",
        ";",
        ";",
        "a",
        "'x;'",
        "[b;]",
        "-- c;\n",
        "/* ; */",
        "BEGIN",
        "(",
        ".",
    ]
    for _ in range(3000):
        text = " ".join(draw.choice(tokens) for _ in range(draw.randrange(1, 14)))
        statements = split_statements(text)
        assert all(apsw.complete(f"{each.text}\n;") for each in statements[:-1]), text
        assert all(not apsw.complete(piece) for each in statements for piece in _beginnings(each.text)), text


def _beginnings(text: str) -> Iterator[str]:
    """Yield the beginnings of a statement up to each semicolon."""
    for place, character in enumerate(text):
        if character == ";":
            yield text[: place + 1]


def test_indexes_come_last_and_only_if_they_differ() -> None:
    """All drops precede other statements; missing drops are added."""
    statements = split_statements(
        "DROP INDEX IF EXISTS [same];CREATE INDEX [same] ON t(a);CREATE UNIQUE INDEX other ON t(b);"
        "DROP INDEX IF EXISTS gone;CREATE INDEX IF NOT EXISTS main.new ON t(c);ALTER TABLE t ADD COLUMN c"
    )
    indexes = {"same": "CREATE INDEX [same] ON t(a)", "other": "CREATE INDEX other ON t(b)"}
    assert [each.text for each in native_order(statements, indexes)] == [
        "ALTER TABLE t ADD COLUMN c",
        'DROP INDEX IF EXISTS "other"',
        "DROP INDEX IF EXISTS gone",
        'DROP INDEX IF EXISTS "new"',
        "CREATE UNIQUE INDEX other ON t(b)",
        "CREATE INDEX IF NOT EXISTS main.new ON t(c)",
    ]


def test_what_is_there_already_fails_nothing(timeline: Timeline) -> None:
    """Existing columns, tables, triggers and equal indexes are skipped; the rest runs, and the report lists them."""
    ddl = (
        "ALTER TABLE t ADD COLUMN c2 DEFAULT 7;CREATE TABLE u(a PRIMARY KEY);CREATE INDEX i ON t(c2);"  # noqa: S608 - our own
        f"CREATE TABLE log(a PRIMARY KEY);{TRIGGER};CREATE VIEW v AS SELECT * FROM t"
    )
    timeline.push(b"", ddl=ddl)
    assert timeline.report().is_clean
    timeline.baseline.write_bytes(timeline.target.read_bytes())
    timeline.files.clear()
    timeline.push(
        table("t", 3) + INSERT + fields(2, "two", 2),
        ddl=f"{ddl};DROP INDEX missing;DROP VIEW absent;ALTER TABLE nowhere ADD COLUMN c;ALTER TABLE t ADD COLUMN c3",
    )
    report = timeline.report()
    assert [each.reason for each in report.skipped_statements] == [
        "duplicate column name: c2",
        "table u already exists",
        "table log already exists",
        "trigger g already exists",
        "view v already exists",
        "no such index: missing",
        "no such view: absent",
        "no such table: nowhere",
    ]
    assert report.skipped_statements[0] == SkippedStatement(
        changeset_id=timeline.last,
        statement="ALTER TABLE t ADD COLUMN c2 DEFAULT 7",
        reason="duplicate column name: c2",
    )
    assert rows(timeline.target) == [(1, "one", 7, None), (2, "two", 2, None)]
    with pytest.raises(ChangesetApplyError, match="duplicate column name: c2"):
        timeline.report(conflicts="strict")


@pytest.mark.parametrize("policy", ["native", "strict"])
@pytest.mark.parametrize(
    ("ddl", "result", "found"),
    [
        ("ALTER TABLE t DROP COLUMN c2", "t", [(1, "one", 5), (2, None, 7)]),
        ("ALTER TABLE t RENAME COLUMN c1 TO c9", "t", [(1, "one", 4, 5), (2, None, 6, 7)]),
        ("ALTER TABLE main.t RENAME TO u", "u", [(1, "one", 4, 5), (2, None, 6, 7)]),
    ],
)
def test_columns_and_tables_that_are_dropped_or_renamed(
    ddl: str, result: str, found: list[tuple[object, ...]], policy: Literal["native", "strict"], timeline: Timeline
) -> None:
    """SQLite looks into its temporary schema for them, which is otherwise forbidden. Views and triggers follow."""
    added = "ALTER TABLE t ADD COLUMN c2 DEFAULT 4;ALTER TABLE t ADD COLUMN c3 DEFAULT 5"
    timeline.push(b"", ddl=f"{added};CREATE VIEW v AS SELECT c1 FROM t;{TRIGGER}")  # noqa: S608 - our own
    timeline.push(table(result, len(found[0])) + INSERT + fields(*found[1]), ddl=ddl)
    timeline.report(conflicts=policy)
    assert rows(timeline.target, result) == found


def test_an_index_with_another_text_is_made_anew(timeline: Timeline) -> None:
    """An equal index is kept, even if it is dropped before."""
    timeline.push(b"", ddl="DROP INDEX IF EXISTS Old;CREATE UNIQUE INDEX Old ON t(c1)")
    timeline.push(b"", ddl="CREATE UNIQUE INDEX [old] ON t(c1)")
    assert timeline.report().is_clean
    found = {each[1]: each[4] for each in rows(timeline.target, "sqlite_master")}
    assert found["old"] == "CREATE UNIQUE INDEX [old] ON t(c1)"


@pytest.mark.parametrize("conflicts", ["native", "strict"])
def test_an_index_that_is_dropped_for_certain_is_made_anew(conflicts: str, timeline: Timeline) -> None:
    """Even if it is equal: a drop without `IF EXISTS` runs before all indexes are compared."""
    timeline.push(b"", ddl="CREATE INDEX i ON t(c1)")
    timeline.push(b"", ddl="DROP INDEX I;CREATE INDEX i ON t(c1)")
    assert timeline.report(conflicts=conflicts).is_clean
    assert ("i",) in rows(timeline.target, "(SELECT name FROM sqlite_master WHERE type = 'index')")


def test_a_unique_index_that_the_rows_forbid_is_made_after_them(timeline: Timeline) -> None:
    """It is created after the rows that it requires; remaining violations are reported."""
    timeline.push(table("t", 2) + INSERT + fields(2, "one"))
    timeline.push(
        table("t", 2) + UPDATE + fields(2, "one") + fields(NO_VALUE, "two"), ddl="CREATE UNIQUE INDEX i ON t(c1)"
    )
    assert timeline.report().is_clean
    assert "i" in {each[1] for each in rows(timeline.target, "sqlite_master")}
    with pytest.raises(ChangesetApplyError, match="UNIQUE constraint failed"):
        timeline.report(conflicts="strict")
    timeline.push(table("t", 2) + UPDATE + fields(2, "two") + fields(NO_VALUE, "one"), ddl="DROP INDEX i")
    timeline.push(b"", ddl="CREATE UNIQUE INDEX i ON t(c1)")
    (skipped,) = timeline.report().skipped_statements
    assert (skipped.changeset_id, skipped.reason) == (timeline.last, "UNIQUE constraint failed: t.c1")


def test_under_schema_sync_any_failure_is_passed_over(tmp_path: Path) -> None:
    """The tables may or may not have been changed by another push."""
    properties = (
        "CREATE TABLE be_Prop(Namespace, Name, Id, SubId, StrData, Data, PRIMARY KEY(Namespace, Name, Id, SubId))"
    )
    timeline = Timeline(tmp_path, Table("t", 2), setup=properties)
    timeline.push(b"", ddl="CREATE INDEX i ON t(unknown_column);CREATE TABLE u(a)")
    with pytest.raises(ChangesetApplyError, match="unknown_column"):
        timeline.report()
    apsw.Connection(str(timeline.baseline)).execute(
        "INSERT INTO be_Prop VALUES('ec_Db', 'localDbInfo', 0, 0, '{}', NULL)"
    )
    report = timeline.report()
    assert [each.statement for each in report.skipped_statements] == ["CREATE INDEX i ON t(unknown_column)"]
    assert rows(timeline.target, "u") == []


@pytest.mark.thorough(keep=20)
@pytest.mark.parametrize("conflicts", ["native", "strict"])
@pytest.mark.parametrize(
    "ddl",
    [
        "SELECT length(hex(zeroblob(400000000)))",
        "INSERT INTO t VALUES(9, 9)",
        "UPDATE t SET c1 = 2",
        "DELETE FROM t",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT 1, 1 FROM a",
        "REPLACE INTO t VALUES(1, 2)",
        "VALUES(1)",
        "ANALYZE",
        "REINDEX",
        "PRAGMA user_version = 3",
        "EXPLAIN DROP TABLE t",
        "CREATE TABLE u AS SELECT * FROM t",
        "CREATE TABLE IF NOT EXISTS main.u AS VALUES(1)",
        "CREATE TEMP TABLE u(a)",
        "CREATE TABLE temp.u(a)",
        "CREATE TEMP TRIGGER g AFTER INSERT ON main.t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE u USING dbstat",
        "ALTER TABLE t ADD COLUMN x; SELECT 1",
        "nonsense",
        "CREATE TABLE u(",
    ],
)
def test_ddl_may_only_define(ddl: str, conflicts: str, timeline: Timeline) -> None:
    """Other statements are rejected before anything runs."""
    timeline.push(table("t", 2) + INSERT + fields(2, 2), ddl=ddl)
    with pytest.raises(ChangesetApplyError, match=timeline.last):
        timeline.report(conflicts=conflicts)
    assert names(timeline.folder) == {"baseline.bim"}


def test_values_made_by_ddl_are_bounded(timeline: Timeline) -> None:
    """An index may use any SQLite function; memory stays bounded, also for later rows."""
    timeline.push(b"", ddl="CREATE INDEX huge ON t(length(hex(zeroblob(400000000))))")
    with pytest.raises(ChangesetApplyError, match=r"Limits\.values"):
        timeline.report()
    timeline.files.clear()
    timeline.push(b"", ddl="CREATE TABLE u(a PRIMARY KEY, CHECK(length(hex(zeroblob(400000000))) > a))")
    timeline.push(table("u", 1) + INSERT + fields(1))
    with pytest.raises(ChangesetApplyError, match=r"Limits\.values"):
        timeline.report()


def test_the_time_of_ddl_is_bounded(tmp_path: Path) -> None:
    """Without time, an index over many rows is not completed."""
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) INSERT INTO t SELECT i, i FROM n"
    timeline = Timeline(tmp_path, Table("t", 2), setup=many)
    timeline.push(b"", ddl="CREATE INDEX i ON t(c1)")
    assert timeline.report().is_clean
    with pytest.raises(ChangesetApplyError, match=r"took longer than 0 s \(Limits\.ddl_seconds\)"):
        timeline.report(limits=Limits(ddl_seconds=0))
    assert names(tmp_path) == {"baseline.bim", "target.bim"}


@pytest.mark.parametrize("conflicts", ["native", "strict"])
def test_a_nul_is_refused_where_it_is_run(conflicts: str, timeline: Timeline) -> None:
    """SQLite would stop reading there; it can be looked at."""
    timeline.push(b"", ddl="CREATE TABLE u(a);\0DROP TABLE t")
    assert "\0" in str(inspect_changeset(timeline.files[0]).ddl)
    with pytest.raises(ChangesetApplyError, match="NUL"):
        timeline.report(conflicts=conflicts)


def test_a_lone_surrogate_is_refused(tmp_path: Path, timeline: Timeline) -> None:
    """It can be written in JSON, and nowhere else."""
    with pytest.raises(ValueError, match="surrogates"):
        write_changeset(tmp_path / "made.cs", b"", parent_id=None, ddl="CREATE TABLE [\ud800](a)")
    _put(timeline, b'{"ContainsSchemaChanges":true,"DDL":"CREATE TABLE [\\ud800](a)"}\0')
    for use in (lambda: inspect_changeset(timeline.files[0]), timeline.report):
        with pytest.raises(MalformedPrefixError, match="lone surrogate"):
            use()


def _put(timeline: Timeline, prefix: bytes) -> None:
    """Add a changeset with a prefix that cannot be written."""
    made = timeline.folder / "made.cs"
    made.write_bytes(changeset_file(payload(b"", prefix)))
    timeline.files = [made.rename(timeline.folder / f"{compute_changeset_id(made, None)}.cs")]


@pytest.mark.thorough
def test_splitting_takes_linear_time() -> None:
    """The input is a megabyte that is hard to split."""
    for piece in (";", "'", "/*", "--", "[", '"', "CREATE TRIGGER ; ", "x"):
        text = piece * (1_000_000 // len(piece))
        assert len(split_statements(text)) <= 1


def test_errors_about_ddl_are_errors_about_the_file(timeline: Timeline) -> None:
    """Whatever random statement there is."""
    draw = random.Random(11)  # noqa: S311 - repeatable
    words = [
        "CREATE",
        "TABLE",
        "INDEX",
        "DROP",
        "ALTER",
        "t",
        "c1",
        "(",
        ")",
        "ON",
        "ADD",
        "COLUMN",
        "AS",
        "'",
        ";",
        "1",
    ]
    for _ in range(150):
        timeline.files.clear()
        timeline.push(b"", ddl=" ".join(draw.choice(words) for _ in range(8)))
        try:
            timeline.report()
        except ChangesetFileError as error:
            assert timeline.last in str(error)  # noqa: PT017 - many of them pass
