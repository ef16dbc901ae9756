"""The database and its transactions."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, Executable, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from itwin_imodels_hub.store import revisions
from itwin_imodels_hub.store.engines import server_engine, sqlite_engine
from itwin_imodels_hub.store.revisions import SchemaVersionError
from itwin_imodels_hub.store.schema import imodels, metadata

__all__ = ["Database", "SchemaVersionError", "SimultaneousChangeError", "fetch_all", "fetch_one"]

T = TypeVar("T")

_ATTEMPTS: Final = 10
_FIRST_WAIT: Final = 0.005
_LONGEST_WAIT: Final = 0.25
_PASSING: Final = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "23505",  # a row of this key was added at the same time
    "23503",  # the row that is referred to was deleted at the same time
}
"""Codes of PostgreSQL for what a second look, at what the other transaction left, settles."""

# The first half of the numbers that PostgreSQL knows our locks by.
_SETTING_UP: Final = 0x69_4D_6F_01
_JOB: Final = 0x69_4D_6F_02


class SimultaneousChangeError(RuntimeError):
    """A change met those of others again and again."""


class Database:
    """Transactions on the hub's tables, for all threads and, on a server, for all processes of a hub.

    On SQLite, which is for one process, writers take turns from the beginning of their transactions, and readers see
    the state of their beginning.

    On PostgreSQL readers have a snapshot (`REPEATABLE READ READ ONLY`). Writers run in `READ COMMITTED`, and everyone
    who changes something of an iModel first takes its row (`imodel_by_id(..., lock=True)`, `FOR NO KEY UPDATE`) and
    decides afterwards: each statement then sees what the one before in line has committed, so per iModel it is as if
    there were one writer. Nearly all rules of the service are rules of one iModel. `SERIALIZABLE` would give the same
    by failing instead of waiting, and pushes on one iModel would mostly fail. The lock leaves foreign keys to the row
    alone, else whoever adds the first row of a user would wait across. What belongs to no single iModel, such as names
    in an iTwin, is kept by unique constraints: who comes second fails, looks again (see `change`) and is told what the
    rule says.

    Attributes:
        engine: Its connections.
        shared: Whether other processes may work on it at the same time.
    """

    def __init__(self, engine: Engine, *, upgrade: bool = False) -> None:
        """Use an engine and make the tables when they are not there.

        Args:
            engine: Connections, see `in_file` and `on_server`.
            upgrade: Whether tables of an older revision are brought to the newest.

        Raises:
            SchemaVersionError: The tables are of a newer revision, or of an older one that is not to be upgraded.
        """
        self.engine = engine
        self.shared = engine.dialect.name != "sqlite"
        self._reader = engine
        if self.shared:
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Waiting in line here is fair and quick; SQLite's own waiting is neither.
        self._turn = nullcontext() if self.shared else threading.Lock()
        self._claimed: set[int] = set()
        self._claiming = threading.Lock()
        try:
            with self.setting_up():
                revisions.prepare(engine, upgrade=upgrade)
        except BaseException:
            engine.dispose()
            raise

    @classmethod
    def in_file(cls, path: Path, *, durable: bool = True, upgrade: bool = False) -> "Database":
        """Open a SQLite file, made when needed; see `__init__`.

        Args:
            path: The file.
            durable: Whether a commit waits until the disk has it.
            upgrade: Whether tables of an older revision are brought to the newest.
        """
        return cls(sqlite_engine(path, durable=durable), upgrade=upgrade)

    @classmethod
    def on_server(cls, address: str, *, durable: bool = True, upgrade: bool = False) -> "Database":
        """Open a database of PostgreSQL; see `server_engine` and `__init__`.

        Args:
            address: `postgresql+psycopg://user:password@host:port/name`.
            durable: Whether a commit waits until the disk of the server has it.
            upgrade: Whether tables of an older revision are brought to the newest.
        """
        return cls(server_engine(address, durable=durable), upgrade=upgrade)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads, all of one state."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction; it is committed at the end of the block and rolled back on an error.

        Where others may change the same at the same time, `change` is the way.
        """
        with (
            self._turn,
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            yield connection

    def change(self, work: Callable[[Connection], T]) -> T:
        """Carry out a change in a transaction, and anew when it meets another's.

        Args:
            work: The change; apart from the transaction it does nothing that must not be done twice.

        Returns:
            What `work` gave.

        Raises:
            SimultaneousChangeError: It met others' again and again, or contradicts what is there.
        """
        retrying = Retrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        )
        try:
            done: T = retrying(self._change, work)
        except RetryError as error:
            raise SimultaneousChangeError("Others changed the same data at the same time.") from error
        except IntegrityError as error:
            raise SimultaneousChangeError("The change contradicts what is there.") from error
        return done

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Begin a transaction that nobody writes beside; those who want to wait for its end."""
        with self.writing() as connection:
            if self.shared:
                # In the order in which the others take them: the iModel first.
                names = [imodels.name, *(table.name for table in metadata.sorted_tables if table is not imodels)]
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """Keep other processes from setting the same hub up for as long as the block lasts; they wait."""
        if not self.shared:
            yield
            return
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(text("SELECT pg_advisory_xact_lock(:kind, 0)"), {"kind": _SETTING_UP})
            yield

    @contextmanager
    def claim(self, job_number: int) -> Iterator[bool]:
        """Keep everyone else, threads and processes, from doing a job for as long as the block lasts.

        A process that dies lets go of its claims. Look whether the job is still there once it is claimed: whoever had
        it before may have done it.

        Args:
            job_number: The job.

        Returns:
            Whether it is claimed; if not, somebody else is doing it.
        """
        taking = self._claim_on_server(job_number) if self.shared else self._claim_here(job_number)
        with taking as claimed:
            yield claimed

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _change(self, work: Callable[[Connection], T]) -> T:
        with self.writing() as connection:
            return work(connection)

    @contextmanager
    def _claim_here(self, number: int) -> Iterator[bool]:
        with self._claiming:
            free = number not in self._claimed
            self._claimed.add(number)
        try:
            yield free
        finally:
            if free:
                with self._claiming:
                    self._claimed.discard(number)

    @contextmanager
    def _claim_on_server(self, number: int) -> Iterator[bool]:
        """Claim a job by a lock that belongs to a connection, and ends with it."""
        lock = {"kind": _JOB, "number": number}
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            free = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:kind, :number)"), lock))
            try:
                yield free
            finally:
                if free:
                    try:
                        connection.execute(text("SELECT pg_advisory_unlock(:kind, :number)"), lock)
                    except DBAPIError:
                        connection.invalidate()  # closed, which lets go as well


def _passes(error: BaseException) -> bool:
    """Tell whether a second look can settle what failed."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING


def fetch_one(connection: Connection, statement: Executable, record: Callable[..., T]) -> T | None:
    """Read one row as a record; None when there is none."""
    row = connection.execute(statement).first()
    return None if row is None else record(**row._asdict())


def fetch_all(connection: Connection, statement: Executable, record: Callable[..., T]) -> Sequence[T]:
    """Read all rows as records."""
    return [record(**row._asdict()) for row in connection.execute(statement)]
