"""Which revision the tables of a database are of, and how they get to the newest.

A new database gets the tables as `schema` has them. One of an older revision goes through the steps of `migrations`; a
test holds what both give against each other.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table, inspect, select

from itwin_imodels_hub.store.engines import shown
from itwin_imodels_hub.store.schema import REVISION, meta, metadata

MIGRATIONS: Final = Path(__file__).parent / "migrations"

# As Alembic makes it, so that a hub that needs no upgrade starts without Alembic.
_marks = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

_BEFORE_MARKS: Final = {"1": "0001"}
"""Revisions of databases that say theirs in `meta` only, as hubs before Alembic did."""


class SchemaVersionError(RuntimeError):
    """The database was made by another version of the hub."""


def prepare(engine: Engine, *, upgrade: bool) -> None:
    """Make the tables of a new database, and see that those of another are of the newest revision.

    Args:
        engine: The database, which no other process prepares meanwhile.
        upgrade: Whether an older revision is brought to the newest.

    Raises:
        SchemaVersionError: The tables are of another revision, or none of a hub's; nothing is changed then.
    """
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        found = revision_of(connection)
        if found is None:
            _make(connection, shown(engine.url))
            return
        if found == REVISION:
            _mark(connection)
            return
    _check_older(found, shown(engine.url), upgrade=upgrade)
    _upgrade(engine)


def revision_of(connection: Connection) -> str | None:
    """Give the revision of a database's tables; None when they have none, or there are no tables."""
    if inspect(connection).has_table(_marks.name):
        return connection.scalar(select(_marks.c.version_num))
    if not inspect(connection).has_table(meta.name):
        return None
    version = connection.scalar(select(meta.c.value).where(meta.c.key == "schema_version"))
    return None if version is None else _BEFORE_MARKS.get(version, f"of version {version}")


def known_revisions() -> set[str]:
    """List the revisions that this hub can upgrade from, its own included."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - needed by upgrades alone

    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def upgrade_tables(connection: Connection, target: str = "head") -> None:
    """Take the steps from the revision of a database to another, within the given transaction.

    Args:
        connection: The transaction; on SQLite with foreign keys off, since a step may rebuild a table.
        target: The revision to end at.
    """
    from alembic import command  # noqa: PLC0415 - needed by upgrades alone
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, target)


def _make(connection: Connection, place: str) -> None:
    if inspect(connection).get_table_names():
        raise SchemaVersionError(
            f"The database {place} has tables of something else. Give the hub a database or a folder of its own."
        )
    metadata.create_all(connection)
    _mark(connection)


def _mark(connection: Connection) -> None:
    """Write the newest revision down where none is."""
    _marks.create(connection, checkfirst=True)
    if connection.scalar(select(_marks.c.version_num)) is None:
        connection.execute(_marks.insert().values(version_num=REVISION))


def _check_older(found: str, place: str, *, upgrade: bool) -> None:
    if found not in known_revisions():
        raise SchemaVersionError(
            f"The tables of {place} are {_named(found)}, which this hub does not know; it has revision {REVISION}. "
            "Use the version of the hub that made them, or a newer one."
        )
    if not upgrade:
        raise SchemaVersionError(
            f"The tables of {place} are {_named(found)}; this hub needs revision {REVISION}. Keep a copy, then run "
            "'imodels hub upgrade', or open the hub with upgrade=True."
        )


def _named(found: str) -> str:
    return found if found.startswith("of ") else f"revision {found}"


def _upgrade(engine: Engine) -> None:
    """Upgrade in one transaction: all of it or nothing."""
    with engine.connect() as connection:
        lite = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if lite is not None:
            lite.execute("PRAGMA foreign_keys=OFF")  # rebuilding a table would delete what refers to its rows
        try:
            with connection.execution_options(writing=True).begin():
                if connection.dialect.has_table(connection, _marks.name) is False:
                    _stamp(connection)
                upgrade_tables(connection)
                if lite is not None and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise SchemaVersionError(f"The upgrade would leave rows of {broken[0]} that refer to nothing.")
        finally:
            if lite is not None:
                lite.execute("PRAGMA foreign_keys=ON")


def _stamp(connection: Connection) -> None:
    """Write the revision down of a database that says it in `meta` only."""
    found = revision_of(connection)
    _marks.create(connection)
    connection.execute(_marks.insert().values(version_num=found))
