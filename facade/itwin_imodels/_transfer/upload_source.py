"""The file to upload."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar

from attrs import frozen

from itwin_imodels._core.disk import disk_errors
from itwin_imodels._core.local_files import require_regular
from itwin_imodels._transfer.hashing import UNIT, Follower, UnitDigests, unit_digests
from itwin_imodels.errors import IntegrityError, TransferError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

_COPY = 1 << 20
"""Size in bytes of the pieces in which a file is read."""
_ADVICE = "Nothing was confirmed. Stop all writes to the file, then repeat the call"


class SourceChangedError(IntegrityError):
    """The file to upload has changed. Sending it again is useless."""

    def __init__(self, change: str) -> None:
        """Create the error for a change."""
        super().__init__(f"{change}. {_ADVICE}")


@frozen(kw_only=True)
class FileState:
    """The state of a file when its upload was announced. The upload must send exactly this content.

    Attributes:
        stat: The stat result of the file.
        digests: The SHA-256 of each unit of its content; None if only the stat result is compared.
    """

    stat: os.stat_result
    digests: tuple[bytes, ...] | None = None

    @classmethod
    def now(cls, path: Path) -> Self:
        """Return the state without digests. On Windows, it does not detect a write after which the times were restored.

        Raises:
            OSError: The path is not a regular file, or the file cannot be read.
        """
        return cls(stat=require_regular(path))

    @classmethod
    def with_content(cls, path: Path, read: Callable[[BinaryIO], T]) -> tuple[Self, T]:
        """Read a file with `read`; return its state, with the digests of its content, and the result of `read`.

        Args:
            path: The file.
            read: Reads the file from its beginning. The rest is read afterwards.

        Raises:
            OSError: The path is not a regular file, or the file cannot be read.
        """
        state = require_regular(path)
        digests = UnitDigests()
        with FileIO(path) as file, closing(Follower(state.st_size, digests.update)) as follower:
            raw = _Followed(file, follower)
            with BufferedReader(raw, _COPY) as reader:
                content = read(reader)
                raw.read_on()
            stat = os.fstat(file.fileno())
        return cls(stat=stat, digests=digests.result()), content

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.stat.st_size

    def check(self, now: os.stat_result) -> None:
        """Check that the stat result is unchanged. If there are digests, only the size is compared.

        Raises:
            SourceChangedError: The file was changed.
        """
        if now.st_size != self.size:
            raise SourceChangedError(f"the file changed from {self.size} to {now.st_size} bytes")
        if self.digests is None and _is_written(self.stat, now):
            raise SourceChangedError("the file was changed before or during its upload")

    def check_content(self, offset: int, digests: tuple[bytes, ...]) -> None:
        """Check content that was read for sending.

        Args:
            offset: Offset in the file in bytes; a multiple of the unit size.
            digests: The SHA-256 of each unit.

        Raises:
            SourceChangedError: The content differs.
        """
        if self.digests is not None:
            first = offset // UNIT
            if digests != self.digests[first : first + len(digests)]:
                raise SourceChangedError("the file changed after its upload was announced")


class _Followed(RawIOBase):
    """A file whose content is also passed to a follower, each byte once and in order."""

    def __init__(self, file: FileIO, follower: Follower) -> None:
        super().__init__()
        self._file = file
        self._follower = follower
        self._followed = 0

    @property
    def name(self) -> str:
        return str(self._file.name)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        begin = self._file.tell()
        count = self._file.readinto(buffer)
        new = begin + count - self._followed
        if begin <= self._followed and new > 0:
            self._follower.update(bytes(memoryview(buffer)[count - new : count]))
            self._followed += new
        return count

    def read_on(self) -> None:
        """Read the rest of the file, from the position of the follower."""
        self._file.seek(self._followed)
        while piece := self._file.read(_COPY):
            self._follower.update(piece)
            self._followed += len(piece)


def _is_written(before: os.stat_result, now: os.stat_result) -> bool:
    """Return whether a file was replaced or written to; ctime reveals a write after which mtime was restored."""
    # A new hard link changes ctime, too.
    touched = now.st_ctime_ns != before.st_ctime_ns and now.st_nlink == before.st_nlink
    return not os.path.samestat(before, now) or now.st_mtime_ns != before.st_mtime_ns or touched


class UploadSource:
    """A file that must not change while it is sent."""

    def __init__(self, path: Path, file: FileIO, announced: FileState | None) -> None:
        """Record the state of the file; see `open_source`."""
        self.path = path
        self._file = file
        self._state = announced or FileState(stat=os.fstat(file.fileno()))
        self.size = self._state.size

    def pieces(self, at_once: int) -> Iterator[bytes]:
        """Yield the file from its beginning.

        The file is checked again before the last piece, so that a changed file is never sent completely.

        Args:
            at_once: Size of the pieces in bytes; the last one may be shorter.

        Raises:
            SourceChangedError: The file was changed.
            TransferError: A file could not be read or written.
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
                raise SourceChangedError(f"the file was truncated: {left + wanted - len(piece)} bytes are missing")
            yield piece

    @property
    def is_announced(self) -> bool:
        """Whether the digests of the content are known, not only the stat result."""
        return self._state.digests is not None

    def check_unchanged(self) -> None:
        """Raise `SourceChangedError` if the stat result has changed; see `FileState.check`."""
        self._state.check(os.fstat(self._file.fileno()))

    def digests(self, offset: int, content: bytes) -> tuple[bytes, ...]:
        """Return the SHA-256 of each unit of a section, after checking that it matches the announced one.

        Args:
            offset: Offset in the file in bytes; a multiple of the unit size.
            content: The content that was read there.

        Raises:
            SourceChangedError: The content differs.
        """
        digests = unit_digests(content)
        self._state.check_content(offset, digests)
        return digests

    def check_content(self, digests: tuple[bytes, ...]) -> None:
        """Raise `SourceChangedError` if the first units of the file were announced with other digests."""
        self._state.check_content(0, digests)

    def _read(self, wanted: int) -> bytes:
        """Read exactly `wanted` bytes, or fewer at the end; a single read may return fewer than available."""
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
        announced: The state when the upload was announced; None if the content was not announced.

    Raises:
        SourceChangedError: The file has changed since it was announced.
        TransferError: The file is empty, not regular, or unreadable.
    """
    with disk_errors(path, "read"):
        require_regular(path)
        file = FileIO(path)
    with file:
        source = UploadSource(path, file, announced)
        if not source.size:
            raise TransferError(f"{path} is empty; the storage does not accept empty files")
        source.check_unchanged()
        yield source
