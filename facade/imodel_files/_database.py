"""Databases that changesets are applied to: a copy of the baseline, opened for one transaction."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from imodel_files._errors import ChangesetApplyError
from imodel_files._limits import Limits
from imodel_files._replacing import DATABASE_SUFFIXES, replacing

if TYPE_CHECKING:
    from types import ModuleType

    import apsw

_OLDEST: Final = (3, 51)
"""The first version of SQLite whose session extension can filter rows."""
_FORMAT_VERSIONS: Final = slice(18, 20)
"""Offsets of the write version and the read version in the header of a database; both are 2 in WAL mode."""
_WAL: Final = 2
_PATIENCE: Final = 2.0
"""Seconds to wait for a lock; others that copy the same database hold a write lock only for an instant."""
ROW_OVERHEAD: Final = 1 << 20
"""Maximum size of a row besides its strings and blobs, in bytes."""


def load_apsw() -> "ModuleType":
    """Import apsw.

    Raises:
        ImportError: The extra is not installed, or is too old.
    """
    try:
        import apsw  # noqa: PLC0415 - an optional dependency, needed here only
    except ImportError as error:
        raise ImportError(
            "applying and recording changesets requires the extra 'checkpoint': pip install 'itwin-imodels[checkpoint]'"
        ) from error
    version = tuple(map(int, apsw.apsw_version().split(".")[:2]))
    if not hasattr(apsw, "Changeset") or version < _OLDEST:
        raise ImportError(
            f"the session extension of apsw {apsw.apsw_version()} cannot filter rows;"
            " the extra 'checkpoint' requires apsw 3.51 or newer"
        )
    return apsw


def check_at_rest(database: Path) -> None:
    """Check that there is no journal next to a database.

    Raises:
        ChangesetApplyError: There is a journal.
    """
    reason = unfinished_reason(database)
    if reason is not None:
        raise ChangesetApplyError(os.fspath(database), reason)


def unfinished_reason(database: Path) -> str | None:
    """Return why a database is not at rest; None if it is."""
    for suffix in DATABASE_SUFFIXES:
        beside = Path(f"{database}{suffix}")
        if beside.exists() and beside.stat().st_size:
            return f"the database is in use or was not closed properly: {beside.name} exists"
    return None


@contextmanager
def copied(apsw: "ModuleType", baseline: Path, target: Path) -> Iterator[Path]:
    """Copy a database to a temporary name next to the target, and rename the copy to the target at the end.

    Raises:
        ChangesetApplyError: The baseline is in use, or SQLite cannot use it.
    """
    with replacing(target) as part:
        with _locked_for_reading(apsw, baseline):
            shutil.copyfile(baseline, part)
        check_at_rest(baseline)
        yield part


@contextmanager
def _locked_for_reading(apsw: "ModuleType", baseline: Path) -> Iterator[None]:
    """Prevent others from writing to a database; they can still read it, for example to copy it.

    Both Python's copy of SQLite and that of apsw lock the database, because neither notices the locks of the other in
    the same process. A database in WAL mode is not locked, because locking would create files next to
    it.
    """
    import sqlite3  # noqa: PLC0415 - saves memory unless changesets are applied

    if is_wal(baseline):
        yield
        return
    path = os.fspath(baseline)
    mode = "rw" if os.access(baseline, os.W_OK) else "ro"
    check = ("BEGIN IMMEDIATE", "ROLLBACK") if mode == "rw" else ()  # fails if another connection has begun to write
    steps = (*check, "BEGIN", "SELECT 1 FROM sqlite_master LIMIT 1")
    address = f"{baseline.resolve().as_uri()}?mode={mode}"
    try:
        with ExitStack() as opened:
            ours = opened.enter_context(
                closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None))
            )
            for step in steps:
                ours.execute(step).fetchall()
            flags = apsw.SQLITE_OPEN_READWRITE if mode == "rw" else apsw.SQLITE_OPEN_READONLY
            theirs = opened.enter_context(closing(apsw.Connection(path, flags=flags)))
            theirs.set_busy_timeout(int(_PATIENCE * 1000))
            for step in steps:
                theirs.execute(step).fetchall()
            yield
    except (sqlite3.DatabaseError, apsw.Error, UnicodeDecodeError) as error:  # SQLite's message may not be UTF-8
        if isinstance(error, apsw.BusyError) or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            text = f"the database is in use by another connection: {error}. Close that connection first"
        else:
            text = f"SQLite cannot use the database: {error}"
        raise ChangesetApplyError(path, text) from error


def is_wal(database: Path) -> bool:
    """Return whether a database is in WAL mode.

    Raises:
        OSError: It cannot be read.
    """
    with database.open("rb") as file:
        header = file.read(_FORMAT_VERSIONS.stop)
    return _WAL in header[_FORMAT_VERSIONS]


@contextmanager
def opened(apsw: "ModuleType", copy: Path, baseline: str, limits: Limits) -> "Iterator[apsw.Connection]":
    """Open a copy for one transaction, without syncing to disk, because a crash leaves no target behind.

    Args:
        apsw: The apsw module.
        copy: The path of the copy.
        baseline: The path of the original, for errors.
        limits: Limits for the size of a row.

    Raises:
        ChangesetApplyError: SQLite cannot use the database.
        OSError: The disk is full.
    """
    with closing(apsw.Connection(os.fspath(copy), flags=apsw.SQLITE_OPEN_READWRITE)) as database:
        for option, value in (
            (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
            (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 0),
            (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
            (apsw.SQLITE_DBCONFIG_DQS_DDL, 1),
            (apsw.SQLITE_DBCONFIG_DQS_DML, 1),
        ):
            database.config(option, value)
        database.limit(apsw.SQLITE_LIMIT_LENGTH, max(limits.values, limits.prefix) + ROW_OVERHEAD)
        try:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN")
            yield database
            database.execute("COMMIT")
        except apsw.FullError as error:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(copy)) from error
        except apsw.TooBigError as error:
            raise ChangesetApplyError(
                baseline, f"a row exceeds {limits.values} bytes (Limits.values): {error}"
            ) from error
        except apsw.Error as error:
            raise ChangesetApplyError(baseline, f"SQLite cannot use the database: {error}") from error
