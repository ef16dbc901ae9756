"""Rules of files that shall be SQLite databases."""

import sqlite3
from contextlib import closing
from pathlib import Path

from imodel_files.cloud_sqlite import CloudSqliteError, database_size
from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels.errors import IntegrityError

_HEADER = b"SQLite format 3\x00"
_UNFINISHED = ("-wal", "-journal")
_STATED = 100
"""Bytes of a database's beginning that tell its size."""
_FAULTS = 5
_STEPS = 10_000
"""After so many steps SQLite looks whether it shall end."""


def is_database(path: Path) -> bool:
    """Tell whether a file begins as a SQLite database does."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def is_whole(path: Path) -> bool:
    """Tell whether a file is a SQLite database and has exactly the size that its header tells."""
    with path.open("rb") as file:
        beginning, size = file.read(_STATED), path.stat().st_size
    try:
        return database_size(beginning, block_count=1, block_size=size, source=path.name) == size
    except CloudSqliteError:
        return False


def quick_check(path: Path, cancellation: Cancellation) -> None:
    """Let SQLite look through a database that nobody writes to.

    Raises:
        Cancelled: The work was ended.
        IntegrityError: It finds faults.
    """
    cancellation.check()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            connection.set_progress_handler(lambda: cancellation.cancelled, _STEPS)
            with cancellation.calling(connection.interrupt):
                faults = [text for (text,) in connection.execute(f"PRAGMA quick_check({_FAULTS})")]
    except sqlite3.DatabaseError as error:
        cancellation.check()
        faults = [str(error)]
    if faults != ["ok"]:
        raise IntegrityError(f"SQLite finds faults in the database: {'; '.join(faults)}")


def check_at_rest(name: str, path: Path) -> None:
    """Insist that a database is whole in its own file, and that none is left beside it which belongs to an older one.

    Raises:
        ValueError: There is a journal beside it.
    """
    for suffix in _UNFINISHED:
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise ValueError(f"{name} {path} is in use or was left unfinished: there is {beside.name}")


def baseline_size(path: Path) -> int:
    """Check that a file can be a baseline, and give its size in bytes.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no SQLite database, or not at rest.
    """
    if not is_database(path):
        raise ValueError(f"file {path} is no SQLite database, as the baseline of an iModel has to be")
    check_at_rest("file", path)
    return path.stat().st_size
