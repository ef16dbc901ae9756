"""The lock that prevents two processes from working on a mirror at the same time."""

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
"""Name of the locked file. The file is kept and names the last holder; a lock never outlives its process."""

_LONGEST = 1 << 12


class MirrorLock:
    """An operating system lock on a file of the mirror. It also excludes other threads of this process."""

    def __init__(self, directory: Path) -> None:
        """Open the lock file.

        Raises:
            TransferError: The file cannot be opened.
        """
        self._path = directory / LOCK_NAME
        with disk_errors(self._path, "opened"):
            self._file = open_lock_file(self._path)

    def acquire(self) -> bool:
        """Acquire the lock if it is free, and return whether it was acquired.

        Raises:
            TransferError: The file could not be locked or written.
        """
        with disk_errors(self._path, "locked"):
            if not try_lock(self._file.fileno()):
                return False
            self._file.seek(0)
            self._file.truncate()
            self._file.write(_about_this_process().encode())
        return True

    def holder(self) -> str:
        """Return a description of the current or last holder of the lock."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            self._file.seek(0)
            content = json.loads(self._file.read(_LONGEST) or b"")
            process = f"process {int(content['pid'])} on {str(content['host'])[:255]}"
            return f"{process} (holding the lock since {str(content['since'])[:64]})"
        return "another process"

    def close(self) -> None:
        """Release the lock if it was acquired."""
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
