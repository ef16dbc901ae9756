"""The lock that keeps two processes from working on one mirror."""

import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from itwin_imodels._core.disk import disk_errors, open_lock_file, try_lock

LOCK_NAME: Final = "timeline.lock"
"""Name of the file that is locked. The file stays and names the last holder; the lock ends with its process."""

_LONGEST = 1 << 12


class MirrorLock:
    """The system's lock on a file of the mirror. It also excludes other threads of this process."""

    def __init__(self, directory: Path) -> None:
        """Open the file of the lock.

        Raises:
            TransferError: The file cannot be opened.
        """
        self._path = directory / LOCK_NAME
        with disk_errors(self._path, "opened"):
            self._file = open_lock_file(self._path)

    def acquire(self) -> bool:
        """Acquire the lock if it is free, and return whether it was acquired.

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
        """Return who holds the lock, or held it last."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            self._file.seek(0)
            found = json.loads(self._file.read(_LONGEST) or b"")
            return f"process {int(found['pid'])} on {str(found['host'])[:255]}, since {str(found['since'])[:64]}"
        return "another process"

    def close(self) -> None:
        """Release the lock if it was taken."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return the lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        self.close()


def _about_this_process() -> str:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
