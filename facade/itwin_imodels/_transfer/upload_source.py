"""The file that is uploaded."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from itwin_imodels._core.disk import disk_errors
from itwin_imodels.errors import IntegrityError, TransferError


class UploadSource:
    """A file that must not change while it is sent."""

    def __init__(self, path: Path, file: FileIO) -> None:
        """Remember the state of the file; see `open_source`."""
        self.path = path
        self._file = file
        self._state = os.fstat(file.fileno())
        self.size = self._state.st_size

    def pieces(self, at_once: int) -> Iterator[bytes]:
        """Read the file from its beginning.

        It is checked once more before the last piece, so that a file that has changed is never sent whole.

        Args:
            at_once: Size of the pieces, bytes; the last one may be shorter.

        Raises:
            IntegrityError: It has changed.
            TransferError: The disk failed.
        """
        self.check_unchanged()
        left = self.size
        with disk_errors(self.path, "read"):
            self._file.seek(0)
        while left:
            wanted = min(at_once, left)
            piece = self._read(wanted)
            left -= wanted
            if not left:
                self.check_unchanged()
            if len(piece) < wanted:
                raise IntegrityError(f"the file ends {left + wanted - len(piece)} bytes too early")
            yield piece

    def check_unchanged(self) -> None:
        """Raise `IntegrityError` if the file was written to since it was opened."""
        state = os.fstat(self._file.fileno())
        if state.st_size != self.size:
            raise IntegrityError(f"the file had {self.size} bytes and has {state.st_size} while it is being sent")
        if state.st_mtime_ns != self._state.st_mtime_ns:
            raise IntegrityError("the file was written to while it is being sent")

    def _read(self, wanted: int) -> bytes:
        """Read exactly so many bytes, or fewer at the end; a single read may return less than there is."""
        with disk_errors(self.path, "read"):
            piece = self._file.read(wanted) or b""
            while len(piece) < wanted and (more := self._file.read(wanted - len(piece))):
                piece += more
        return piece


@contextmanager
def open_source(path: Path) -> Iterator[UploadSource]:
    """Open a file to upload.

    Raises:
        TransferError: It is empty, or cannot be read.
    """
    with disk_errors(path, "read"):
        file = FileIO(path)
    with file:
        source = UploadSource(path, file)
        if not source.size:
            raise TransferError(f"{path} is empty; the storage accepts no empty files")
        yield source
