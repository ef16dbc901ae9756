"""The revision of the tables, and upgrades to the newest one.

In a new database, the tables of `schema` are created. Older revisions are upgraded by the `migrations`; a test checks
that both result in the same tables.
"""

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_mock_engine,
    inspect,
    select,
)
from sqlalchemy.schema import ExecutableDDLElement

from itwin_imodels_hub.store.engines import printable_url
from itwin_imodels_hub.store.schema import REVISION, meta, metadata

MIGRATIONS: Final = Path(__file__).parent / "migrations"

# The table that Alembic creates, declared here so that a hub that needs no upgrade starts without importing Alembic.
_alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

_BEFORE_ALEMBIC: Final = {"1": "0001"}
"""Revisions of databases from before Alembic, by the version stored in `meta`."""


class SchemaVersionError(RuntimeError):
    """The tables of a database must be upgraded first, are not supported, or do not belong to a hub."""


def prepare(engine: Engine, *, upgrade: bool) -> None:
    """Create the tables of a new database, or check the revision of an existing one and upgrade it.

    Args:
        engine: The database; no other process may prepare it at the same time.
        upgrade: Whether to upgrade an older revision.

    Raises:
        SchemaVersionError: The revision is unsupported, or older and `upgrade` is False, or the tables do not belong to
            a hub; nothing is changed.
    """
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        revision = revision_of(connection)
        if revision is None:
            _create_tables(connection, printable_url(engine.url))
            return
        if revision == REVISION:
            _record_revision(connection)
            return
    _check_older(revision, printable_url(engine.url), upgrade=upgrade)
    _upgrade(engine)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables; None if the database contains no tables of a hub."""
    if inspect(connection).has_table(_alembic_version.name):
        return connection.scalar(select(_alembic_version.c.version_num))
    if not inspect(connection).has_table(meta.name):
        return None
    version = connection.scalar(select(meta.c.value).where(meta.c.key == "schema_version"))
    return None if version is None else _BEFORE_ALEMBIC.get(version, f"version {version}")


def known_revisions() -> set[str]:
    """Return the revisions that this hub supports, including its own."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only upgrades need it

    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def upgrade_tables(connection: Connection, target: str = "head") -> None:
    """Migrate a database to another revision within the given transaction.

    Args:
        connection: The transaction; on SQLite, foreign keys must be off because a migration may rebuild a table.
        target: The target revision.
    """
    from alembic import command  # noqa: PLC0415 - only upgrades need it
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, target)


def _create_tables(connection: Connection, place: str) -> None:
    if inspect(connection).get_table_names():
        raise SchemaVersionError(
            f"database {place} contains tables of another application. Use a separate database or folder."
        )
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    _record_revision(connection)


@cache
def _statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that create all tables; compiling them takes much longer than running them."""
    statements: list[str] = []

    def record(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        statements.append(str(statement.compile(dialect=recorder.dialect)))

    recorder = create_mock_engine(f"{dialect}://", record)
    metadata.create_all(recorder, checkfirst=False)
    return tuple(statements)


def _record_revision(connection: Connection) -> None:
    """Record the newest revision unless a revision is already recorded."""
    _alembic_version.create(connection, checkfirst=True)
    if connection.scalar(select(_alembic_version.c.version_num)) is None:
        connection.execute(_alembic_version.insert().values(version_num=REVISION))


def _check_older(revision: str, place: str, *, upgrade: bool) -> None:
    if revision not in known_revisions():
        raise SchemaVersionError(
            f"the tables of {place} have {_named(revision)}, which this hub (revision {REVISION}) does not support. "
            "Use the hub version that created them, or a newer one."
        )
    if not upgrade:
        raise SchemaVersionError(
            f"the tables of {place} have {_named(revision)}; this hub requires revision {REVISION}. Make a backup, "
            "then run 'imodels hub upgrade', or open the hub with upgrade=True."
        )


def _named(revision: str) -> str:
    return revision if revision.startswith("version ") else f"revision {revision}"


def _upgrade(engine: Engine) -> None:
    """Upgrade a database in one transaction."""
    with engine.connect() as connection:
        lite = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if lite is not None:
            lite.execute("PRAGMA foreign_keys=OFF")  # rebuilding a table would delete the rows that refer to it
        try:
            with connection.execution_options(writing=True).begin():
                if connection.dialect.has_table(connection, _alembic_version.name) is False:
                    _record_old_revision(connection)
                upgrade_tables(connection)
                if lite is not None and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise SchemaVersionError(f"the upgrade would leave dangling references in table {broken[0]}")
        finally:
            if lite is not None:
                lite.execute("PRAGMA foreign_keys=ON")


def _record_old_revision(connection: Connection) -> None:
    """Record the revision that an old database stores only in `meta`."""
    revision = revision_of(connection)
    _alembic_version.create(connection)
    connection.execute(_alembic_version.insert().values(version_num=revision))
