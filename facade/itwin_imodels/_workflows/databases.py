"""Checks for files that must be SQLite databases."""

import sqlite3
from contextlib import closing
from pathlib import Path

from imodel_files.cloud_sqlite import CloudSqliteError, database_size
from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._core.local_files import local_files, require_regular
from itwin_imodels._transfer import FileState
from itwin_imodels.errors import IntegrityError, InvalidFile

_HEADER = b"SQLite format 3\x00"
_JOURNALS = ("-wal", "-journal")
_HEADER_LENGTH = 100
"""Length in bytes of the header that contains the size of a database."""
_MAX_PROBLEMS = 5
_STEPS = 10_000
"""Number of SQLite's virtual machine instructions between two checks for cancellation."""


def is_database(path: Path) -> bool:
    """Return whether a file has the header of a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def is_whole(path: Path) -> bool:
    """Return whether a file is a SQLite database of exactly the size in its header."""
    with path.open("rb") as file:
        header, size = file.read(_HEADER_LENGTH), path.stat().st_size
    try:
        return database_size(header, block_count=1, block_size=size, source=path.name) == size
    except CloudSqliteError:
        return False


def quick_check(path: Path, cancellation: Cancellation) -> None:
    """Run SQLite's quick check on a database that no process is writing to.

    Raises:
        Cancelled: The check was cancelled.
        IntegrityError: The database is damaged.
    """
    cancellation.check()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            connection.set_progress_handler(lambda: cancellation.cancelled, _STEPS)
            with cancellation.calling(connection.interrupt):
                problems = [text for (text,) in connection.execute(f"PRAGMA quick_check({_MAX_PROBLEMS})")]
    except sqlite3.DatabaseError as error:
        cancellation.check()
        problems = [str(error)]
    if problems != ["ok"]:
        raise IntegrityError(f"SQLite reports a damaged database: {'; '.join(problems)}")


def check_at_rest(name: str, path: Path) -> None:
    """Check that a database is complete in its own file, without a journal next to it.

    Args:
        name: Name of the argument with the path, for the message.
        path: The database.

    Raises:
        InvalidFile: There is a journal.
        UnreadableFile: The path is too long, or not accessible.
    """
    for suffix in _JOURNALS:
        journal = path.with_name(path.name + suffix)
        with local_files(path):
            is_used = journal.exists() and journal.stat().st_size
        if is_used:
            raise InvalidFile(f"{name} {path} is in use or was not closed properly: {journal.name} exists")


def check_is_database(name: str, path: Path) -> None:
    """Check that a file is a database that is not in use.

    Args:
        name: Name of the argument with the path, for the message.
        path: The file.

    Raises:
        InvalidFile: The file is not a SQLite database, or is in use.
        UnreadableFile: The file cannot be read.
    """
    with local_files(path):
        require_regular(path)
        if not is_database(path):
            raise InvalidFile(f"{name} {path} is not a SQLite database")
    check_at_rest(name, path)


def baseline_state(path: Path) -> FileState:
    """Check that a file can be a baseline, and return its state before the check.

    Raises:
        InvalidFile: The file is not a SQLite database, or is in use.
        UnreadableFile: The file cannot be read.
    """
    with local_files(path):
        state = FileState.now(path)
    check_is_database("file", path)
    return state
