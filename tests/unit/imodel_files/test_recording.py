"""Edits to a database, recorded as a changeset."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from imodel_files.changesets import (
    ChangeRecordingError,
    Limits,
    SessionLimitError,
    apply_changesets,
    inspect_changeset,
    record_changes,
    verify_changesets,
)
from tests.unit.imodel_files.samples import samples_folder

SCHEMA = """
CREATE TABLE plant (id INTEGER PRIMARY KEY, name TEXT, megawatts REAL);
CREATE TABLE be_Local (Name TEXT NOT NULL COLLATE NOCASE UNIQUE, Val BLOB);
CREATE TABLE dgn_Txns (Id INTEGER PRIMARY KEY, Change BLOB);
CREATE TABLE keyless (a);
CREATE TABLE ec_Class (Id INTEGER PRIMARY KEY, Name TEXT);
INSERT INTO plant VALUES (1, 'Sun City', 4.5);
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a table of each kind."""
    path = tmp_path / "author.bim"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


def rows(path: Path, query: str = "SELECT * FROM plant ORDER BY id") -> list[tuple[object, ...]]:
    """Read rows of a database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_chain(database: Path, tmp_path: Path) -> None:
    """Each recording follows the previous one; applied to a copy, they result in the same rows."""
    baseline = tmp_path / "baseline.bim"
    shutil.copy(database, baseline)
    folder = tmp_path / "changesets"
    folder.mkdir()
    written = []
    for number in (2, 3):
        with record_changes(database, folder) as recording:
            recording.connection.execute("INSERT INTO plant VALUES (?, 'Windy Ridge', 12.0)", (number,))
            recording.connection.execute("UPDATE plant SET megawatts = megawatts + 1 WHERE id = 1")
            assert recording.written is None
        assert recording.written is not None
        written.append(recording.written)
    assert [each.parent_id for each in written] == ["", written[0].id]
    assert all(each.is_valid for each in verify_changesets([folder]))
    found = inspect_changeset(written[1].path)
    assert (found.inserts, found.updates, found.has_schema_changes) == (1, 1, False)
    apply_changesets(baseline, [each.path for each in written], tmp_path / "tip.bim")
    assert rows(tmp_path / "tip.bim") == rows(database)


def test_what_is_left_out(database: Path, tmp_path: Path) -> None:
    """Tables that belong to one file alone, and those without a primary key."""
    with record_changes(database, tmp_path / "1.cs") as recording:
        recording.connection.execute("INSERT INTO be_Local VALUES ('a', 1)")
        recording.connection.execute("INSERT INTO dgn_Txns VALUES (1, 'x')")
        recording.connection.execute("INSERT INTO keyless VALUES (1)")
    assert recording.written is None
    assert not (tmp_path / "1.cs").exists()
    assert rows(database, "SELECT count(*) FROM dgn_Txns") == [(1,)]


def test_the_schema(database: Path, tmp_path: Path) -> None:
    """New tables, columns and indexes go into the DDL; rows that describe the schema are reported."""
    baseline = tmp_path / "baseline.bim"
    shutil.copy(database, baseline)
    with record_changes(database, tmp_path / "1.cs") as recording:
        recording.connection.execute("CREATE TABLE pump (id INTEGER PRIMARY KEY, flow REAL)")
        recording.connection.execute("INSERT INTO pump VALUES (1, 2.5)")
        recording.connection.execute("ALTER TABLE plant ADD COLUMN owner TEXT")
        recording.connection.execute("UPDATE plant SET owner = 'Ada' WHERE id = 1")
        recording.connection.execute("CREATE INDEX by_flow ON pump(flow)")
    assert recording.written is not None
    apply_changesets(baseline, [_named(recording.written.path, recording.written.id)], tmp_path / "tip.bim")
    for query in ("SELECT * FROM plant", "SELECT * FROM pump", "SELECT name FROM sqlite_master ORDER BY name"):
        assert rows(tmp_path / "tip.bim", query) == rows(database, query)
    with record_changes(database, tmp_path / "2.cs") as recording:
        recording.connection.execute("INSERT INTO ec_Class VALUES (1, 'Pump')")
    assert inspect_changeset(tmp_path / "2.cs").has_schema_changes


def _named(path: str, changeset_id: str) -> Path:
    return Path(path).rename(Path(path).with_name(f"{changeset_id}.cs"))


def fails(database: Path, target: Path, kind: type[Exception], text: str, *statements: str) -> None:
    """Check that statements cannot be recorded."""
    with pytest.raises(kind, match=text), record_changes(database, target) as recording:
        recording.connection.execute("; ".join(statements))


def test_errors_leave_everything_as_it_was(database: Path, tmp_path: Path) -> None:
    """Of the block, of the target, of what cannot be expressed, of who else writes."""
    before = database.read_bytes()
    fails(database, tmp_path / "none" / "1.cs", FileNotFoundError, "none", "DELETE FROM plant")
    fails(database, tmp_path, apsw.SQLError, "no such table", "DELETE FROM plant", "DELETE FROM absent")
    dropped = ("DELETE FROM plant", "DROP TABLE plant")
    fails(database, tmp_path, ChangeRecordingError, "dropped or rebuilt", *dropped)
    rebuilt = ("DROP TABLE plant", "CREATE TABLE plant (other INTEGER PRIMARY KEY)")
    fails(database, tmp_path, ChangeRecordingError, "table plant was rebuilt", *rebuilt)
    with (
        pytest.raises(SessionLimitError, match="values of a row exceed 100 bytes"),
        record_changes(database, tmp_path, limits=Limits(values=100)) as recording,
    ):
        recording.connection.execute("INSERT INTO plant VALUES (2, zeroblob(101), 0)")
    with pytest.raises(ValueError, match="40 hex"), record_changes(database, tmp_path, parent_id="abc"):
        pass
    with closing(apsw.Connection(str(database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(apsw.BusyError), record_changes(database, tmp_path):
            pass
    assert database.read_bytes() == before
    assert not list(tmp_path.glob("*.cs"))


def test_foreign_keys_are_enforced(database: Path, tmp_path: Path) -> None:
    """The changeset contains the rows that go with others; without them, it could not be applied."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            "CREATE TABLE pump (id INTEGER PRIMARY KEY, plant REFERENCES plant ON DELETE CASCADE);"
            "INSERT INTO pump VALUES (7, 1)"
        )
    baseline = tmp_path / "baseline.bim"
    shutil.copy(database, baseline)
    fails(database, tmp_path, apsw.ConstraintError, "FOREIGN KEY", "INSERT INTO pump VALUES (8, 2)")
    with record_changes(database, tmp_path) as recording:
        recording.connection.execute("DELETE FROM plant")
    assert recording.written is not None
    counts = [(each.table, each.deletes, each.indirect) for each in inspect_changeset(recording.written.path).tables]
    assert sorted(counts) == [("plant", 1, 0), ("pump", 1, 1)]
    apply_changesets(baseline, [recording.written.path], tmp_path / "tip.bim")
    assert rows(tmp_path / "tip.bim", "SELECT * FROM pump") == []


@pytest.mark.parametrize(
    "edit",
    [
        "ALTER TABLE plant RENAME TO station",
        "ALTER TABLE plant RENAME TO station; DELETE FROM station",
        "ALTER TABLE plant RENAME TO station; DELETE FROM station; INSERT INTO station VALUES (2, 'Windy Ridge', 12)",
        "DROP TABLE plant; CREATE TABLE plant (id INTEGER PRIMARY KEY, name TEXT, megawatts REAL)",
        "ALTER TABLE plant DROP COLUMN megawatts; ALTER TABLE plant ADD COLUMN megawatts REAL",
        "ALTER TABLE plant DROP megawatts; ALTER TABLE plant ADD megawatts REAL; ALTER TABLE plant ADD owner TEXT",
    ],
)
def test_rows_that_move_without_a_change_are_refused(edit: str, database: Path, tmp_path: Path) -> None:
    """SQLite does not record them, so the changeset would lose them, or keep what is gone."""
    before = database.read_bytes()
    fails(database, tmp_path, ChangeRecordingError, r"table (plant|station) .* with diff_databases\(\)", edit)
    assert database.read_bytes() == before
    assert not list(tmp_path.glob("*.cs"))


def test_tables_may_be_dropped_and_created_in_between(database: Path, tmp_path: Path) -> None:
    """A table that is new, or renamed while it is empty, has all its rows in the changeset."""
    baseline = tmp_path / "baseline.bim"
    shutil.copy(database, baseline)
    with record_changes(database, tmp_path) as recording:
        recording.connection.execute("CREATE TABLE pump (id INTEGER PRIMARY KEY); DROP TABLE pump; DROP TABLE plant")
        recording.connection.execute("CREATE TABLE draft (a, b, PRIMARY KEY (a, b)); ALTER TABLE draft RENAME TO pump")
        recording.connection.execute("INSERT INTO pump VALUES (1, 2), (1, NULL), (3, 4); DELETE FROM pump WHERE a = 3")
    assert recording.written is not None
    apply_changesets(baseline, [recording.written.path], tmp_path / "tip.bim")
    assert rows(tmp_path / "tip.bim", "SELECT * FROM pump") == [(1, 2)]


def test_a_table_that_refers_to_itself_may_be_dropped(database: Path, tmp_path: Path) -> None:
    """With foreign keys, SQLite deletes its rows first; they need not be recorded."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            "CREATE TABLE pump (id INTEGER PRIMARY KEY, feeds REFERENCES pump); INSERT INTO pump VALUES (1, 1)"
        )
    with record_changes(database, tmp_path) as recording:
        recording.connection.execute("DROP TABLE pump")
    assert recording.written is not None
    summary = inspect_changeset(recording.written.path)
    assert (summary.ddl, summary.tables) == ('DROP TABLE "pump"', ())


def test_tables_of_other_databases_do_not_matter(database: Path, tmp_path: Path) -> None:
    """An attached or temporary table may be dropped even if one with its name is recorded."""
    with record_changes(database, tmp_path) as recording:
        recording.connection.execute("ATTACH ':memory:' AS other")
        for schema in ("temp", "other"):
            recording.connection.execute(f"CREATE TABLE {schema}.plant (id, name); DROP TABLE {schema}.plant")
        recording.connection.execute("UPDATE plant SET name = 'Moon City'")
    assert recording.written is not None
    assert inspect_changeset(recording.written.path).updates == 1


@pytest.mark.parametrize("names_file", [True, False])
def test_a_commit_that_fails_keeps_the_older_file(database: Path, tmp_path: Path, *, names_file: bool) -> None:
    """Another connection is reading, so that nothing can be committed: the file that was there is put back."""
    copy, folder = tmp_path / "copy.bim", tmp_path / "changesets"
    shutil.copy(database, copy)
    folder.mkdir()
    target = folder / "1.cs" if names_file else folder
    edit, other_edit = "DELETE FROM plant", "UPDATE plant SET name = NULL"
    with record_changes(copy, target) as recording:
        recording.connection.execute(edit)
    (older,) = folder.iterdir()
    content = older.read_bytes()
    before = database.read_bytes()
    with closing(apsw.Connection(str(database))) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM plant").fetchall()
        fails(database, target, apsw.BusyError, "locked", other_edit if names_file else edit)
        fails(database, folder / "new.cs", apsw.BusyError, "locked", edit)
    assert [each.name for each in folder.iterdir()] == [older.name]
    assert older.read_bytes() == content
    assert database.read_bytes() == before


def test_a_transaction_that_was_ended(database: Path, tmp_path: Path) -> None:
    """Cannot be undone, so it is reported."""
    with pytest.raises(ChangeRecordingError, match="use savepoints"), record_changes(database, tmp_path) as recording:
        recording.connection.execute("COMMIT")
    with record_changes(database, tmp_path) as recording, recording.connection:
        recording.connection.execute("DELETE FROM plant")
    assert recording.written is not None


def test_a_real_imodel(tmp_path: Path) -> None:
    """Its properties of the file, which no trigger guards."""
    (sample,) = samples_folder().glob("*.bim")
    author = tmp_path / "author.bim"
    shutil.copy(sample, author)
    author.chmod(0o644)
    with record_changes(author, tmp_path) as recording:
        recording.connection.execute(
            "INSERT INTO be_Prop (Namespace, Name, Id, SubId, TxnMode, StrData)"
            " VALUES ('mine', 'note', 0, 0, 0, 'hello')"
        )
    assert recording.written is not None
    apply_changesets(sample, [recording.written.path], tmp_path / "tip.bim")
    query = "SELECT StrData FROM be_Prop WHERE Namespace = 'mine'"
    assert rows(tmp_path / "tip.bim", query) == rows(author, query) == [("hello",)]
