"""A folder for temporary files next to a target, used by one process at a time."""

import errno
import os
import shutil
from contextlib import suppress
from io import FileIO
from pathlib import Path
from stat import S_ISDIR
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from itwin_imodels._core.disk import disk_errors, is_at, open_lock_file, try_lock

_ATTEMPTS: Final = 100
"""Maximum number of attempts to lock a folder; one fails if the holder removes the lock file between open and lock."""


class WorkFolder:
    """The first of a target's work folders that is not in use.

    The folder of a killed process remains, but its lock does not, so the next process resumes there.

    Attributes:
        path: The folder. It already exists if an earlier download did not finish.
    """

    def __init__(self, target: Path, imodel_id: str) -> None:
        """Lock the folder, and remove unused folders with higher numbers.

        Args:
            target: The file to create.
            imodel_id: Id of the iModel. Folders of different iModels have different names.

        Raises:
            TransferError: A file could not be read or written.
        """
        self._parent = target.with_name(f"{target.name}.work")
        self._name = quote(imodel_id, safe="")
        number = 0
        with disk_errors(self._parent, "created"):
            while (lock := self._locked(number)) is None:
                number += 1
        self._lock = lock
        self.path = self._folder(number)
        self._lock_path = self._lock_of(number)
        self._sweep(number + 1)

    def remove(self) -> None:
        """Remove the folder and release it. Files that cannot be removed remain."""
        shutil.rmtree(self.path, ignore_errors=True)
        _remove_lock(self._lock, self._lock_path)
        with suppress(OSError):
            self._parent.rmdir()

    def close(self) -> None:
        """Release the folder."""
        self._lock.close()

    def __enter__(self) -> Self:
        """Return the folder."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the folder."""
        self.close()

    def _folder(self, number: int) -> Path:
        return self._parent / (f"{self._name}.{number}" if number else self._name)

    def _lock_of(self, number: int) -> Path:
        folder = self._folder(number)
        return folder.with_name(f"{folder.name}.lock")

    def _locked(self, number: int) -> FileIO | None:
        """Lock a folder; return None if it is in use."""
        path = self._lock_of(number)
        for _ in range(_ATTEMPTS):
            with suppress(FileNotFoundError):  # the process that finished last has just removed the parent
                self._create_parent()
                lock = open_lock_file(path)
                if try_lock(lock.fileno()):
                    if is_at(path, os.fstat(lock.fileno())):
                        return lock
                    lock.close()
                else:
                    lock.close()
                    return None
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)

    def _create_parent(self) -> None:
        """Create the parent folder; raise `FileNotFoundError` if another process removes it at the same time."""
        try:
            self._parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            if not S_ISDIR(self._parent.stat().st_mode):
                raise

    def _sweep(self, number: int) -> None:
        """Remove folders that are not in use, from a given number on."""
        while self._lock_of(number).exists():
            lock = self._locked(number)
            if lock is not None:
                shutil.rmtree(self._folder(number), ignore_errors=True)
                _remove_lock(lock, self._lock_of(number))
            number += 1


def _remove_lock(lock: FileIO, path: Path) -> None:
    """Remove the file of a held lock. On Windows, this succeeds only if the file is not open in any process."""
    if os.name == "nt":
        lock.close()
    with suppress(OSError):
        path.unlink()
    lock.close()
