"""The tables of every version: new ones are created, old ones are upgraded, unknown ones are not changed."""

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Connection, Engine, MetaData, select, text

from itwin_imodels_hub import LocalHub, SchemaVersionError
from itwin_imodels_hub.store import revisions
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.engines import DatabaseError, server_engine, sqlite_engine
from itwin_imodels_hub.store.revisions import MIGRATIONS, known_revisions, upgrade_tables
from itwin_imodels_hub.store.schema import REVISION, metadata
from itwin_imodels_hub.work.recipes import Recipe
from tests.postgres import Cluster

KEPT = Path(__file__).parent / "kept" / "revision_0001.sql"
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{before}"


def upgrade() -> None:
    op.create_table("extras", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("imodels", recreate="{recreate}") as table:
        table.add_column(sa.Column("extra", sa.Integer(), nullable=False, server_default="7"))
{more}
"""

Rows = dict[str, list[dict[str, Any]]]
Open = Callable[..., Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Yield connections to an empty database of each kind."""
    if request.param == "sqlite":
        made = sqlite_engine(tmp_path / "hub.sqlite", durable=False)
        yield made
        made.dispose()
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as address:
        made = server_engine(address, durable=False)
        yield made
        made.dispose()


def begin(engine: Engine) -> Any:
    """Begin a transaction that writes."""
    return engine.execution_options(writing=True).begin()


def kept_rows() -> Rows:
    """Read the rows of the kept database."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.executescript(KEPT.read_text(encoding="utf-8"))
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        names = [name for name in names if not name.startswith("sqlite_")]
        return {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in names}  # noqa: S608 - names of ours


def put_kept(engine: Engine) -> None:
    """Create the database that a hub of revision 0001 left behind; on SQLite that of a hub from before Alembic."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(engine.url.database or "")) as database:
            database.executescript(KEPT.read_text(encoding="utf-8"))
        return
    rows = kept_rows()
    with begin(engine) as connection:
        upgrade_tables(connection, "0001")
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            kinds = {column.name: column.type for column in table.columns}
            values = [
                {key: of_kind(kinds[key], value) for key, value in row.items()} for row in rows.get(table.name, [])
            ]
            if values:
                connection.execute(table.insert(), values)


def of_kind(kind: object, value: Any) -> Any:
    """Convert a value of SQLite to one of a column of PostgreSQL."""
    if isinstance(kind, JSON) and value is not None:
        return json.loads(value)
    return bool(value) if isinstance(kind, Boolean) else value


def rows_now(connection: Connection) -> Rows:
    """Read all rows of all tables, in the form of SQLite."""
    tables = MetaData()
    tables.reflect(connection)
    return {
        table.name: [
            {key: plain(value) for key, value in row.items()} for row in connection.execute(select(table)).mappings()
        ]
        for table in tables.sorted_tables
    }


def plain(value: Any) -> Any:
    """Turn a value into that of SQLite."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return int(value) if isinstance(value, bool) else value


def expected_rows() -> Rows:
    """Return the rows of the kept database as the steps leave them."""
    rows = kept_rows()
    (job,) = rows["jobs"]
    payload = Recipe(base=json.loads(job["payload"])["baseline"], changeset_ids=[]).as_payload()
    del payload["schema_changeset_ids"]  # newer than the step; it is filled in when the job is read
    job["payload"] = payload
    return rows


def assert_kept(engine: Engine) -> None:
    """Fail unless every row of the stored database exists with its values, or with those of a migration."""
    with engine.connect() as connection:
        now = rows_now(connection)
    for name, rows in expected_rows().items():
        assert len(now[name]) == len(rows), name
        for row in rows:
            same = [
                found for found in now[name] if found.items() >= {k: plain(as_json(v)) for k, v in row.items()}.items()
            ]
            assert same, (name, row, now[name])


def as_json(value: Any) -> Any:
    """Parse a value that may be JSON, so that it can be compared."""
    return json.loads(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


def differences(engine: Engine) -> list[Any]:
    """Compare a database with the tables that the hub means."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_the_newest_step_is_the_schemas() -> None:
    """The migrations are a sequence from 0001 to the revision of the schema."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert scripts.get_heads() == [REVISION]
    assert scripts.get_bases() == ["0001"]
    assert "0001" in known_revisions()


def test_steps_give_what_the_schema_says(engine: Engine) -> None:
    """On an empty database, the migrations result in the tables of a new hub."""
    with begin(engine) as connection:
        upgrade_tables(connection)
    assert differences(engine) == []
    revisions.prepare(engine, upgrade=False)


def test_a_new_database_is_of_the_newest_revision(engine: Engine) -> None:
    """Its tables are those of the schema, and say so."""
    revisions.prepare(engine, upgrade=False)
    assert differences(engine) == []
    with engine.connect() as connection:
        assert revisions.revision_of(connection) == REVISION
        assert MigrationContext.configure(connection).get_current_revision() == REVISION


def test_sqlite_gets_the_same_definitions(tmp_path: Path) -> None:
    """This includes definitions that the comparison ignores: autoincrement, tables without row ids."""
    found = []
    for way in ("schema", "steps"):
        engine = sqlite_engine(tmp_path / way, durable=False)
        with begin(engine) as connection:
            if way == "schema":
                metadata.create_all(connection)
            else:
                upgrade_tables(connection)
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        engine.dispose()
        definitions = {
            row.name: sorted(re.split(r"[,\n]\s*", row.sql.replace(", ", " ").replace('"', ""))) for row in rows
        }
        definitions.pop("alembic_version", None)
        found.append({name: [part.strip() for part in parts if part.strip()] for name, parts in definitions.items()})
    assert found[0] == found[1]


def test_a_kept_database_is_upgraded(engine: Engine) -> None:
    """A database of a hub of revision 0001 is upgraded to the current tables, row by row."""
    put_kept(engine)
    revisions.prepare(engine, upgrade=True)
    assert differences(engine) == []
    assert_kept(engine)
    revisions.prepare(engine, upgrade=False)


def test_a_hub_goes_on_with_what_was_kept(tmp_path: Path) -> None:
    """A folder of the hub from before Alembic opens on request, with its iModels and their numbers."""
    folder = tmp_path / "hub"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "hub.sqlite")) as database:
        database.executescript(KEPT.read_text(encoding="utf-8"))
    with LocalHub(folder, upgrade=True) as hub, hub.hub.store.reading() as connection:
        names = connection.scalars(text("SELECT name FROM imodels ORDER BY number")).all()
    assert names == ["Bridge — Brücke", "Clone"]


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine, str], None]:
    """Return a function that adds a migration to the hub, which runs on an engine."""

    def add(engine: Engine, more: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, folder)
        recreate = "always" if engine.dialect.name == "sqlite" else "never"
        step = NEXT.format(before=REVISION, recreate=recreate, more=more)
        (folder / "versions" / "revision_next.py").write_text(step)
        monkeypatch.setattr(revisions, "MIGRATIONS", folder)
        monkeypatch.setattr(revisions, "REVISION", "next")

    return add


def test_an_older_one_is_refused_and_upgraded_on_request(engine: Engine, step: Callable[[Engine, str], None]) -> None:
    """The error says what to do and changes nothing; the upgrade loses nothing, also if a table is rebuilt."""
    put_kept(engine)
    revisions.prepare(engine, upgrade=True)
    step(engine, "")
    for _ in range(2):
        with pytest.raises(
            SchemaVersionError, match=rf"revision {REVISION}; this hub requires revision next.*hub upgrade"
        ):
            revisions.prepare(engine, upgrade=False)
    revisions.prepare(engine, upgrade=True)
    assert_kept(engine)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT extra FROM imodels")).all() == [7, 7]
    revisions.prepare(engine, upgrade=False)


@pytest.mark.thorough(keep=1)
def test_a_step_that_fails_changes_nothing(engine: Engine, step: Callable[[Engine, str], None]) -> None:
    """All migrations share one transaction; afterwards, the older hub still works."""
    put_kept(engine)
    revisions.prepare(engine, upgrade=True)
    step(engine, "    raise OSError('the disk is full')")
    with pytest.raises(OSError, match="the disk is full"):
        revisions.prepare(engine, upgrade=True)
    assert_kept(engine)
    assert differences(engine) == []


def test_a_step_that_leaves_rows_alone_is_refused(tmp_path: Path, step: Callable[[Engine, str], None]) -> None:
    """On SQLite foreign keys are off during the upgrade, so they are checked before it counts."""
    engine = sqlite_engine(tmp_path / "hub.sqlite", durable=False)
    put_kept(engine)
    revisions.prepare(engine, upgrade=True)
    step(engine, "    op.execute('DELETE FROM itwins')")
    with pytest.raises(SchemaVersionError, match="dangling references"):
        revisions.prepare(engine, upgrade=True)
    assert_kept(engine)
    engine.dispose()


def test_a_newer_one_is_refused(engine: Engine) -> None:
    """An unknown revision is not changed."""
    revisions.prepare(engine, upgrade=False)
    with begin(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for upgrade in (False, True):
        with pytest.raises(SchemaVersionError, match=r"revision 9999, which this hub .* does not support"):
            revisions.prepare(engine, upgrade=upgrade)


def test_an_unknown_version_from_before_is_refused(engine: Engine) -> None:
    """So is a database with an invalid version in the old format."""
    put_kept(engine)
    with begin(engine) as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        connection.execute(text("UPDATE meta SET value = '99'"))
    with pytest.raises(SchemaVersionError, match=r"have version 99, which this hub .* does not support"):
        revisions.prepare(engine, upgrade=True)


def test_tables_of_something_else_are_refused(engine: Engine) -> None:
    """The hub adds nothing to the database of another program."""
    with begin(engine) as connection:
        connection.execute(text("CREATE TABLE bookings (id INTEGER)"))
    with pytest.raises(SchemaVersionError, match="tables of another application"):
        revisions.prepare(engine, upgrade=True)


def test_processes_that_begin_together_make_one_database(cluster: Cluster) -> None:
    """The first process creates the tables; the others find them."""
    failures: list[BaseException] = []

    def open_one(address: str) -> None:
        try:
            Database.on_server(address).close()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    with cluster.database() as address:
        threads = [threading.Thread(target=open_one, args=(address,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("mysql://somebody:secret@host/hub", r"unsupported database mysql"),
        ("no address, but a secret", r"expected postgresql\+psycopg://user@host/name"),
        (
            "postgresql+psycopg://somebody:secret@127.0.0.1:9/hub",
            r"cannot connect to .*somebody:\*\*\*@127\.0\.0\.1:9/hub",
        ),
        ("postgresql+psycopg://somebody:secret@host:port/hub", r"expected postgresql"),
    ],
)
def test_addresses_that_cannot_be(address: str, reason: str) -> None:
    """Each is rejected with the reason, without the password."""
    with pytest.raises(DatabaseError, match=reason) as caught:
        Database.on_server(address)
    assert "secret" not in str(caught.value)


def test_another_encoding_is_refused(cluster: Cluster) -> None:
    """The database must support any text."""
    cluster.execute("CREATE DATABASE plain TEMPLATE template0 ENCODING 'SQL_ASCII'")
    with pytest.raises(DatabaseError, match="plain has encoding SQL_ASCII; UTF8 is required"):
        Database.on_server(cluster.address("plain"))
    cluster.drop("plain")
