"""The file beside a target that holds what has arrived of it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from attrs import asdict, frozen

from itwin_imodels._transfer.disk import told_of_disk, try_lock
from itwin_imodels.errors import TransferError

RESUMABLE = 1 << 20
"""Smaller files, bytes, begin anew: writing down how to resume them costs more than it saves."""

MARK, NOTES = ".json", ".blocks"
"""Suffixes of the files that tell how to resume: for one that grows from its beginning, and for one in blocks."""

_POLL = 0.1
_COPY = 1 << 20


@frozen(kw_only=True)
class Mark:
    """Which version of the file has partly arrived.

    Attributes:
        etag: Its ETag.
        size: Its length, bytes.
        md5: Its MD5 as Content-MD5 writes it, if the storage told.
    """

    etag: str
    size: int
    md5: str | None = None


def read_mark(text: str) -> Mark | None:
    """Read what `write_mark` wrote; None if it is anything else."""
    try:
        found = json.loads(text)
        etag, size, md5 = found["etag"], found["size"], found["md5"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(etag, str) or type(size) is not int or not isinstance(md5, str | None):
        return None
    return Mark(etag=etag, size=size, md5=md5)


def write_mark(mark: Mark) -> str:
    """Write a mark down."""
    return json.dumps(asdict(mark))


class PartFile:
    """`name.part`, which becomes `name` when it is whole; `name.part.json` tells how to resume it.

    It is locked while it is open, so that two processes with the same target come one after the other. The lock is
    the system's and goes with its process.
    """

    def __init__(self, target: Path, path: Path, file: FileIO, length: int) -> None:
        """Hold an open and locked file of so many bytes; see `opened`."""
        self.target = target
        self.path = path
        self.length = length
        self._file = file
        self._position = 0
        self._marked = length > 0
        """Whether there may be a mark. Each system call costs: with many threads, the interpreter's lock goes round."""

    @property
    def _mark_path(self) -> Path:
        return self.path.with_name(self.path.name + MARK)

    @property
    def mark(self) -> Mark | None:
        """Which version has partly arrived, if it is known."""
        if not self.length:
            return None
        try:
            return read_mark(self._mark_path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def begin(self, offset: int, mark: Mark | None) -> None:
        """Get ready to write.

        Args:
            offset: Where the content will go on; what is behind it is dropped.
            mark: How to resume; None if it cannot be.
        """
        with told_of_disk(self.path, "written"):
            if offset == 0:
                self._unmark()
            if self._position != offset:
                self._file.seek(offset)
            if self.length != offset:
                self._file.truncate()
            self.length = self._position = offset
            if offset == 0 and mark is not None and mark.size >= RESUMABLE:
                self._marked = True
                self._mark_path.write_text(write_mark(mark), encoding="utf-8")

    def write(self, piece: bytes | memoryview) -> None:
        """Append a piece."""
        view = memoryview(piece)
        with told_of_disk(self.path, "written"):
            while view:
                written = self._file.write(view)
                self.length = self._position = self._position + written
                view = view[written:]

    def pieces(self) -> Iterator[bytes]:
        """Read what is there from its beginning."""
        with told_of_disk(self.path, "read"):
            self._file.seek(0)
            self._position = -1
            while piece := self._file.read(_COPY):
                yield piece

    def discard(self) -> None:
        """Drop what has arrived, since it is wrong."""
        self.begin(0, None)

    def drop(self) -> None:
        """Remove the part file, which is of no use."""
        with suppress(OSError):  # what cannot be removed does no harm
            self._unmark()
            self.path.unlink()

    def publish(self) -> None:
        """Give the file its name."""
        with told_of_disk(self.target, "written"):
            if os.name == "nt":
                self._file.close()  # there, open files keep their name
            self._unmark()  # first: a mark that outlives its file could be taken for that of another
            self.path.replace(self.target)

    def _unmark(self) -> None:
        if self._marked:
            unmark(self.path)
            self._marked = False


def unmark(path: Path) -> None:
    """Remove what tells how to resume a part file, in whatever way that began."""
    for suffix in (MARK, NOTES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def opened(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[PartFile]:
    """Open the part file of a target, after whoever else works on it.

    Args:
        target: The final file.
        wait: Lets seconds pass.
        patience: Seconds for which another process may keep the file without writing to it.

    Raises:
        TransferError: The disk failed, or another process keeps the file without writing to it.
    """
    with claimed(target, wait, patience) as (path, file, length):
        yield PartFile(target, path, file, length)


@contextmanager
def claimed(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[tuple[Path, FileIO, int]]:
    """Open and lock the part file of a target, and give its name and its length, bytes; see `opened`."""
    path = target.with_name(target.name + ".part")
    file, length = _locked(path, wait, patience)
    try:
        yield path, file, length
    finally:
        file.close()


def _locked(path: Path, wait: Callable[[float], None], patience: float) -> tuple[FileIO, int]:
    waited, seen = 0.0, (-1, -1)
    while True:
        file = _open(path)
        try:
            locked, state = try_lock(file.fileno()), os.fstat(file.fileno())
            if locked and _is_at(path, state):
                return file, state.st_size
        except BaseException:
            file.close()
            raise
        file.close()
        if locked:
            continue  # its owner has just finished it
        now = state.st_size, state.st_mtime_ns
        waited, seen = (waited, seen) if now == seen else (0.0, now)
        if waited >= patience:
            raise TransferError(f"{path} is in the hands of another process, which does not go on with it")
        wait(_POLL)
        waited += _POLL


def _open(path: Path) -> FileIO:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    with told_of_disk(path, "opened"):
        try:
            descriptor = os.open(path, flags, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, flags, 0o666)
        return FileIO(descriptor, "r+")


def _is_at(path: Path, state: os.stat_result) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(state, path.stat())
    return False
