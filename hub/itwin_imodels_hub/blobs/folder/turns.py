"""One at a time, in one process or in several."""

from pathlib import Path
from threading import Lock
from types import TracebackType

from filelock import FileLock

_POLL_SECONDS = 0.002


class Turn:
    """Lets one thread into a block at a time; with a file, also one process of all that use the file.

    Threads of a process stand in line here first, so that only one of them has to ask again and again for the file. A
    process that dies lets go of it.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Take turns with whoever uses the same file, or within this process alone.

        Args:
            path: The file, made when needed together with its folder.
        """
        self._here = Lock()
        self._file = None if path is None else FileLock(path, thread_local=False, poll_interval=_POLL_SECONDS)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> None:
        """Wait for the turn."""
        self._here.acquire()
        try:
            if self._file is not None:
                self._file.acquire()
        except BaseException:
            self._here.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        try:
            if self._file is not None:
                self._file.release()
        finally:
            self._here.release()
