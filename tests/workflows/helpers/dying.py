"""Kill a process before a given write. Writes are counted, and their order is the same in each run."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

_WRITES = frozenset(
    {
        "execute",
        "executemany",
        "fsync",
        "ftruncate",
        "mkdir",
        "open",
        "posix_fallocate",
        "pwrite",
        "remove",
        "rename",
        "replace",
        "rmdir",
        "truncate",
        "unlink",
        "utime",
        "write",
    }
)
"""Functions of the interpreter that change files and databases."""


class WriteCounter:
    """Counts the writes of a process in all of its threads.

    Attributes:
        count: Number of writes so far.
    """

    def __init__(self, last: int | None) -> None:
        """Prepare the process.

        Args:
            last: Number of the write before which the process dies, from 0; None if it survives.
        """
        self.count = 0
        self._last = last
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start counting, in this thread and in those that it will start."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def _called(self, _: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and getattr(function, "__name__", "") in _WRITES:
            with self._lock:
                if self.count == self._last:
                    os.kill(os.getpid(), signal.SIGKILL)
                self.count += 1
