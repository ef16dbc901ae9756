"""The file beside a target that holds what has arrived of it, locked against other processes."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from itwin_imodels._core.disk import disk_errors, is_at, open_lock_file, try_lock
from itwin_imodels.errors import TransferError

MARK, NOTES = ".json", ".blocks"
"""Suffixes of the files that say how to resume: of one that grows from its beginning, and of one in blocks."""

PART = ".part"
"""Suffix of the file itself."""

_POLL = 0.1


class PartialFile(ABC):
    """`name.part`, which becomes `name` when it is whole. It is locked while it is open."""

    def __init__(self, target: Path, path: Path, file: FileIO) -> None:
        """Take over an open and locked file; see `claimed`."""
        self.target = target
        self.path = path
        self._file = file

    @property
    @abstractmethod
    def is_resumable(self) -> bool:
        """Whether a later download can use what has arrived."""

    @abstractmethod
    def _forget_notes(self) -> None:
        """Close and remove what says how to resume."""

    def publish(self) -> None:
        """Rename the file to its target."""
        with disk_errors(self.target, "written"):
            if os.name == "nt":
                self._file.close()  # there, open files keep their name
            self._forget_notes()  # first: notes that outlive their file could be taken for those of another
            self.path.replace(self.target)

    def drop(self) -> None:
        """Remove the file."""
        with suppress(OSError):  # a file that cannot be removed stays
            self._forget_notes()
            self.path.unlink()


def remove_notes(path: Path) -> None:
    """Remove what says how to resume a part file, in blocks or not."""
    for suffix in (MARK, NOTES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def claimed(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[tuple[Path, FileIO, int]]:
    """Open and lock the part file of a target, after other processes, and yield its path, file and length, bytes.

    The lock is the system's and ends with its process.

    Args:
        target: The final file.
        wait: Sleeps for some seconds.
        patience: Seconds for which another process may keep the file without writing to it.

    Raises:
        TransferError: The disk failed, or another process keeps the file without writing to it.
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
            locked, state = try_lock(file.fileno()), os.fstat(file.fileno())
            if locked and is_at(path, state):
                return file, state.st_size
        except BaseException:
            file.close()
            raise
        file.close()
        if locked:
            continue  # its owner has just finished it
        now = state.st_size, state.st_mtime_ns
        waited, seen = (waited, seen) if now == seen else (0.0, now)
        if waited >= patience:
            raise TransferError(f"{path} is locked by another process, which does not write to it")
        wait(_POLL)
        waited += _POLL


def _open(path: Path) -> FileIO:
    with disk_errors(path, "opened"):
        try:
            return open_lock_file(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return open_lock_file(path)
