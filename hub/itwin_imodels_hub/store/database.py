"""The database and its transactions."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, inspect, select
from sqlalchemy.pool import ConnectionPoolEntry

from itwin_imodels_hub.store.schema import SCHEMA_VERSION, meta, metadata

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 30_000
_POOL = 64
_VERSION_KEY = "schema_version"


class SchemaVersionError(RuntimeError):
    """The database was made by another version of the hub."""


class Database:
    """Transactions on the hub's tables, made at the first start.

    On SQLite writers take turns from the beginning of their transactions, and readers see the state of their beginning.
    On a server such as PostgreSQL the row of the iModel, read `FOR UPDATE`, has the same effect per iModel.
    """

    def __init__(self, engine: Engine) -> None:
        """Use an engine and make the tables when they are not there.

        Raises:
            SchemaVersionError: The tables are of another version.
        """
        self.engine = engine
        # Waiting in line here is fair and quick; SQLite's own waiting is neither.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        self._prepare()

    @classmethod
    def in_file(cls, path: Path, *, durable: bool = True) -> "Database":
        """Open a SQLite file.

        Args:
            path: The file, made when needed.
            durable: Whether a commit waits until the disk has it.
        """
        engine = create_engine(
            URL.create("sqlite", database=str(path)), pool_size=_POOL, max_overflow=-1, connect_args={"timeout": 30}
        )
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

        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction; it is committed at the end of the block and rolled back on an error."""
        with (
            self._turn,
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _prepare(self) -> None:
        with self.writing() as connection:
            if not inspect(connection).get_table_names():
                metadata.create_all(connection)
                connection.execute(meta.insert().values(key=_VERSION_KEY, value=str(SCHEMA_VERSION)))
                return
            version = None
            if inspect(connection).has_table(meta.name):
                version = connection.scalar(select(meta.c.value).where(meta.c.key == _VERSION_KEY))
        if version != str(SCHEMA_VERSION):
            found = "tables of something else" if version is None else f"version {version}"
            raise SchemaVersionError(
                f"The database {self.engine.url.database} has {found}; this hub needs version {SCHEMA_VERSION}. "
                "Use another folder, or the version of the hub that made this one."
            )


def fetch_one(connection: Connection, statement: Executable, record: Callable[..., T]) -> T | None:
    """Read one row as a record; None when there is none."""
    row = connection.execute(statement).first()
    return None if row is None else record(**row._asdict())


def fetch_all(connection: Connection, statement: Executable, record: Callable[..., T]) -> Sequence[T]:
    """Read all rows as records."""
    return [record(**row._asdict()) for row in connection.execute(statement)]
