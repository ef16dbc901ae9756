"""Connections to the databases that a hub can keep its state in: a SQLite file, or PostgreSQL."""

from pathlib import Path
from sqlite3 import Connection as SQLiteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_TIMEOUT_MS = 30_000
_SQLITE_POOL = 64
_LOCK_TIMEOUT_MS = 30_000
_SERVER_POOL = 16
_DRIVER = "postgresql+psycopg"
_MEANT = {"postgres", "postgresql", _DRIVER}


class DatabaseError(RuntimeError):
    """A database cannot be used; the text says why and never holds its password."""


def sqlite_engine(path: Path, *, durable: bool) -> Engine:
    """Prepare connections to a SQLite file, made when needed.

    Args:
        path: The file.
        durable: Whether a commit waits until the disk has it.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, pool_size=_SQLITE_POOL, max_overflow=-1, connect_args={"timeout": 30})
    synchronous = "FULL" if durable else "OFF"

    @event.listens_for(engine, "connect")
    def configure(connection: SQLiteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def server_engine(address: str, *, durable: bool) -> Engine:
    """Prepare connections to a database of PostgreSQL; at most 16 are open at a time.

    Args:
        address: `postgresql+psycopg://user:password@host:port/name`. What is left out comes from where all clients of
            PostgreSQL take it, such as `PGPASSWORD` and the password file.
        durable: Whether a commit waits until the disk of the server has it.

    Raises:
        DatabaseError: The address is none, the driver is missing, or the database cannot be reached.
    """
    url = _parsed(address)
    commit = "on" if durable else "off"
    options = f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c synchronous_commit={commit} -c client_encoding=utf8"
    try:
        engine = create_engine(
            url,
            pool_size=_SERVER_POOL,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # tokens and keys are among them
            use_native_hstore=False,
            connect_args={"options": options, "application_name": "imodels hub"},
        )
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "A database of PostgreSQL needs the extra 'hub-postgres': pip install 'itwin-imodels[hub-postgres]'"
        ) from error
    try:
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    except OperationalError as error:
        engine.dispose()
        reason = " ".join(str(error.orig).split())
        raise DatabaseError(f"The database {shown(url)} cannot be reached: {reason}") from error
    if encoding != "UTF8":
        engine.dispose()
        raise DatabaseError(f"The database {shown(url)} has the encoding {encoding}; a hub needs UTF8.")
    return engine


def shown(url: URL) -> str:
    """Write the address of a database for people, without its password and its options."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.difference_update_query(url.query).render_as_string(hide_password=True)


def _parsed(address: str) -> URL:
    form = f"{_DRIVER}://user@host/name"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseError(f"The address of the database is none; it has the form {form}") from None
    if url.drivername not in _MEANT:
        raise DatabaseError(f"A hub runs on SQLite, in its folder, or on {form}; not on {url.drivername}.")
    return url.set(drivername=_DRIVER)
