"""The folder that a hub keeps everything in."""

import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

_KEY_BYTES = 32


class FolderInUseError(RuntimeError):
    """Another hub works on the folder."""


class DataFolder:
    """What a hub keeps in files: `hub.sqlite`, `blobs/`, `work/`, `key`, `empty.bim` and `lock`."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        """Take a folder, making it when needed.

        Args:
            path: The folder.
            shared: Whether other processes may take it as well, if they say so too. Windows has no such form: there it
                is for one process.

        Raises:
            FolderInUseError: Another hub has it.
        """
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = locked(path / "lock", shared=shared)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.path / "hub.sqlite"

    @property
    def blobs(self) -> Path:
        """The folder of the files."""
        return self.path / "blobs"

    @property
    def work(self) -> Path:
        """The folder of temporary files."""
        return self.path / "work"

    @property
    def empty_imodel(self) -> Path:
        """The file that empty iModels begin with."""
        return self.path / "empty.bim"

    def key(self) -> bytes:
        """Give the secret that links and tokens are signed with, made at the first start, for its owner's eyes only."""
        path = self.path / "key"
        if not path.exists():
            with FileLock(path.with_suffix(".lock"), poll_interval=0.01):
                if not path.exists():  # nobody else made it meanwhile
                    _write_secret(path)
        return path.read_bytes()

    def release(self) -> None:
        """Let others have the folder."""
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
    """Open a file and hold a lock on it for as long as it is open; the system drops it with the process."""
    file = path.open("ab")
    try:
        if sys.platform == "win32":  # pragma: no cover - not where the tests run
            import msvcrt  # noqa: PLC0415 - only there

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - only there

            fcntl.flock(file.fileno(), (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise FolderInUseError(f"Another hub is working on {path.parent}. Stop it, or use another folder.") from error
    return file
