"""Temporary files of this process, on the file system of the data folder."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from itwin_imodels_hub.basis.data_folder import FolderInUseError, locked


class Workspace:
    """A temporary folder of this process; opening it deletes the folders of processes that were killed.

    Each process has a folder `<name>/` and keeps `<name>.lock` locked during its lifetime.
    """

    def __init__(self, folder: Path) -> None:
        """Create a folder for this process below `folder`, and delete the folders of dead processes."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock_file, self._lock = _own_lock(folder)
        self._own = self._lock_file.with_suffix("")
        for lock_file in folder.glob("*.lock"):
            _remove_left_over(lock_file)
        self._own.mkdir()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Yield an empty folder that is deleted with its content at the end of the block."""
        with tempfile.TemporaryDirectory(dir=self._own, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def close(self) -> None:
        """Delete the folder of this process."""
        shutil.rmtree(self._own, ignore_errors=True)
        self._lock_file.unlink(missing_ok=True)
        self._lock.close()


def _own_lock(folder: Path) -> tuple[Path, BinaryIO]:
    while True:
        path = folder / f"{uuid4().hex}.lock"
        with suppress(FolderInUseError):  # another process takes the file for a leftover and is deleting it
            return path, locked(path)


def _remove_left_over(lock_file: Path) -> None:
    with suppress(FolderInUseError), locked(lock_file):
        shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
        lock_file.unlink(missing_ok=True)
