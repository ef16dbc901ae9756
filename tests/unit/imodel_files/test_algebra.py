"""Inverting and merging changesets: equal to SQLite, and with the correct effect on databases.

`IMODEL_ALGEBRA_CASES` sets the number of random databases; thousands take minutes.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from imodel_files.changesets import (
    BrokenChainError,
    ChainLink,
    ChangesetIdMismatchError,
    ChangesetInvertError,
    ChangesetMergeError,
    ConflictPolicy,
    Limits,
    MalformedSessionError,
    SessionLimitError,
    TruncatedFileError,
    apply_changesets,
    compute_changeset_id,
    inspect_changeset,
    invert_changesets,
    iter_changes,
    merge_changesets,
    read_session,
    write_changeset,
)
from tests.unit.imodel_files.making import (
    DELETE,
    ID,
    INSERT,
    UPDATE,
    Table,
    changeset_file,
    fields,
    payload,
    read_by_apsw,
    table,
    with_body,
)
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import real_files, samples_folder
from tests.unit.imodel_files.test_conflicts import links
from tests.unit.imodel_files.timeline import Timeline, dump, rows

_CASES: Final = int(os.environ.get("IMODEL_ALGEBRA_CASES", "40"))
_VALUES: Final = (None, 0, 1, 1.0, "a", "é", b"", b"a", -(2**63), 0.5)
_TABLES: Final = (Table("t", 3), Table("two keys", 4, (2, 0)), Table("keys only", 2, (0, 1)))


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """An iModel with an empty table t of two columns, c0 being the key."""
    return Timeline(tmp_path, Table("t", 2))


def random_bodies(draw: random.Random, count: int) -> list[bytes]:
    """Return consecutive changesets, recorded by SQLite."""
    database = apsw.Connection(":memory:")
    for each in _TABLES:
        rowid = draw.choice(["", " WITHOUT ROWID"])
        database.execute(each.ddl + rowid)
    bodies = []
    for _ in range(count):
        session = apsw.Session(database, "main")
        session.attach()
        for _ in range(draw.randrange(12)):
            session.indirect = draw.random() < 0.3
            act(draw, database)
        bodies.append(session.changeset())
        session.close()
    return bodies


def act(draw: random.Random, database: apsw.Connection) -> None:
    """Insert, replace, update or delete a row."""
    made = draw.choice(_TABLES)
    key = [draw.randrange(3) for _ in made.key]
    where = " AND ".join(f"c{column} = ?" for column in made.key)
    others = [column for column in range(made.columns) if column not in made.key]
    match draw.randrange(4):
        case 0:
            database.execute(f'DELETE FROM "{made.name}" WHERE {where}', key)  # noqa: S608 - our own names
        case 1 if others:
            change = f'UPDATE "{made.name}" SET c{draw.choice(others)} = ? WHERE {where}'  # noqa: S608 - our own names
            database.execute(change, (draw.choice(_VALUES), *key))
        case _:
            row = [draw.choice(_VALUES) for _ in range(made.columns)]
            for column, value in zip(made.key, key, strict=True):
                row[column] = value
            verb = draw.choice(["INSERT OR IGNORE", "INSERT OR REPLACE"])
            database.execute(f'{verb} INTO "{made.name}" VALUES ({", ".join("?" * made.columns)})', row)


def written(folder: Path, bodies: list[bytes], parent_id: str = "") -> list[Path]:
    """Write consecutive changesets; the names of the files are numbers."""
    files = []
    for number, body in enumerate(bodies):
        files.append(folder / f"{number}.cs")
        parent_id = write_changeset(files[-1], body, parent_id=parent_id)
    return files


def grouped(bodies: list[bytes]) -> bytes:
    """Merge changesets by SQLite's own change group."""
    group = apsw.ChangesetBuilder()
    for body in bodies:
        group.add(body)
    found = group.output()
    group.close()
    return found


def in_any_order(body: bytes) -> list[str]:
    """Return the changes of a body, each in words."""
    return sorted(map(repr, read_by_apsw(body)))


def cases() -> Iterator[random.Random]:
    """Yield a source of randomness for each case."""
    for seed in range(_CASES):
        yield random.Random(seed)  # noqa: S311 - repeatable


def test_a_single_changeset_is_inverted_as_sqlite_inverts_it(tmp_path: Path) -> None:
    """To the byte, for random changes of random tables."""
    for draw in cases():
        (body,) = random_bodies(draw, 1)
        (file,) = written(tmp_path, [body], ID)
        made = invert_changesets([file], tmp_path / "inverse.cs", parent_id=ID)
        assert read_session(made.path) == apsw.Changeset.invert(body)
        assert made.parent_id == compute_changeset_id(file, ID)
        assert made.id == compute_changeset_id(made.path, made.parent_id)


@pytest.mark.parametrize("is_shuffled", [False, True])
def test_changesets_are_merged_as_sqlite_merges_them(is_shuffled: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The changes and values are the same; after shuffling, many of them are impossible."""
    sizes = 0
    for draw in cases():
        bodies = random_bodies(draw, draw.randrange(1, 5))
        if is_shuffled:
            draw.shuffle(bodies)
        files = written(tmp_path, bodies, ID)
        made = merge_changesets(files, tmp_path / "merged.cs", parent_id=ID)
        expected = grouped(bodies)
        assert in_any_order(read_session(made.path)) == in_any_order(expected)
        assert (made.parent_id, made.id) == (ID, compute_changeset_id(made.path, ID))
        inverse = invert_changesets(files, tmp_path / "inverse.cs", parent_id=ID)
        assert in_any_order(read_session(inverse.path)) == in_any_order(apsw.Changeset.invert(expected))
        sizes += len(expected)
    assert sizes


def test_every_real_changeset_is_inverted_as_sqlite_inverts_it(tmp_path: Path) -> None:
    """The result is equal byte for byte; the inverse of the inverse is the original."""
    samples_folder()
    for file in real_files():
        body = read_session(file)
        write_changeset(tmp_path / "real.cs", body, parent_id=ID)
        made = invert_changesets([tmp_path / "real.cs"], tmp_path / "inverse.cs", parent_id=ID)
        assert read_session(made.path) == apsw.Changeset.invert(body)
        again = invert_changesets([made.path], tmp_path / "again.cs", parent_id=made.parent_id)
        assert read_session(again.path) == body


def test_the_long_chain_is_one_changeset_and_is_taken_back(tmp_path: Path) -> None:
    """The merged 41 changesets have the same effect. Some conflict, and only a database has the overridden values."""
    folder = samples_folder("changesets") / "long-chain"
    chain, base, tip = links(folder), folder / "base.bim", tmp_path / "tip.bim"
    apply_changesets(base, chain, tip)
    made = merge_changesets(chain, tmp_path)
    report = apply_changesets(base, [made.path], tmp_path / "again.bim", conflicts="strict")
    assert report.changes == 168
    assert content(tmp_path / "again.bim") == content(tip)
    apply_changesets(base, chain[:30], tmp_path / "before.bim")
    for database in (None, tmp_path / "before.bim"):
        inverse = invert_changesets(chain[30:], tmp_path, database=database)
        policy: ConflictPolicy = "native" if database is None else "strict"
        apply_changesets(tip, [inverse.path], tmp_path / "back.bim", parent_id=inverse.parent_id, conflicts=policy)
        is_exact = content(tmp_path / "back.bim") == content(tmp_path / "before.bim")
        assert is_exact == (database is not None)


def content(database: Path) -> dict[str, list[Any]]:
    """Return all rows but the note of the place in the timeline."""
    return {name: found for name, found in dump(database).items() if name != "be_Local"}


def test_a_session_is_what_the_file_was_made_of(tmp_path: Path) -> None:
    """SQLite's own functions read it."""
    body = table("t", 2) + INSERT + fields(1, "x" * 100_000)
    write_changeset(tmp_path / "1.cs", body, parent_id=None)
    assert read_session(tmp_path / "1.cs") == body
    assert [each.new for each in apsw.Changeset.iter(body)] == [(1, "x" * 100_000)]
    with pytest.raises(SessionLimitError, match=r"Limits\.memory"):
        read_session(tmp_path / "1.cs", limits=Limits(memory=99_999))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"T", MalformedSessionError),
        (table("t", 1) + INSERT + b"\7", MalformedSessionError),
        (table("t", 1) + INSERT, MalformedSessionError),
    ],
)
def test_what_is_no_session_is_refused(content: bytes, error: type[Exception], tmp_path: Path) -> None:
    """Each function that reads one rejects it; nothing is written."""
    file = with_body(tmp_path, content)
    target = tmp_path / "out.cs"
    for work in (
        lambda: read_session(file),
        lambda: invert_changesets([file], target),
        lambda: merge_changesets([file, file], target),
    ):
        with pytest.raises(error):
            work()
    file.write_bytes(changeset_file(payload(b""))[:-1])
    with pytest.raises(TruncatedFileError):
        invert_changesets([file], target)
    assert not target.exists()


def test_files_must_follow_one_another(timeline: Timeline, tmp_path: Path) -> None:
    """A file named by an id must have it; any other name is only a name."""
    first = timeline.push(table("t", 2) + INSERT + fields(1, "a"))
    second = timeline.push(table("t", 2) + INSERT + fields(2, "b"))
    made = merge_changesets(timeline.files, tmp_path / "merged.cs")
    first.rename(tmp_path / "local.cs")
    assert merge_changesets([tmp_path / "local.cs", second], tmp_path / "merged.cs") == made
    with pytest.raises(ChangesetIdMismatchError):
        merge_changesets([second], tmp_path / "merged.cs")
    with pytest.raises(BrokenChainError):
        merge_changesets([tmp_path / "local.cs", ChainLink(second, second.stem, ID)], tmp_path / "merged.cs")
    with pytest.raises(ValueError, match="`files` must not be empty"):
        invert_changesets([], tmp_path / "merged.cs")


def test_a_table_gains_columns_on_the_way(timeline: Timeline, tmp_path: Path) -> None:
    """Rows from before have the default value of the DDL; the merged changeset and its inverse fit to the byte."""
    timeline.push(table("t", 2) + INSERT + fields(1, "a") + INSERT + fields(2, "b"))
    ddl = (
        "ALTER TABLE [t] ADD COLUMN [c2] INTEGER DEFAULT 7;ALTER TABLE t ADD COLUMN sum AS (c2 + 1);"
        "ALTER TABLE t ADD COLUMN c3"
    )
    timeline.push(b"", ddl=ddl)
    update = UPDATE + fields(1, SAME, SAME, SAME) + fields(SAME, SAME, SAME, "x")
    timeline.push(table("T", 4) + update + INSERT + fields(3, "c", 8, 9))
    update = UPDATE + fields(1, "a", SAME, SAME) + fields(SAME, "z", SAME, SAME)
    timeline.push(table("t", 4) + DELETE + fields(2, "b", 7, None) + update)
    made = merge_changesets(timeline.files, tmp_path)
    assert inspect_changeset(made.path).ddl == ddl
    assert [each.new for each in iter_changes(made.path)] == [(1, "z", 7, "x"), (3, "c", 8, 9)]
    apply_changesets(timeline.baseline, [made.path], tmp_path / "merged.bim", conflicts="strict")
    assert rows(tmp_path / "merged.bim") == timeline.apply() == [(1, "z", 7, 8, "x"), (3, "c", 8, 9, 9)]
    group = apsw.ChangesetBuilder()
    group.schema(apsw.Connection(str(timeline.target)), "main")
    for file in timeline.files:
        group.add(read_session(file))
    assert in_any_order(read_session(made.path)) == in_any_order(group.output())
    inverse = invert_changesets(timeline.files, tmp_path)
    assert inverse.notes == (f"the DDL of changeset {timeline.files[1].stem} is not reverted",)
    assert inspect_changeset(inverse.path).ddl is None
    assert inspect_changeset(inverse.path).has_schema_changes
    apply_changesets(
        timeline.target, [inverse.path], tmp_path / "back.bim", parent_id=inverse.parent_id, conflicts="strict"
    )
    assert rows(tmp_path / "back.bim") == []


@pytest.mark.parametrize(
    "ddl",
    ["ALTER TABLE t ADD COLUMN c2 DEFAULT (random())", "ALTER TABLE other ADD COLUMN c2", "CREATE TABLE u(a)"],
)
def test_columns_of_unknown_content_are_refused_where_they_matter(ddl: str, timeline: Timeline, tmp_path: Path) -> None:
    """This applies to inserted and deleted rows; an update does not depend on unchanged columns."""
    timeline.push(table("t", 2) + UPDATE + fields(1, "a") + fields(SAME, "b"))
    timeline.push(table("t", 3) + UPDATE + fields(2, "a", SAME) + fields(SAME, "b", SAME), ddl=ddl)
    made = merge_changesets(timeline.files, tmp_path)
    assert [each.new for each in iter_changes(made.path)] == [(SAME, "b", SAME)] * 2
    timeline.push(table("t", 2) + INSERT + fields(3, "a"))
    with pytest.raises(ChangesetMergeError, match="t has 3 columns in some changesets and 2 in others"):
        merge_changesets(timeline.files, tmp_path)


def test_changes_of_a_dropped_table_are_dropped(timeline: Timeline, tmp_path: Path) -> None:
    """Only changes to the new table count."""
    timeline.push(table("t", 2) + INSERT + fields(1, "a"))
    timeline.push(table("T", 3) + INSERT + fields(1, "b", "c"), ddl="DROP TABLE T;CREATE TABLE t(a PRIMARY KEY, b, c)")
    made = merge_changesets(timeline.files, tmp_path)
    apply_changesets(timeline.baseline, [made.path], tmp_path / "merged.bim", conflicts="strict")
    assert rows(tmp_path / "merged.bim") == timeline.apply(conflicts="strict") == [(1, "b", "c")]


@pytest.mark.parametrize(
    "ddl",
    ["ALTER TABLE t RENAME TO u", "ALTER TABLE [t] DROP COLUMN c1", 'ALTER TABLE "t" DROP c1', "DROP TABLE t"],
)
def test_ddl_that_removes_or_moves_rows_is_not_taken_back(ddl: str, timeline: Timeline, tmp_path: Path) -> None:
    """It cannot be merged after changes to rows of the table, either, unless the table is dropped."""
    timeline.push(b"", ddl=ddl)
    with pytest.raises(ChangesetInvertError, match="its DDL cannot be reverted"):
        invert_changesets(timeline.files, tmp_path)
    assert inspect_changeset(merge_changesets(timeline.files, tmp_path).path).ddl == ddl
    timeline.files.clear()
    timeline.push(table("t", 2) + INSERT + fields(1, "a"))
    timeline.push(b"", ddl=f"CREATE TABLE v(a);{ddl}")
    if ddl == "DROP TABLE t":
        assert inspect_changeset(merge_changesets(timeline.files, tmp_path).path).total == 0
    else:
        with pytest.raises(ChangesetMergeError, match="renames table t or drops one of its columns"):
            merge_changesets(timeline.files, tmp_path)


def test_a_column_is_dropped_when_the_rows_before_it_have_no_net_effect(tmp_path: Path) -> None:
    """Nothing of the columns before remains: the changes after it have theirs."""
    timeline = Timeline(tmp_path, Table("t", 2), setup="INSERT INTO t VALUES (1, 'one')")
    timeline.push(b"", ddl="ALTER TABLE t ADD COLUMN c2")
    timeline.push(table("t", 3) + INSERT + fields(2, "two", 3))
    timeline.push(table("t", 3) + DELETE + fields(2, "two", 3))
    timeline.push(table("t", 2) + UPDATE + fields(1, None) + fields(SAME, 5), ddl="ALTER TABLE t DROP COLUMN c1")
    made = merge_changesets(timeline.files, tmp_path)
    apply_changesets(timeline.baseline, [made.path], tmp_path / "merged.bim", conflicts="strict")
    assert rows(tmp_path / "merged.bim") == timeline.apply(conflicts="strict") == [(1, 5)]


def test_a_renamed_column_is_reverted_by_content_alone(tmp_path: Path) -> None:
    """Compared by its databases, the table has been replaced, so that its inverse would delete all rows."""
    timeline = Timeline(tmp_path, Table("t", 2), setup="INSERT INTO t VALUES (1, 'one')")
    timeline.push(
        table("t", 2) + UPDATE + fields(1, "one") + fields(SAME, "two"), ddl="ALTER TABLE t RENAME COLUMN c1 TO c9"
    )
    with pytest.raises(ChangesetInvertError, match="table t was replaced, or its columns were changed"):
        invert_changesets(timeline.files, tmp_path / "inverse.cs", database=timeline.baseline)
    made = invert_changesets(timeline.files, tmp_path)
    apply_changesets(timeline.baseline, [*timeline.files, made.path], tmp_path / "reverted.bim", conflicts="strict")
    assert rows(tmp_path / "reverted.bim") == rows(timeline.baseline)


@pytest.mark.parametrize("policy", ["native", "strict"])
def test_of_an_index_only_the_last_definition_counts(
    policy: ConflictPolicy, timeline: Timeline, tmp_path: Path
) -> None:
    """A comment at the end of DDL does not affect the next statement."""
    timeline.push(b"", ddl="CREATE UNIQUE INDEX i ON t(c1);CREATE INDEX gone ON t(c1) -- later")
    timeline.push(b"", ddl="DROP INDEX I;CREATE INDEX i ON t(c1) /* for good")
    timeline.push(b"", ddl="DROP INDEX gone;CREATE INDEX j ON t(c1)")
    made = merge_changesets(timeline.files, tmp_path)
    apply_changesets(timeline.baseline, [made.path], tmp_path / "merged.bim", conflicts=policy)
    found = apsw.Connection(str(tmp_path / "merged.bim")).execute("SELECT sql FROM sqlite_master WHERE type = 'index'")
    assert sorted(sql for (sql,) in found if sql) == ["CREATE INDEX i ON t(c1)", "CREATE INDEX j ON t(c1)"]


@pytest.mark.parametrize("policy", ["native", "strict"])
@pytest.mark.parametrize("columns", ["c0 PRIMARY KEY, c1", "a PRIMARY KEY, b"])
def test_an_index_goes_with_its_table(columns: str, policy: ConflictPolicy, timeline: Timeline, tmp_path: Path) -> None:
    """Also if indexes are created last, and the new table has columns of the same or of other names."""
    timeline.push(b"", ddl="CREATE UNIQUE INDEX IF NOT EXISTS main.i ON [T](c1);CREATE INDEX j ON t(c1)")
    timeline.push(b"", ddl=f"DROP INDEX j;DROP TABLE t;CREATE TABLE t({columns});CREATE INDEX k ON t(2)")
    made = merge_changesets(timeline.files, tmp_path)
    query = "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name"
    found = []
    for files in (timeline.files, [made.path]):
        apply_changesets(timeline.baseline, files, timeline.target, conflicts=policy)
        found.append(apsw.Connection(str(timeline.target)).execute(query).fetchall())
    assert found[0] == found[1] == [("CREATE INDEX k ON t(2)",), (f"CREATE TABLE t({columns})",)]


def test_another_key_cannot_be_merged(timeline: Timeline, tmp_path: Path) -> None:
    """The rows of the changesets are then not the same."""
    timeline.push(table("t", 2) + INSERT + fields(1, "a"))
    timeline.push(table("t", 2, b"\0\1") + INSERT + fields(1, "a"))
    with pytest.raises(ChangesetMergeError, match="the primary key of t differs"):
        merge_changesets(timeline.files, tmp_path)


def test_net_changes_are_bounded(timeline: Timeline, tmp_path: Path) -> None:
    """Rows that cancel out do not count in the end."""
    many = [INSERT + fields(number, "x" * 100) for number in range(100)]
    timeline.push(table("t", 2) + b"".join(many))
    timeline.push(table("t", 2) + b"".join(DELETE + each[2:] for each in many))
    timeline.push(table("t", 2) + b"".join(many))
    limits = Limits(memory=40_000)
    assert inspect_changeset(merge_changesets(timeline.files, tmp_path, limits=limits).path).total == 100
    with pytest.raises(SessionLimitError, match=r"Limits\.memory"):
        merge_changesets(timeline.files, tmp_path, limits=Limits(memory=20_000))


def test_text_that_is_not_utf8_stays_as_it_is(timeline: Timeline, tmp_path: Path) -> None:
    """SQLite allows it."""
    raw = table("t", 2) + INSERT + fields(1) + b"\3\2\xff\xfe"
    timeline.push(raw)
    assert read_session(merge_changesets(timeline.files, tmp_path).path) == raw
    assert read_session(invert_changesets(timeline.files, tmp_path).path) == raw.replace(INSERT, DELETE)
