"""How far a transfer is."""

import threading
from collections.abc import Callable

from itwin_imodels._core.cancellation import Cancellation, Cancelled

ProgressCallback = Callable[[int, int | None], None]
"""Takes the bytes that are done and those there are in all, if that is known."""


class Progress:
    """Adds up the progress of the files of an operation and reports it; the reported progress never goes back.

    The callback is called by one thread at a time. What it raises cancels the operation with this exception.
    """

    def __init__(
        self,
        callback: ProgressCallback | None,
        cancellation: Cancellation,
        total: int | None = None,
        *,
        of_many: bool = False,
    ) -> None:
        """Begin at 0 of `total` bytes.

        Args:
            callback: Called with the progress.
            cancellation: Is cancelled with what the callback raises.
            total: Bytes in all, if somebody knows.
            of_many: Whether there may be several files, so that the size of one is not the total.
        """
        self._callback = callback
        self._cancellation = cancellation
        self._lock = threading.Lock()
        self._total = total
        self._of_many = of_many
        self._done = 0
        self._told = (0, total)

    def file(self) -> "FileProgress":
        """Add a file."""
        return FileProgress(self)

    def learn(self, total: int) -> None:
        """Set the total to the size of the only file, if nobody knew it before."""
        with self._lock:
            if self._total is None and not self._of_many:
                self._total = total

    def move(self, by: int) -> None:
        """Count bytes; negative for those that have to travel again."""
        with self._lock:
            self._done += by
            if self._callback is None:
                return
            limit = self._done if self._total is None else min(self._done, self._total)
            news = (max(self._told[0], limit), self._total)
            if news == self._told:
                return
            self._told = news
            self._tell(self._callback, *news)

    def _tell(self, callback: ProgressCallback, done: int, total: int | None) -> None:
        if self._cancellation.cancelled:
            return
        try:
            callback(done, total)
        except BaseException as error:  # noqa: BLE001 - the operation raises it in the end
            self._cancellation.cancel(error)
            raise Cancelled("the transfer was cancelled") from None


class FileProgress:
    """How far one file is."""

    def __init__(self, whole: Progress) -> None:
        """Begin at 0."""
        self._whole = whole
        self._position = 0
        self._lock = threading.Lock()

    def at(self, position: int) -> None:
        """Set the position in the file, which may go back."""
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
