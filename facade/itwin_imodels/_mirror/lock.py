"""One process at a time works on a mirror."""

import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from itwin_imodels._transfer.disk import disk_errors, try_lock

LOCK_NAME: Final = "timeline.lock"
"""Name of the file that is locked. It stays and tells who had the lock last; the lock itself goes with its process."""

_LONGEST = 1 << 12


class MirrorLock:
    """The system's lock on a file of the mirror; also keeps threads of one process apart."""

    def __init__(self, directory: Path) -> None:
        """Open the file.

        Raises:
            TransferError: It cannot be opened.
        """
        self._path = directory / LOCK_NAME
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        with disk_errors(self._path, "opened"):
            self._file = FileIO(os.open(self._path, flags, 0o666), "r+")

    def acquire(self) -> bool:
        """Take the lock if nobody has it, and tell whether it was taken.

        Raises:
            TransferError: The disk failed.
        """
        with disk_errors(self._path, "locked"):
            if not try_lock(self._file.fileno()):
                return False
            self._file.seek(0)
            self._file.truncate()
            self._file.write(_about_this_process().encode())
        return True

    def holder(self) -> str:
        """Tell who has the lock, or had it last."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            self._file.seek(0)
            found = json.loads(self._file.read(_LONGEST) or b"")
            return f"process {int(found['pid'])} on {str(found['host'])[:255]}, since {str(found['since'])[:64]}"
        return "another process"

    def close(self) -> None:
        """Give the lock back, if it was taken."""
        self._file.close()

    def __enter__(self) -> Self:
        """Use it for as long as the block lasts."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        self.close()


def _about_this_process() -> str:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
