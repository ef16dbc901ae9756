"""A part file that is written in order, from its beginning to its end."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from attrs import asdict, frozen

from itwin_imodels._core.disk import disk_errors, open_no_follow, write_new
from itwin_imodels._transfer.partial_file import MARK, PartialFile, locked_part, remove_notes
from itwin_imodels._transfer.whole_file import SMALL

_COPY = 1 << 20


@frozen(kw_only=True)
class Mark:
    """Identifies the version of a partly downloaded file.

    Attributes:
        etag: The ETag of the file.
        size: Size of the file in bytes.
        md5: The Content-MD5 of the file; None if the storage did not send it.
    """

    etag: str
    size: int
    md5: str | None = None


def read_mark(text: str) -> Mark | None:
    """Parse a mark; return None if it is invalid."""
    try:
        content = json.loads(text)
        etag, size, md5 = content["etag"], content["size"], content["md5"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(etag, str) or type(size) is not int or not isinstance(md5, str | None):
        return None
    return Mark(etag=etag, size=size, md5=md5)


def write_mark(mark: Mark) -> str:
    """Return a mark as a string."""
    return json.dumps(asdict(mark))


class PartFile(PartialFile):
    """The file `name.part`, with its resume information in `name.part.json`."""

    def __init__(self, target: Path, path: Path, file: FileIO, length: int) -> None:
        """Take over an open and locked file of `length` bytes; see `open_part_file`."""
        super().__init__(target, path, file)
        self.length = length
        self._position = 0
        self._marked = length > 0
        """Whether a mark may exist. Checking this avoids system calls, each of which would release the GIL."""

    @property
    def is_resumable(self) -> bool:
        """Whether any data has arrived."""
        return self.length > 0

    @property
    def _mark_path(self) -> Path:
        return self.path.with_name(self.path.name + MARK)

    @property
    def mark(self) -> Mark | None:
        """The version that has partly arrived; None if unknown."""
        if not self.length:
            return None
        try:
            with open(self._mark_path, encoding="utf-8", opener=open_no_follow) as file:
                return read_mark(file.read())
        except (OSError, UnicodeDecodeError):
            return None

    def begin(self, offset: int, mark: Mark | None) -> None:
        """Prepare for writing.

        Args:
            offset: Where the content continues; the file is truncated there.
            mark: The resume information; None if the download cannot be resumed.
        """
        with disk_errors(self.path, "written"):
            if offset == 0:
                self._forget_notes()
            if self._position != offset:
                self._file.seek(offset)
            if self.length != offset:
                self._file.truncate()
            self.length = self._position = offset
            if offset == 0 and mark is not None and mark.size >= SMALL:
                self._marked = True
                write_new(self._mark_path, [write_mark(mark)])

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        view = memoryview(piece)
        with disk_errors(self.path, "written"):
            while view:
                written = self._file.write(view)
                self.length = self._position = self._position + written
                view = view[written:]

    def pieces(self) -> Iterator[bytes]:
        """Read the file from its beginning."""
        with disk_errors(self.path, "read"):
            self._file.seek(0)
            self._position = -1
            while piece := self._file.read(_COPY):
                yield piece

    def discard(self) -> None:
        """Discard the received data, because it is wrong."""
        self.begin(0, None)

    def _forget_notes(self) -> None:
        if self._marked:
            remove_notes(self.path)
            self._marked = False


@contextmanager
def open_part_file(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[PartFile]:
    """Open the part file of a target; see `locked_part`."""
    with locked_part(target, wait, patience) as (path, file, length):
        yield PartFile(target, path, file, length)
