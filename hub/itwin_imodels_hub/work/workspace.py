"""Temporary files of this process, beside the data they are made of."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from itwin_imodels_hub.basis.data_folder import FolderInUseError, locked


class Workspace:
    """A folder of this process among those of others; what a process that was killed has left is removed.

    Each process has `<name>/` and holds a lock on `<name>.lock` for as long as it lives.
    """

    def __init__(self, folder: Path) -> None:
        """Begin a folder of one's own in `folder`, which is made when needed, and remove those of dead processes."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock_file, self._lock = _own_lock(folder)
        self._own = self._lock_file.with_suffix("")
        for lock_file in folder.glob("*.lock"):
            _remove_left_over(lock_file)
        self._own.mkdir()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give an empty folder that is removed with its files at the end of the block."""
        with tempfile.TemporaryDirectory(dir=self._own, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._own, ignore_errors=True)
        self._lock_file.unlink(missing_ok=True)
        self._lock.close()


def _own_lock(folder: Path) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / f"{uuid4().hex}.lock"
        with suppress(FolderInUseError):  # another process took it for a left-over before it was locked
            return path, locked(path)


def _remove_left_over(lock_file: Path) -> None:
    with suppress(FolderInUseError), locked(lock_file):
        shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
        lock_file.unlink(missing_ok=True)
