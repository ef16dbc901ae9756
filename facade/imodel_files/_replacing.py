"""Files that appear complete or not at all."""

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DATABASE_SUFFIXES: Final = ("-wal", "-journal", "-shm")
"""The suffixes of the files that SQLite creates next to a database."""
_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})
"""The errors of file systems without locks. Names are then random, and files of killed processes are not removed."""


@contextmanager
def replacing(target: Path, confirm: Callable[[], None] | None = None) -> Iterator[Path]:
    """Yield a temporary path next to the target; rename it to the target at the end, or delete it after an error.

    Files of a killed process are removed when the same target is written again.

    Args:
        target: The file to write or replace.
        confirm: Called after renaming. If it raises an error, the previous target is restored.

    Raises:
        IsADirectoryError: The target is a folder.
    """
    if not target.name or target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(target))
    with _locked_part(target) as part:
        try:
            yield part
            if confirm is None:
                part.replace(target)
            else:
                with _restored(target, part.with_suffix(".older")):
                    part.replace(target)
                    confirm()
        finally:
            remove_database(part)


@contextmanager
def _restored(target: Path, older: Path) -> Iterator[None]:
    """Restore the target after an error in the block.

    Args:
        target: The file that the block replaces.
        older: The path for a copy of the existing file. If the process is killed, the copy remains.
    """
    is_there = target.exists()
    if is_there:
        shutil.copy2(target, older)
    try:
        yield
    except BaseException:
        if is_there:
            older.replace(target)
        else:
            target.unlink(missing_ok=True)
        raise
    older.unlink(missing_ok=True)


def remove_database(path: Path) -> None:
    """Delete a database and the files that SQLite created next to it, if they exist."""
    for suffix in ("", *DATABASE_SUFFIXES):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


@contextmanager
def _locked_part(target: Path) -> Iterator[Path]:
    """Lock the first of the names ``.<target>.<number>.part`` that no other process holds.

    The lock is a separate file, because SQLite locks the files it opens. The system releases the locks of ended
    processes.
    """
    number = 0
    try:
        while (lock := _try_lock(_lock_of(target, number))) is None:
            number += 1
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        _lock_of(target, number).unlink(missing_ok=True)
        yield _part_of(target, int.from_bytes(os.urandom(4), "big"))
        return
    with closing(lock):
        try:
            remove_database(_part_of(target, number))
            _sweep(target, number + 1)
            yield _part_of(target, number)
        finally:
            _remove_lock(lock, _lock_of(target, number))


def _sweep(target: Path, number: int) -> None:
    """Remove files that killed processes left under this number and the numbers that follow it."""
    while _lock_of(target, number).exists() or _part_of(target, number).exists():
        lock = _try_lock(_lock_of(target, number))
        if lock is not None:
            with closing(lock):
                remove_database(_part_of(target, number))
                _remove_lock(lock, _lock_of(target, number))
        number += 1


def _part_of(target: Path, number: int) -> Path:
    return target.with_name(f".{target.name}.{number}.part")


def _lock_of(target: Path, number: int) -> Path:
    return target.with_name(f".{target.name}.{number}.lock")


def _try_lock(path: Path) -> IO[bytes] | None:
    """Open a file and lock it; return None if another process or thread holds it, or has just deleted it."""
    file = open(path, "ab", opener=_open_safely)  # noqa: SIM115 - it stays open while it is locked
    try:
        _lock(file)
    except OSError as error:
        file.close()
        if error.errno in _HELD:
            return None
        raise
    if _is_at(file, path):
        return file
    file.close()
    return None


def _open_safely(path: str, flags: int) -> int:
    """Open a file without following links and without blocking: others may have put links and pipes in the folder."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Return whether an open file still exists at a path; the previous holder of the lock may have deleted it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_lock(lock: IO[bytes], path: Path) -> None:
    """Delete the file of a held lock. Windows deletes it only once it is closed and nobody else has it open."""
    if sys.platform == "win32":
        lock.close()
    with suppress(OSError):
        path.unlink()
