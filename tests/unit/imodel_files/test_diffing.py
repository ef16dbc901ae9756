"""The difference between two databases, as a changeset that turns one into the other.

`IMODEL_ALGEBRA_CASES` sets the number of random databases; thousands take minutes.
"""

import os
import random
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from imodel_files.changesets import (
    ChangesetApplyError,
    ConflictPolicy,
    DatabaseDiffError,
    Limits,
    WrittenChangeset,
    apply_changesets,
    diff_databases,
    inspect_changeset,
    iter_changes,
    read_session,
)
from tests.unit.imodel_files.making import ID, OTHER_ID
from tests.unit.imodel_files.samples import samples_folder
from tests.unit.imodel_files.test_algebra import in_any_order
from tests.unit.imodel_files.timeline import dump, names, rows

_CASES: Final = int(os.environ.get("IMODEL_ALGEBRA_CASES", "40"))
_VALUES: Final = (None, 0, 1, 1.0, -0.5, "a", "A", "é", "1", b"", b"a", 2**62)
_TYPES: Final = ("", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "TEXT COLLATE NOCASE")


class Pair:
    """Two databases."""

    def __init__(self, folder: Path, before: str = "", after: str = "") -> None:
        """Apply them by SQL."""
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.before, self.after = folder / "before.bim", folder / "after.bim"
        for path, sql in ((self.before, before), (self.after, after)):
            database = apsw.Connection(str(path))
            database.execute("PRAGMA synchronous = OFF")
            database.execute(sql)
            database.close()

    def diff(self, **options: Any) -> WrittenChangeset:
        """Compare them."""
        return diff_databases(self.before, self.after, self.folder / "difference.cs", **options)

    def result(self, policy: ConflictPolicy = "strict") -> Path:
        """Apply the difference."""
        made = self.diff()
        shutil.copy(made.path, self.folder / f"{made.id}.cs")
        target = self.folder / "result.bim"
        apply_changesets(self.before, [self.folder / f"{made.id}.cs"], target, conflicts=policy)
        return target


def schema(database: Path) -> list[tuple[str, ...]]:
    """Return the indexes, views and triggers, and the columns of the tables."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    found = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE type != 'table' AND sql NOT NULL")
    columns = connection.execute(
        "SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list t, pragma_table_xinfo(t.name) c"
        " WHERE t.type = 'table' AND t.schema = 'main'"
    )
    both = sorted(found), sorted(columns)
    connection.close()
    return [*both[0], *both[1]]


class RandomPair(Pair):
    """Two databases with the same random tables and random rows, most of them in both."""

    def __init__(self, seed: int, folder: Path) -> None:
        """Apply them."""
        self._draw = draw = random.Random(seed)  # noqa: S311 - repeatable
        self.tables = [f"t {number}" for number in range(draw.randrange(1, 4))]
        self._columns: list[list[str]] = []
        statements = [self._statement(name) for name in self.tables]
        super().__init__(folder, ";".join(statements), ";".join(statements))
        rows = [self._rows(columns) for columns in self._columns]
        self._fill(self.before, rows)
        self._fill(self.after, [self._changed(each) for each in rows])

    def _statement(self, name: str) -> str:
        draw = self._draw
        types = [draw.choice(_TYPES) for _ in range(draw.randrange(1, 5))]
        self._columns.append(types)
        key = draw.sample(range(len(types)), draw.randrange(1, min(3, len(types) + 1)))
        columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(types))
        rowid = draw.choice(["", " WITHOUT ROWID"])
        return f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ({", ".join(f"c{number}" for number in key)})){rowid}'

    def _rows(self, types: list[str]) -> list[list[Any]]:
        return [[self._draw.choice(_VALUES) for _ in types] for _ in range(self._draw.randrange(15))]

    def _changed(self, found: list[list[Any]]) -> list[list[Any]]:
        draw = self._draw
        kept = [list(row) for row in found if draw.random() < 0.8]
        for row in kept:
            if draw.random() < 0.5:
                row[draw.randrange(len(row))] = draw.choice(_VALUES)
        return kept

    def _fill(self, path: Path, tables: list[list[list[Any]]]) -> None:
        database = apsw.Connection(str(path))
        database.execute("PRAGMA synchronous = OFF")
        for name, found in zip(self.tables, tables, strict=True):
            for row in found:
                marks = ", ".join("?" * len(row))
                with suppress(apsw.MismatchError):  # a key of integers alone
                    database.execute(f'INSERT OR IGNORE INTO "{name}" VALUES ({marks})', row)  # noqa: S608
                where = " OR ".join(f"c{number} IS NULL" for number in self._keys(database, name))
                database.execute(f'DELETE FROM "{name}" WHERE {where}')  # noqa: S608 - no changeset holds them
        database.close()

    @staticmethod
    def _keys(database: apsw.Connection, name: str) -> list[int]:
        return [cid for cid, pk in database.execute("SELECT cid, pk FROM pragma_table_info(?)", (name,)) if pk]

    def by_sqlite(self) -> bytes:
        """Return the difference as SQLite makes it."""
        database = apsw.Connection(str(self.after))
        database.execute("ATTACH ? AS before", (str(self.before),))
        session = apsw.Session(database, "main")
        for name in self.tables:
            session.attach(name)
            session.diff("before", name)
        found = session.changeset()
        session.close()
        database.close()
        return found

    def typed(self, path: Path) -> list[Any]:
        """Return all rows with the types of their values."""
        return [
            sorted([[(type(value).__name__, value) for value in row] for row in rows(path, f'"{name}"')], key=repr)
            for name in self.tables
        ]


def test_random_databases_become_each_other(tmp_path: Path) -> None:
    """This applies to all types and collations, with strict applying; SQLite's own difference agrees.

    SQLite compares by the collation of a column and treats 1 and 1.0 as equal, so its difference may be smaller.
    """
    equal = 0
    for seed in range(_CASES):
        pair = RandomPair(seed, tmp_path / str(seed))
        assert pair.typed(pair.result()) == pair.typed(pair.after), seed
        made = pair.diff()
        assert made.notes == ()
        ours, theirs = in_any_order(read_session(made.path)), in_any_order(pair.by_sqlite())
        assert set(ours) >= set(theirs) or len(ours) > len(theirs), seed
        equal += ours == theirs
        shutil.rmtree(pair.folder)
    assert equal > _CASES / 3


def test_equal_databases_do_not_differ(tmp_path: Path) -> None:
    """The changeset is empty, and its parent is the given one or None."""
    sql = "CREATE TABLE t(a PRIMARY KEY, b); INSERT INTO t VALUES(1, 'one'); CREATE INDEX i ON t(b)"
    pair = Pair(tmp_path, sql, sql)
    made = pair.diff(parent_id=ID.upper())
    found = inspect_changeset(made.path)
    assert (made.parent_id, found.total, found.ddl, found.has_schema_changes, found.body_size) == (
        ID,
        0,
        None,
        False,
        0,
    )
    assert pair.before.read_bytes() == pair.after.read_bytes()


KEPT = "CREATE TABLE t(a PRIMARY KEY, b); INSERT INTO t VALUES(1, 1), (2, 2), (3, 3)"
EXTENDED = """
    CREATE TABLE t(a PRIMARY KEY, b, [c] INT DEFAULT ('7'), 'd,)' TEXT DEFAULT 'x,y);--' NOT NULL);
    INSERT INTO t VALUES(1, 1, 7, 'x,y);--'), (2, 2, 8, 'z'), (4, 4, NULL, 'new')
"""
WITH_TIME = "CREATE TABLE t(a PRIMARY KEY, b, c DEFAULT CURRENT_TIMESTAMP); INSERT INTO t VALUES(1, 1, 'now')"
TRIGGER = "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END"
INDEXED = f"CREATE TABLE t(a PRIMARY KEY, b); INSERT INTO t VALUES(1, 2); CREATE INDEX i ON t(b); {TRIGGER}"
REORDERED = (
    f"CREATE TABLE t(b, a PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES(1, 2); CREATE INDEX i ON t(b); {TRIGGER}"
)
NON_ASCII = "CREATE TABLE [tÄ](a PRIMARY KEY, [É]); CREATE TABLE [tä](a PRIMARY KEY, [é])"
NON_ASCII_ROWS = "INSERT INTO [tÄ] VALUES(1, 1); INSERT INTO [tä] VALUES(1, 2)"
OTHER_ROWS = "INSERT INTO [tä] VALUES(1, 3), (2, 3)"
VIEW = "CREATE TABLE t(a PRIMARY KEY, b); CREATE VIEW v AS SELECT a FROM t"
VIEW_TRIGGER = "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END"
GENERATED = "CREATE TABLE t(a PRIMARY KEY, b, c AS (b + 1) STORED, d)"


@pytest.mark.parametrize("policy", ["native", "strict"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", INDEXED),
        (INDEXED, ""),
        (KEPT, EXTENDED),
        (EXTENDED, KEPT),
        (INDEXED, REORDERED),
        (KEPT, WITH_TIME),
        (f"{NON_ASCII}; {NON_ASCII_ROWS}", f"{NON_ASCII}; {OTHER_ROWS}"),
        (
            "CREATE TABLE t(a PRIMARY KEY, b); CREATE INDEX i ON t(a, b); CREATE VIEW v AS SELECT 1",
            "CREATE TABLE t(a PRIMARY KEY, b); CREATE UNIQUE INDEX i ON t(b); CREATE VIEW v AS SELECT 2",
        ),
        (f"{VIEW}; {VIEW_TRIGGER}", VIEW),
        (VIEW, f"{VIEW}; {VIEW_TRIGGER}"),
        (f"{VIEW}; {VIEW_TRIGGER}", f"{VIEW}; {VIEW_TRIGGER.replace('1', '2')}"),
        (f"{VIEW}; {VIEW_TRIGGER}", f"{VIEW.replace('a FROM', 'b FROM')}; {VIEW_TRIGGER}"),
        (
            f"{GENERATED}; INSERT INTO t VALUES(1, 2, 3)",
            f"{GENERATED}; INSERT INTO t VALUES(1, 3, 4), (2, 0, 0)",
        ),
    ],
)
def test_tables_become_each_other_too(before: str, after: str, policy: ConflictPolicy, tmp_path: Path) -> None:
    """The changeset has DDL; a table that cannot be altered is created again."""
    pair = Pair(tmp_path, before, after)
    result = pair.result(policy)
    assert schema(result) == schema(pair.after)
    assert dump(result) == dump(pair.after)
    assert pair.diff().notes == ()


@pytest.mark.parametrize("policy", ["native", "strict"])
@pytest.mark.parametrize("action", ["", "ON DELETE CASCADE", "ON DELETE SET NULL"])
def test_rows_that_refer_to_a_recreated_table_stay(action: str, policy: ConflictPolicy, tmp_path: Path) -> None:
    """Dropping a table would delete or change them if foreign keys were enforced, or fail."""
    part = f"CREATE TABLE part(a PRIMARY KEY, b REFERENCES t(a) {action}); INSERT INTO part VALUES(1, 1), (2, 1)"
    before, after = (
        f"CREATE TABLE t(a PRIMARY KEY, b {kind}); INSERT INTO t VALUES(1, 2); {part}" for kind in ("", "TEXT")
    )
    pair = Pair(tmp_path, before, after)
    result = pair.result(policy)
    assert dump(result) == dump(pair.after)


@pytest.mark.parametrize("policy", ["native", "strict"])
def test_a_comment_hides_no_statement(policy: ConflictPolicy, tmp_path: Path) -> None:
    """SQLite keeps comments at the end of columns, indexes and views."""
    after = "CREATE TABLE t(a PRIMARY KEY, b, -- one\n c -- two\n, d -- three\n); INSERT INTO t VALUES(1, 2, 3, 4)"
    pair = Pair(tmp_path, "CREATE TABLE t(a PRIMARY KEY, b)", after)
    database = apsw.Connection(str(pair.after))
    for each in (
        "CREATE INDEX i ON t(b) -- four",
        "CREATE VIEW v AS SELECT 1 /* five",
        "CREATE TABLE u(a PRIMARY KEY)",
    ):
        database.execute(each)
    database.close()
    result = pair.result(policy)
    assert rows(result) == rows(pair.after)
    assert [name for _, name, *_ in schema(result)] == [name for _, name, *_ in schema(pair.after)]


def test_what_no_changeset_can_hold_is_noted(tmp_path: Path) -> None:
    """Equal databases have no notes."""
    before = (
        "CREATE TABLE nokey(a); CREATE TABLE same(a); INSERT INTO same VALUES(1);"
        "CREATE TABLE nulls(a, b, PRIMARY KEY(a, b)); CREATE TABLE be_Local(Name, Val); CREATE TABLE shape(a);"
        "CREATE VIRTUAL TABLE gone USING rtree(a, b, c)"
    )
    after = (
        "CREATE TABLE nokey(a); INSERT INTO nokey VALUES(1); CREATE TABLE same(a); INSERT INTO same VALUES(1);"
        "CREATE TABLE nulls(a, b, PRIMARY KEY(a, b)); INSERT INTO nulls VALUES(1, NULL), (1, 1);"
        "CREATE TABLE be_Local(Name, Val); INSERT INTO be_Local VALUES('x', 1); CREATE TABLE shape(b);"
        "CREATE VIRTUAL TABLE fts USING fts5(x); CREATE TABLE fresh(a); INSERT INTO fresh VALUES(1);"
        "CREATE TABLE dgn_Txns(a PRIMARY KEY)"
    )
    made = Pair(tmp_path, before, after).diff()
    assert sorted(made.notes) == [
        "differing rows of fresh are omitted, because it has no primary key",
        "differing rows of nokey are omitted, because it has no primary key",
        "differing rows of nulls with NULL in their primary key are omitted",
        "gone was removed, which a changeset cannot express",
        "the columns of table shape differ, which a changeset cannot express without a primary key",
        "the virtual table fts differs, which a changeset cannot express",
    ]
    assert [(each.table, each.new) for each in iter_changes(made.path)] == [("nulls", (1, 1))]
    assert inspect_changeset(made.path).ddl == "CREATE TABLE fresh(a)"


def test_statistics_of_the_query_planner_are_compared(tmp_path: Path) -> None:
    """They have no key, but SQLite's session extension acts as if they had."""
    made = "CREATE TABLE t(a PRIMARY KEY, b); CREATE TABLE u(a); INSERT INTO u VALUES(1); CREATE INDEX i ON t(b);"
    pair = Pair(
        tmp_path,
        f"{made} INSERT INTO t VALUES(1, 1); ANALYZE",
        f"{made} INSERT INTO t VALUES(1, 1), (2, 2); INSERT INTO u VALUES(2); ANALYZE",
    )
    statistics = "sqlite_stat1"
    assert rows(pair.result(), statistics) == rows(pair.after, statistics) != rows(pair.before, statistics)


def test_the_parent_is_what_the_database_notes(tmp_path: Path) -> None:
    """A given parent takes precedence; the record of the second database does not count."""
    noted = "CREATE TABLE be_Local(Name CHAR, Val BLOB); INSERT INTO be_Local VALUES('ParentChangeSetId', '{}')"
    pair = Pair(tmp_path, noted.format(ID), noted.format(OTHER_ID))
    assert pair.diff().parent_id == ID
    assert pair.diff(parent_id="").parent_id == ""
    bare = Pair(tmp_path / "bare", "", noted.format(ID))
    assert bare.diff().parent_id == ""
    odd = Pair(tmp_path / "odd", noted.format("nonsense"))
    assert odd.diff().parent_id == ""


def test_schema_rows_make_a_schema_changeset(tmp_path: Path) -> None:
    """They are applied before all others."""
    table = "CREATE TABLE ec_Class(Id INTEGER PRIMARY KEY, Name); CREATE TABLE t(a PRIMARY KEY);"
    pair = Pair(tmp_path, table, f"{table} INSERT INTO ec_Class VALUES(1, 'Door')")
    assert inspect_changeset(pair.diff().path).has_schema_changes
    assert not inspect_changeset(diff_databases(pair.after, pair.after, tmp_path / "none.cs").path).has_schema_changes


def test_the_real_chain_is_the_difference_of_its_ends(tmp_path: Path) -> None:
    """This applies in both directions."""
    folder = samples_folder("changesets")
    (base,) = folder.glob("*.bim")
    pair = Pair(tmp_path)
    shutil.copy(base, pair.before)
    files = [folder / f"{each}.cs" for each in ("ec06481a0775ea0120275b1daeed97871fe429e5",)]
    apply_changesets(pair.before, files, pair.after)
    made = pair.diff()
    assert in_any_order(read_session(made.path)) == [
        each.replace("True", "False") for each in in_any_order(read_session(files[0]))
    ]
    back = diff_databases(pair.after, pair.before, tmp_path)
    assert in_any_order(read_session(back.path)) == in_any_order(apsw.Changeset.invert(read_session(made.path)))


def test_databases_are_only_read(tmp_path: Path) -> None:
    """This includes databases in WAL mode, next to which SQLite would create files."""
    pair = Pair(tmp_path, "CREATE TABLE t(a PRIMARY KEY)", "PRAGMA journal_mode = WAL; CREATE TABLE t(a PRIMARY KEY)")
    content = pair.before.read_bytes(), pair.after.read_bytes()
    tmp_path.chmod(0o500)
    try:
        diff_databases(pair.before, pair.after, tmp_path.parent / "difference.cs")
    finally:
        tmp_path.chmod(0o700)
    assert (pair.before.read_bytes(), pair.after.read_bytes()) == content
    assert names(tmp_path) == {"before.bim", "after.bim"}


@pytest.mark.parametrize("statement", [b"CREATE TABLE", b"CREATE TXBLE"])
def test_names_that_are_not_utf8_are_refused(statement: bytes, tmp_path: Path) -> None:
    """SQLite permits them, but Python cannot pass them back."""
    pair = Pair(tmp_path, "", "CREATE TABLE table_xx(a PRIMARY KEY)")
    content = pair.after.read_bytes().replace(b"table_xx", b"table_\xff\xfe").replace(b"CREATE TABLE", statement)
    pair.after.write_bytes(content)
    with pytest.raises(DatabaseDiffError, match="not valid UTF-8"):
        pair.diff()


def test_a_damaged_baseline_is_refused_whatever_sqlite_says_of_it(tmp_path: Path) -> None:
    """This includes messages that are not UTF-8."""
    pair = Pair(tmp_path, "CREATE TABLE table_xx(a PRIMARY KEY)")
    content = pair.before.read_bytes().replace(b"table_xx", b"table_\xff\xfe").replace(b"CREATE TABLE", b"CREATE TXBLE")
    pair.before.write_bytes(content)
    with pytest.raises(ChangesetApplyError, match="SQLite cannot use the database"):
        apply_changesets(pair.before, [], tmp_path / "target.bim")


def test_what_is_no_database_at_rest_is_refused(tmp_path: Path) -> None:
    """The error is one of the package; a missing file is an OSError."""
    pair = Pair(tmp_path, "CREATE TABLE t(a PRIMARY KEY)", "CREATE TABLE t(a PRIMARY KEY); INSERT INTO t VALUES(1)")
    noise = tmp_path / "noise.bim"
    noise.write_bytes(b"no database" * 1000)
    target = tmp_path / "difference.cs"
    for databases, other in (((noise, pair.after), "after"), ((pair.before, noise), "before")):
        with pytest.raises(
            DatabaseDiffError, match=rf"noise\.bim: SQLite cannot compare the database with .*{other}\.bim: "
        ):
            diff_databases(*databases, target)
    with pytest.raises(FileNotFoundError):
        diff_databases(pair.before, tmp_path / "missing.bim", target)
    with pytest.raises(IsADirectoryError):
        diff_databases(tmp_path, pair.after, target)
    writer = sqlite3.connect(pair.after, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseDiffError, match="locked"):
        pair.diff()
    writer.close()
    (tmp_path / "after.bim-wal").write_bytes(b"x")
    with pytest.raises(DatabaseDiffError, match=r"after\.bim-wal exists"):
        pair.diff()
    assert not target.exists()


def test_damaged_databases_are_refused(tmp_path: Path) -> None:
    """For any damaged page, the result is a difference or an error of the package."""
    made = "CREATE TABLE t(a INTEGER PRIMARY KEY, b)"
    fill = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        " INSERT INTO t SELECT i, 'text' || i FROM n"
    )
    pair = Pair(tmp_path, made, f"{made}; {fill}")
    whole = pair.after.read_bytes()
    draw = random.Random(7)  # noqa: S311 - repeatable
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.randrange(1, 30)):
            damaged[draw.randrange(len(whole))] = draw.randrange(256)
        pair.after.write_bytes(damaged)
        try:
            pair.diff()
        except DatabaseDiffError:
            refused += 1
    assert refused


def test_differences_are_bounded(tmp_path: Path) -> None:
    """A row, and the number of tables."""
    pair = Pair(
        tmp_path,
        "CREATE TABLE t(a PRIMARY KEY, b); CREATE TABLE u(a PRIMARY KEY)",
        "CREATE TABLE t(a PRIMARY KEY, b); CREATE TABLE u(a PRIMARY KEY);"
        "INSERT INTO t VALUES(1, zeroblob(5000000)); INSERT INTO u VALUES(1)",
    )
    for limit in (1_000_000, 4_500_000):
        with pytest.raises(DatabaseDiffError, match=r"a row of t exceeds|too big"):
            pair.diff(limits=Limits(values=limit))
    with pytest.raises(DatabaseDiffError, match="more than 1 tables differ"):
        pair.diff(limits=Limits(tables=1))
    assert inspect_changeset(pair.diff().path).total == 2
