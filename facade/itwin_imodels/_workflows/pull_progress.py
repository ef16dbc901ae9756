"""Progress of downloads whose total size becomes known only while they run."""

import threading

from itwin_imodels._transfer import ProgressCallback


class PullProgress:
    """Counts the bytes of files and reports the progress. Safe to use from any thread."""

    def __init__(self, callback: ProgressCallback | None, total: int | None = None) -> None:
        """Start with no files.

        Args:
            callback: Called with the number of bytes present and the total size of the files; None reports nothing.
            total: Total size of the files in bytes; None if not yet known.
        """
        self._callback = callback
        self._lock = threading.Lock()
        self._total = total
        self._present = 0
        self._expected = 0
        self._reported: tuple[int, int | None] | None = None

    @property
    def callback(self) -> ProgressCallback | None:
        """The callback to pass to the transfer; None if no progress is reported."""
        return None if self._callback is None else self._report

    def expect(self, size: int) -> None:
        """Add the size of files that the transfer will report."""
        with self._lock:
            self._expected += size

    def add_present(self, size: int) -> None:
        """Add the size of files that are present and are not passed to the transfer."""
        with self._lock:
            self._present += size

    def fix_total(self) -> None:
        """Set the total to the size of all files so far, because there are no more."""
        with self._lock:
            self._total = self._expected + self._present

    def finish(self) -> None:
        """Report that all files are present, unless the last report did."""
        self.fix_total()
        if self._reported != (self._total, self._total):
            self._report(self._expected, None)

    def _report(self, done: int, _: int | None) -> None:
        if self._callback is not None:
            with self._lock:
                self._reported = done + self._present, self._total
            self._callback(*self._reported)
