"""The file that is uploaded."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Self

from attrs import frozen

from itwin_imodels._core.disk import disk_errors
from itwin_imodels._core.local_files import require_regular
from itwin_imodels._transfer.hashing import digest_text
from itwin_imodels.errors import IntegrityError, TransferError

_ADVICE = "Nothing was confirmed. Make sure that nothing writes to the file, then repeat the call"


class SourceChangedError(IntegrityError):
    """The file to upload is no longer what it was. Sending it once more cannot help."""

    def __init__(self, change: str) -> None:
        """Name what has changed."""
        super().__init__(f"{change}. {_ADVICE}")


@frozen(kw_only=True)
class FileState:
    """What a file was when its upload was announced: the upload must send exactly that.

    Attributes:
        stat: Its state on disk.
        md5: The MD5 of its content, in the form of Content-MD5; None if the state on disk has to do.
    """

    stat: os.stat_result
    md5: str | None = None

    @classmethod
    def now(cls, path: Path) -> Self:
        """Return the state on disk. It does not detect a change that restores the file's times.

        Raises:
            OSError: It is not a regular file, or cannot be read.
        """
        return cls(stat=require_regular(path))

    @classmethod
    def with_content(cls, path: Path) -> Self:
        """Read the file, and return its state with its content, whatever the state on disk says later.

        Raises:
            OSError: It is not a regular file, or cannot be read.
        """
        require_regular(path)
        with path.open("rb") as file:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            return cls(stat=os.fstat(file.fileno()), md5=digest_text(md5.digest()))

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.stat.st_size

    def check(self, now: os.stat_result) -> None:
        """Check that the file has not been written to since.

        Raises:
            SourceChangedError: It has.
        """
        if now.st_size != self.size:
            raise SourceChangedError(f"the file had {self.size} bytes and has {now.st_size} while it is being sent")
        if self.md5 is None and _is_written(self.stat, now):
            raise SourceChangedError("the file was written to before or while it is being sent")

    def check_content(self, md5: str) -> None:
        """Check the MD5 of everything that was read to be sent.

        Raises:
            SourceChangedError: The content is another one.
        """
        if self.md5 is not None and md5 != self.md5:
            raise SourceChangedError("the file has other content than when its upload was announced")


def _is_written(before: os.stat_result, now: os.stat_result) -> bool:
    """Return whether a file was replaced or written to. Its ctime also shows a write after which mtime was restored."""
    touched = now.st_ctime_ns != before.st_ctime_ns and now.st_nlink == before.st_nlink  # unlinking changes nothing
    return not os.path.samestat(before, now) or now.st_mtime_ns != before.st_mtime_ns or touched


class UploadSource:
    """A file that must not change while it is sent."""

    def __init__(self, path: Path, file: FileIO, announced: FileState | None) -> None:
        """Remember the state of the file; see `open_source`."""
        self.path = path
        self._file = file
        self._state = announced or FileState(stat=os.fstat(file.fileno()))
        self.size = self._state.size

    def pieces(self, at_once: int) -> Iterator[bytes]:
        """Read the file from its beginning.

        It is checked once more before the last piece, so that a file that has changed is never sent whole.

        Args:
            at_once: Size of the pieces, bytes; the last one may be shorter.

        Raises:
            SourceChangedError: It has changed.
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
                raise SourceChangedError(f"the file ends {left + wanted - len(piece)} bytes too early")
            yield piece

    def check_unchanged(self) -> None:
        """Raise `SourceChangedError` if the file was written to since it was announced or opened."""
        self._state.check(os.fstat(self._file.fileno()))

    def check_content(self, md5: str) -> None:
        """Raise `SourceChangedError` if all pieces together do not have the announced content.

        Args:
            md5: The MD5 of all pieces, in the form of Content-MD5.
        """
        self._state.check_content(md5)

    def _read(self, wanted: int) -> bytes:
        """Read exactly so many bytes, or fewer at the end; a single read may return less than there is."""
        with disk_errors(self.path, "read"):
            piece = self._file.read(wanted) or b""
            while len(piece) < wanted and (more := self._file.read(wanted - len(piece))):
                piece += more
        return piece


@contextmanager
def open_source(path: Path, announced: FileState | None = None) -> Iterator[UploadSource]:
    """Open a file to upload.

    Args:
        path: The file.
        announced: What it was when the upload was announced; None if its content was not announced.

    Raises:
        SourceChangedError: It is no longer what was announced.
        TransferError: It is empty, is not a regular file, or cannot be read.
    """
    with disk_errors(path, "read"):
        require_regular(path)
        file = FileIO(path)
    with file:
        source = UploadSource(path, file, announced)
        if not source.size:
            raise TransferError(f"{path} is empty; the storage accepts no empty files")
        source.check_unchanged()
        yield source
