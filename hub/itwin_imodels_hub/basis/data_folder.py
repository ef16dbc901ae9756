"""The folder with the data of a hub."""

import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from itwin_imodels_hub.basis.private_files import open_private, private_folder

_KEY_BYTES = 32


class FolderInUseError(RuntimeError):
    """The data folder is in use by another hub."""


class DataFolder:
    """The paths in a data folder: `hub.sqlite`, `blobs/`, `work/`, `key`, `empty.bim` and `lock`."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        """Open a data folder, private to its owner, and lock it; create it if it does not exist.

        Args:
            path: The folder.
            shared: Whether other processes that also pass True may open the folder at the same time. Not supported on
                Windows, where the lock is always exclusive.

        Raises:
            FolderInUseError: Another hub has locked the folder.
            OSError: The folder cannot be created or made private.
        """
        private_folder(path)
        self.path = path
        self._lock = locked(path / "lock", shared=shared)

    @property
    def database(self) -> Path:
        """Path of the database file."""
        return self.path / "hub.sqlite"

    @property
    def blobs(self) -> Path:
        """Folder of the blobs."""
        return self.path / "blobs"

    @property
    def work(self) -> Path:
        """Folder of temporary files."""
        return self.path / "work"

    @property
    def empty_imodel(self) -> Path:
        """Path of the baseline file of empty iModels."""
        return self.path / "empty.bim"

    def key(self) -> bytes:
        """Return the secret that signs links and tokens; on first use, create it in a private file."""
        path = self.path / "key"
        if not path.exists():
            with FileLock(path.with_suffix(".lock"), mode=0o600, poll_interval=0.01):
                if not path.exists():  # another process may have created it in the meantime
                    _write_secret(path)
        return path.read_bytes()

    def release(self) -> None:
        """Release the lock on the folder."""
        self._lock.close()


def _write_secret(path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def locked(path: Path, *, shared: bool = False) -> BinaryIO:
    """Open a file and lock it until it is closed; the operating system releases the lock when the process exits."""
    file = open_private(path, "ab")
    try:
        if sys.platform == "win32":  # pragma: no cover - the tests do not run on Windows
            import msvcrt  # noqa: PLC0415 - only there

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - only there

            fcntl.flock(file.fileno(), (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise FolderInUseError(f"{path.parent} is in use by another hub. Stop it or use another folder.") from error
    return file
