"""The progress of transfers."""

import threading
from collections.abc import Callable

from itwin_imodels._core.cancellation import Cancellation, Cancelled

ProgressCallback = Callable[[int, int | None], None]
"""Called with the number of bytes done and the total number, which is None if unknown."""


class Progress:
    """Adds up the progress of the files of an operation and reports it. The reported progress never decreases.

    The callback is called by one thread at a time. If it raises an exception, the operation is cancelled with it.
    """

    def __init__(
        self,
        callback: ProgressCallback | None,
        cancellation: Cancellation,
        total: int | None = None,
        *,
        of_many: bool = False,
    ) -> None:
        """Start at 0 of `total` bytes.

        Args:
            callback: Called with the progress; None reports nothing.
            cancellation: Cancelled if the callback raises an exception, which becomes the reason.
            total: Total number of bytes; None if unknown.
            of_many: Whether there may be several files, so that the size of one file is not the total.
        """
        self._callback = callback
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._total = total
        self._of_many = of_many
        self._done = 0
        self._reported = (0, total)

    def file(self) -> "FileProgress":
        """Add a file."""
        return FileProgress(self)

    def learn(self, total: int) -> None:
        """Set the total, if it is unknown, to the size of the only file."""
        with self._lock:
            if self._total is None and not self._of_many:
                self._total = total

    def move(self, by: int) -> None:
        """Add a number of bytes, negative for bytes that must be transferred again."""
        with self._lock:
            self._done += by
            if self._callback is None:
                return
            limit = self._done if self._total is None else min(self._done, self._total)
            current = (max(self._reported[0], limit), self._total)
            if current == self._reported:
                return
            self._reported = current
            self._report(self._callback, *current)

    def _report(self, callback: ProgressCallback, done: int, total: int | None) -> None:
        if self._cancellation.cancelled:
            return
        try:
            callback(done, total)
        except BaseException as error:  # noqa: BLE001 - the operation raises it
            self._cancellation.cancel(error)
            raise Cancelled("the transfer was cancelled") from None


class FileProgress:
    """The progress of one file."""

    def __init__(self, whole: Progress) -> None:
        """Start at 0."""
        self._whole = whole
        self._position = 0
        self._lock = threading.Lock()

    def at(self, position: int) -> None:
        """Set the position in the file, which may decrease."""
        with self._lock:
            by = position - self._position
            self._position = position
        if by:
            self._whole.move(by)

    def add(self, count: int) -> None:
        """Add to the position."""
        with self._lock:
            self._position += count
        if count:
            self._whole.move(count)
