"""SQLAlchemy engines for the supported databases: SQLite and PostgreSQL."""

from pathlib import Path
from shutil import disk_usage
from sqlite3 import Connection as SQLiteConnection
from sqlite3 import Error as SQLiteError

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from itwin_imodels_hub.basis.private_files import private_file

_BUSY_TIMEOUT_MS = 30_000
_SQLITE_POOL = 64
_LOCK_TIMEOUT_MS = 30_000
_SERVER_POOL = 16
_DRIVER = "postgresql+psycopg"
_INTACT = "ok"
_MIN_SPACE = 1 << 16
_SUPPORTED_DRIVERS = {"postgres", "postgresql", _DRIVER}


class DatabaseError(RuntimeError):
    """A database cannot be used; the message contains the reason and never the password."""


def sqlite_engine(path: Path, *, durable: bool, check: bool = False) -> Engine:
    """Create an engine for a SQLite file, created if missing, private to its owner.

    Args:
        path: The file.
        durable: Whether a commit waits for the disk.
        check: Whether to check all pages first.

    Raises:
        DatabaseError: The file is not a database, or is damaged.
        OSError: The file cannot be opened.
    """
    private_file(path)
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

    try:
        _check_file(engine, path, check=check)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _check_file(engine: Engine, path: Path, *, check: bool) -> None:
    """Read the file for the first time.

    Raises:
        DatabaseError: The file is not a database, or is damaged.
    """
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
            result = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if check else _INTACT
    except (SQLiteError, DBAPIError) as error:
        # SQLite reports some failed writes on a full disk, such as those to the index of its log, as I/O errors.
        hint = ", the disk is full" if disk_usage(path.parent).free < _MIN_SPACE else ""
        raise DatabaseError(f"cannot open database {path}: {getattr(error, 'orig', error)}{hint}") from error
    if result != _INTACT:
        reason = " ".join(str(result).split())
        raise DatabaseError(f"database {path} is damaged: {reason}. Stop the hub and restore a backup.")


def server_engine(address: str, *, durable: bool) -> Engine:
    """Create an engine for a PostgreSQL database with at most 16 open connections.

    Args:
        address: Database URL, `postgresql+psycopg://user:password@host:port/name`. Omitted parts come from the usual
            sources of PostgreSQL clients, such as `PGPASSWORD` and the password file.
        durable: Whether a commit waits for the disk of the server.

    Raises:
        DatabaseError: The URL is invalid, the driver is missing, or the database cannot be reached or is not encoded as
            UTF-8.
    """
    url = _parse_url(address)
    commit = "on" if durable else "off"
    options = f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c synchronous_commit={commit} -c client_encoding=utf8"
    try:
        engine = create_engine(
            url,
            pool_size=_SERVER_POOL,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # they include tokens and keys
            use_native_hstore=False,
            connect_args={"options": options, "application_name": "imodels hub"},
        )
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL support requires the extra 'hub-postgres': pip install 'itwin-imodels[hub-postgres]'"
        ) from error
    try:
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    except OperationalError as error:
        engine.dispose()
        reason = " ".join(str(error.orig).split())
        raise DatabaseError(f"cannot connect to database {printable_url(url)}: {reason}") from error
    if encoding != "UTF8":
        engine.dispose()
        raise DatabaseError(f"database {printable_url(url)} has encoding {encoding}; UTF8 is required")
    return engine


def printable_url(url: URL) -> str:
    """Return the URL of a database for messages, without password and options."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.difference_update_query(url.query).render_as_string(hide_password=True)


def _parse_url(address: str) -> URL:
    form = f"{_DRIVER}://user@host/name"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseError(f"invalid database URL; expected {form}") from None
    if url.drivername not in _SUPPORTED_DRIVERS:
        raise DatabaseError(f"unsupported database {url.drivername}: use {form}, or omit the database to use SQLite")
    return url.set(drivername=_DRIVER)
