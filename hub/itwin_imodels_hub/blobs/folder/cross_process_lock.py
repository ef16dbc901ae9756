"""Mutual exclusion within a process or across processes."""

from pathlib import Path
from threading import Lock
from types import TracebackType

from filelock import FileLock

_POLL_SECONDS = 0.002


class CrossProcessLock:
    """A lock across threads and, with a file, across all processes that use the file.

    Threads of a process first wait for each other, so that only one of them polls the file lock. The operating system
    releases the lock of a process that exits.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Lock across the users of a file, or within this process only.

        Args:
            path: The lock file, created with its folder if missing.
        """
        self._thread_lock = Lock()
        self._file = (
            None if path is None else FileLock(path, mode=0o600, thread_local=False, poll_interval=_POLL_SECONDS)
        )
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> None:
        """Acquire the lock."""
        self._thread_lock.acquire()
        try:
            if self._file is not None:
                self._file.acquire()
        except BaseException:
            self._thread_lock.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        try:
            if self._file is not None:
                self._file.release()
        finally:
            self._thread_lock.release()
