"""The file that holds the received data next to its target, locked against other downloads."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from itwin_imodels._core.disk import disk_errors, is_at, open_lock_file, try_lock
from itwin_imodels.errors import TransferError

MARK, NOTES = ".json", ".blocks"
"""Suffixes of the files with resume information: `MARK` for a file downloaded from beginning to end, `NOTES` for one
downloaded in blocks."""

PART = ".part"
"""Suffix of the part file."""

_POLL = 0.1


class PartialFile(ABC):
    """`name.part`, which is renamed to `name` when it is complete. It is locked while it is open."""

    def __init__(self, target: Path, path: Path, file: FileIO) -> None:
        """Take over an open and locked file; see `locked_part`."""
        self.target = target
        self.path = path
        self._file = file

    @property
    @abstractmethod
    def is_resumable(self) -> bool:
        """Whether a later download can use the received data."""

    @abstractmethod
    def _forget_notes(self) -> None:
        """Close and delete the resume information."""

    def publish(self) -> None:
        """Rename the file to its target."""
        with disk_errors(self.target, "written"):
            if os.name == "nt":
                self._file.close()  # Windows cannot rename open files
            self._forget_notes()  # before renaming, so that the notes are never used for another file
            self.path.replace(self.target)

    def drop(self) -> None:
        """Delete the file."""
        with suppress(OSError):  # the file is left if it cannot be deleted
            self._forget_notes()
            if os.name == "nt":
                self._file.close()  # Windows cannot delete open files
            self.path.unlink()


def remove_notes(path: Path) -> None:
    """Delete the resume information of a part file."""
    for suffix in (MARK, NOTES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def locked_part(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[tuple[Path, FileIO, int]]:
    """Open and lock the part file of a target, and yield its path, file and size in bytes.

    If another download has locked it, in this process or another one, wait for that download. The operating system
    releases the lock when its process ends.

    Args:
        target: The target file.
        wait: Sleeps for the given number of seconds.
        patience: Seconds for which another download may keep the file locked without writing to it.

    Raises:
        TransferError: A file could not be read or written, or another download keeps the file locked without writing
            to it.
    """
    path = target.with_name(target.name + PART)
    file, length = _locked(path, wait, patience)
    try:
        yield path, file, length
    finally:
        file.close()


def _locked(path: Path, wait: Callable[[float], None], patience: float) -> tuple[FileIO, int]:
    waited, seen = 0.0, (-1, -1)
    while True:
        file = _open(path)
        try:
            with disk_errors(path, "locked"):
                locked, state = try_lock(file.fileno()), os.fstat(file.fileno())
                if locked and is_at(path, state):
                    return file, state.st_size
        except BaseException:
            file.close()
            raise
        file.close()
        if locked:
            continue  # another download has just finished the file
        now = state.st_size, state.st_mtime_ns
        waited, seen = (waited, seen) if now == seen else (0.0, now)
        if waited >= patience:
            raise TransferError(f"{path} is locked by another download that is not writing to it")
        wait(_POLL)
        waited += _POLL


def _open(path: Path) -> FileIO:
    with disk_errors(path, "opened"):
        try:
            return open_lock_file(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return open_lock_file(path)
