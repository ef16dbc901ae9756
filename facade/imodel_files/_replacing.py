"""Files that appear whole or not at all."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DATABASE_SUFFIXES: Final = ("-wal", "-journal", "-shm")
"""Of the files that SQLite puts beside a database."""
_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})
"""What file systems without locks say; names are then drawn by lot, and left-overs stay."""


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a name beside a file to write under; at the end it is renamed to the file, after an error removed.

    What a process left that was killed is removed when the same target is written next.

    Raises:
        IsADirectoryError: The target is a folder.
    """
    if not target.name or target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(target))
    with _locked_part(target) as part:
        try:
            yield part
            part.replace(target)
        finally:
            remove_database(part)


def remove_database(path: Path) -> None:
    """Remove a file and what SQLite put beside it, as far as they are there."""
    for suffix in ("", *DATABASE_SUFFIXES):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


@contextmanager
def _locked_part(target: Path) -> Iterator[Path]:
    """Lock the first of the names ``.<target>.<number>.part`` that no other process holds.

    The lock is a file of its own, since SQLite locks what it opens. The system drops the lock of a process that ends.
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
    """Remove what killed processes left under the following names."""
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
    """Open a file and lock it; None if another process or thread holds it, or has just removed it."""
    file = open(path, "ab", opener=_open_as_placed)  # noqa: SIM115 - it stays open while it is locked
    try:
        _lock(file)
    except OSError as error:
        file.close()
        if error.errno in _HELD:
            return None
        raise
    if _is_still(file, path):
        return file
    file.close()
    return None


def _open_as_placed(path: str, flags: int) -> int:
    """Open a file, but no symbolic link, and wait for nobody: others may have placed links and pipes in the folder."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)


def _is_still(file: IO[bytes], path: Path) -> bool:
    """Return whether a file has its name yet: who held it before removes it."""
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
    """Remove the file of a lock that is held; Windows removes it only once it is closed, if nobody else opens it."""
    if sys.platform == "win32":
        lock.close()
    with suppress(OSError):
        path.unlink()
