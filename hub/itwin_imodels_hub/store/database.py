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

__all__ = ["Database", "DatabaseBusyError", "SchemaVersionError", "SimultaneousChangeError", "fetch_all", "fetch_one"]

T = TypeVar("T")

_ATTEMPTS: Final = 10
_FIRST_WAIT: Final = 0.005
_LONGEST_WAIT: Final = 0.25
_TRANSIENT: Final = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "23505",  # a row with this key was added at the same time
    "23503",  # the referenced row was deleted at the same time
}
"""PostgreSQL error codes of conflicts that a retry can resolve."""
_LOCK_NOT_AVAILABLE: Final = "55P03"
"""PostgreSQL error code for a lock that was not obtained within the lock timeout."""

# The first of the two keys of the hub's advisory locks in PostgreSQL; the second is the number of a job, or 0.
_SETTING_UP: Final = 0x69_4D_6F_01
_JOB: Final = 0x69_4D_6F_02


class SimultaneousChangeError(RuntimeError):
    """A change conflicted with concurrent changes in every attempt, or violates a constraint."""


class DatabaseBusyError(RuntimeError):
    """Another transaction, such as that of a dump, held a lock for too long. Nothing was changed."""


class Database:
    """Transactions on the tables of a hub, for all its threads and, on PostgreSQL, all its processes.

    On SQLite, with which a hub runs as one process, writers take turns for whole transactions, and readers see the
    state at the beginning of their transaction.

    On PostgreSQL, readers use a snapshot (`REPEATABLE READ READ ONLY`). Writers run in `READ COMMITTED`. Every writer
    that changes part of an iModel first locks its row (`imodel_by_id(..., lock=True)`, `FOR NO KEY UPDATE`) and then
    checks the rules. Each statement then sees the commits of the previous lock holder, as if there were one writer per
    iModel. Nearly all rules of the service concern one iModel. `SERIALIZABLE` would achieve the same by failing instead
    of waiting, and most concurrent pushes to one iModel would fail. The lock does not block foreign key references to
    the row; otherwise transactions that add the first row of a user could deadlock. Unique constraints protect data
    that is not part of one iModel, such as names in an iTwin: the second writer fails, is retried (see `change`) and
    then fails the check of the rule.

    Attributes:
        engine: The SQLAlchemy engine.
        shared: Whether other processes may use the database at the same time.
    """

    def __init__(self, engine: Engine, *, upgrade: bool = False) -> None:
        """Use an engine; create the tables if they are missing.

        Args:
            engine: The engine; see `in_file` and `on_server`.
            upgrade: Whether to upgrade tables of an older revision.

        Raises:
            SchemaVersionError: The tables have an unsupported revision, or an older one and `upgrade` is False, or they
                do not belong to a hub.
        """
        self.engine = engine
        self.shared = engine.dialect.name != "sqlite"
        self._reader = engine
        if self.shared:
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Unlike the busy handler of SQLite, this lock wakes waiting threads at once.
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
    def in_file(cls, path: Path, *, durable: bool = True, upgrade: bool = False, check: bool = False) -> "Database":
        """Open a SQLite file, created if missing; see `__init__`.

        Args:
            path: The file.
            durable: Whether a commit waits for the disk.
            upgrade: Whether to upgrade tables of an older revision.
            check: Whether to check all pages of the file first.

        Raises:
            DatabaseError: The file is not a database, or is damaged.
        """
        return cls(sqlite_engine(path, durable=durable, check=check), upgrade=upgrade)

    @classmethod
    def on_server(cls, address: str, *, durable: bool = True, upgrade: bool = False) -> "Database":
        """Open a PostgreSQL database; see `server_engine` and `__init__`.

        Args:
            address: Database URL, `postgresql+psycopg://user:password@host:port/name`.
            durable: Whether a commit waits for the disk of the server.
            upgrade: Whether to upgrade tables of an older revision.
        """
        return cls(server_engine(address, durable=durable), upgrade=upgrade)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read-only transaction on a consistent state."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction; it is committed at the end of the block and rolled back on an error.

        Use `change` if concurrent transactions may conflict.

        Raises:
            DatabaseBusyError: A lock was not obtained in time.
        """
        try:
            with (
                self._turn,
                self.engine.connect().execution_options(writing=True) as connection,
                connection.begin(),
            ):
                yield connection
        except DBAPIError as error:
            if _sqlstate(error) == _LOCK_NOT_AVAILABLE:
                raise DatabaseBusyError("a lock was not obtained in time") from error
            raise

    def change(self, work: Callable[[Connection], T]) -> T:
        """Run a change in a transaction; retry it on a conflict with another transaction.

        Args:
            work: The change; it must be safe to run again after a rollback.

        Returns:
            The result of `work`.

        Raises:
            SimultaneousChangeError: Every attempt conflicted, or the change violates a constraint.
            DatabaseBusyError: A lock was not obtained in time.
        """
        retrying = Retrying(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        )
        try:
            done: T = retrying(self._change, work)
        except RetryError as error:
            raise SimultaneousChangeError("the same data was changed concurrently in every attempt") from error
        except IntegrityError as error:
            raise SimultaneousChangeError("the change violates a database constraint") from error
        return done

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Open a transaction that excludes other writers, which wait until it ends."""
        with self.writing() as connection:
            if self.shared:
                # Same lock order as in other transactions: the iModel first.
                names = [imodels.name, *(table.name for table in metadata.sorted_tables if table is not imodels)]
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
            yield connection

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """Exclude other processes from setting up the same hub during the block; they wait."""
        if not self.shared:
            yield
            return
        with self.engine.connect() as connection, connection.begin():
            # The lock ends with the transaction, which is idle during the block.
            for timeout in ("lock_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {timeout} = 0")
            connection.execute(text("SELECT pg_advisory_xact_lock(:kind, 0)"), {"kind": _SETTING_UP})
            yield

    @contextmanager
    def claim(self, job_number: int) -> Iterator[bool]:
        """Claim a job during the block, so that no other thread or process runs it.

        Claims are released when their process exits. After claiming a job, check that it still exists: the previous
        holder of the claim may have finished it.

        Args:
            job_number: The job.

        Yields:
            Whether the job is claimed; if not, it is running elsewhere.
        """
        taking = self._claim_on_server(job_number) if self.shared else self._claim_in_process(job_number)
        with taking as claimed:
            yield claimed

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _change(self, work: Callable[[Connection], T]) -> T:
        with self.writing() as connection:
            return work(connection)

    @contextmanager
    def _claim_in_process(self, number: int) -> Iterator[bool]:
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
        """Claim a job with an advisory lock, which ends with its connection."""
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
                        connection.invalidate()  # closing the connection releases the lock


def _is_transient(error: BaseException) -> bool:
    """Check whether a retry can resolve an error."""
    return isinstance(error, DBAPIError) and _sqlstate(error) in _TRANSIENT


def _sqlstate(error: DBAPIError) -> str | None:
    """Return the PostgreSQL error code; None for errors of SQLite."""
    return getattr(error.orig, "sqlstate", None)


def fetch_one(connection: Connection, statement: Executable, record: Callable[..., T]) -> T | None:
    """Return the first row as a record, or None if there is none."""
    row = connection.execute(statement).first()
    return None if row is None else record(**row._asdict())


def fetch_all(connection: Connection, statement: Executable, record: Callable[..., T]) -> Sequence[T]:
    """Return all rows as records."""
    return [record(**row._asdict()) for row in connection.execute(statement)]
