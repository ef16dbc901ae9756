"""Disk errors, safe opening of files, and file locks between processes."""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final

from itwin_imodels._core.forks import on_fork
from itwin_imodels.errors import TransferError

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

if sys.platform == "win32":  # pragma: no cover - the tests do not run on Windows
    import msvcrt

    _BEYOND = 1 << 62

    def try_lock(descriptor: int) -> bool:
        """Try to lock an open file without waiting; closing the file unlocks it."""
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Try to lock an open file without waiting; closing the file unlocks it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


# In a shared folder, other users may create files with the names that this package uses: symbolic links to files that
# only the current user can write, and pipes without a reader. On Windows, creating links requires a privilege.
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING: Final = getattr(os, "O_NONBLOCK", 0)


def open_no_follow(path: str, flags: int) -> int:
    """Open a file without following a symbolic link or blocking; an `opener` for `open()`."""
    return os.open(path, flags | _NO_FOLLOW | _NO_WAITING, 0o666)


def open_lock_file(path: Path) -> FileIO:
    """Open a regular file for reading, writing and `try_lock`; create it if it is missing.

    Forked children close the file, since they would otherwise keep the lock of their parent.
    """
    file = FileIO(open_no_follow(os.fspath(path), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)), "r+")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    on_fork(file, FileIO.close)
    return file


def is_at(path: Path, state: os.stat_result) -> bool:
    """Return whether a file is still at the path at which it was opened, rather than moved or removed.

    Args:
        path: The path.
        state: The stat result of the open file.
    """
    with suppress(FileNotFoundError):
        return os.path.samestat(state, path.lstat())
    return False


def write_new(path: Path, lines: Iterable[str]) -> None:
    """Write lines, which include their line ends, to a new file, replacing an existing one."""
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


@contextmanager
def disk_errors(path: Path, what: str) -> Iterator[None]:
    """Convert disk errors to errors of this package.

    Args:
        path: The file.
        what: The failed action as a participle, such as `written`.

    Raises:
        TransferError: A file could not be read or written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = f"the disk is full ({error.strerror})"
        elif error.errno == errno.EFBIG:
            reason = "the file system or a limit of this process does not permit a file of this size"
        elif error.errno == errno.ELOOP:
            reason = "it is a symbolic link. Remove the link."
        else:
            reason = error.strerror or type(error).__name__
        raise TransferError(f"{path} cannot be {what}: {reason}") from error
