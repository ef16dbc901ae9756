"""A part file whose blocks arrive in any order, and which may start as a copy of an older file."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from itwin_imodels._core.disk import disk_errors, open_no_follow, write_new
from itwin_imodels._transfer.block_notes import BlockNotes, Note, block_line, head_line, read_notes, write_notes
from itwin_imodels._transfer.partial_file import MARK, NOTES, PartialFile, locked_part, remove_notes
from itwin_imodels._transfer.positions import copy_into, read_at, write_at
from itwin_imodels.errors import TransferError

PIECE = 4 << 20
"""Maximum number of bytes in memory for each thread."""


class BlockFile(PartialFile):
    """The file `name.part`, with a list of its blocks in `name.part.blocks`.

    Several threads may read and write different blocks.
    """

    def __init__(self, target: Path, path: Path, file: FileIO, length: int) -> None:
        """Take over an open and locked file of `length` bytes; see `open_block_file`."""
        super().__init__(target, path, file)
        self._notes_path = path.with_name(path.name + NOTES)
        self._notes_file: FileIO | None = None
        self._lock = threading.Lock()
        self._notes = load_notes(self._notes_path) if length else None
        self.noted: dict[int, Note] = dict(self._notes.blocks) if self._notes else {}
        """The recorded blocks of earlier attempts and of this one."""

    @property
    def is_resumable(self) -> bool:
        """Whether any block is noted."""
        return bool(self.noted)

    def begin(self, block_size: int, count: int, old: Path | None, check: Callable[[], None]) -> None:
        """Prepare for `count` blocks; notes of an earlier attempt are kept if they match.

        Args:
            block_size: Size of a block in bytes.
            count: Number of blocks.
            old: A file that is copied first, unless matching notes of an earlier attempt exist; it is not changed. None
                starts with an empty file.
            check: Called regularly; an exception that it raises aborts the work.

        Raises:
            TransferError: A file could not be read or written, or the disk has no space left.
        """
        self.close_notes()
        with disk_errors(self.path, "written"):
            origin = "" if old is None else _state_of(old)
            notes = self._notes
            if notes is None or notes.block_size != block_size or (origin and notes.origin != origin):
                self._start_over(block_size, old, origin, check)
            self.path.with_name(self.path.name + MARK).unlink(missing_ok=True)
            self._check_room((count - 1) * block_size)
            os.ftruncate(self._file.fileno(), count * block_size)
            self._notes_file = FileIO(self._notes_path, "a", opener=open_no_follow)
            self._notes_file.write(b"\n")  # terminates a truncated line

    def _start_over(self, block_size: int, old: Path | None, origin: str, check: Callable[[], None]) -> None:
        self._notes_path.unlink(missing_ok=True)
        os.ftruncate(self._file.fileno(), 0)
        if old is not None:
            copy_into(old, self._file, check)
        write_new(self._notes_path, [head_line(block_size, origin)])
        self._notes = BlockNotes(block_size=block_size, origin=origin)
        self.noted.clear()

    def _check_room(self, wanted: int) -> None:
        allocated = getattr(os.fstat(self._file.fileno()), "st_blocks", 0) * 512
        free = shutil.disk_usage(self.path.parent).free
        if wanted > allocated + free:
            raise TransferError(
                f"{self.path} cannot be written: not enough free disk space (it requires {wanted} bytes, "
                f"{allocated + free} are available)"
            )

    def write(self, offset: int, content: memoryview) -> None:
        """Write content at an offset."""
        with disk_errors(self.path, "written"):
            while content:
                written = write_at(self._file, content, offset, self._lock)
                offset, content = offset + written, content[written:]

    def read(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer from an offset."""
        with disk_errors(self.path, "read"):
            while buffer:
                count = read_at(self._file, buffer, offset, self._lock)
                if not count:
                    raise TransferError(f"{self.path} was truncated while it was being written")
                offset, buffer = offset + count, buffer[count:]

    def md5(self, offset: int, size: int, buffer: bytearray, check: Callable[[], None]) -> bytes:
        """Return the MD5 of a section."""
        digest = hashlib.md5(usedforsecurity=False)
        for at, view in _cut(offset, size, buffer):
            check()
            self.read(at, view)
            digest.update(view)
        return digest.digest()

    def copy(self, offset: int, to: int, size: int, buffer: bytearray) -> None:
        """Copy a section to another offset."""
        for at, view in _cut(offset, size, buffer):
            self.read(at, view)
            self.write(to + at - offset, view)

    def note(self, place: int, note: Note) -> None:
        """Record that the file contains a block."""
        with disk_errors(self._notes_path, "written"), self._lock:
            self.noted[place] = note
            if self._notes_file is not None:
                self._notes_file.write(block_line(place, note).encode())

    def forget(self) -> None:
        """Discard all notes: the assembled file failed verification."""
        self._notes = None
        self.noted.clear()

    def end(self, size: int) -> None:
        """Truncate the file to its real size in bytes."""
        with disk_errors(self.path, "written"):
            os.ftruncate(self._file.fileno(), size)

    def close_notes(self) -> None:
        """Close the file with the notes."""
        with self._lock:
            if self._notes_file is not None:
                self._notes_file.close()
                self._notes_file = None

    def _forget_notes(self) -> None:
        self.close_notes()
        remove_notes(self.path)


@contextmanager
def open_block_file(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[BlockFile]:
    """Open the part file of a target, for blocks; see `locked_part`."""
    with locked_part(target, wait, patience) as (path, file, length):
        block_file = BlockFile(target, path, file, length)
        try:
            yield block_file
        finally:
            block_file.close_notes()


def load_notes(path: Path) -> BlockNotes | None:
    """Read notes from a file; None if it is missing or invalid."""
    try:
        with open(path, encoding="ascii", opener=open_no_follow) as lines:
            return read_notes(lines)
    except (OSError, UnicodeDecodeError):
        return None


def save_notes(path: Path, notes: BlockNotes) -> None:
    """Write notes to a file atomically.

    Raises:
        TransferError: A file could not be read or written.
    """
    temporary = path.with_name(f"{path.name}.part")
    with disk_errors(path, "written"):
        write_new(temporary, write_notes(notes))
        temporary.replace(path)


def _state_of(path: Path) -> str:
    state = path.stat()
    return f"{state.st_dev}-{state.st_ino}-{state.st_size}-{state.st_mtime_ns}"


def _cut(offset: int, size: int, buffer: bytearray) -> Iterator[tuple[int, memoryview]]:
    """Split a section of a file into parts that fit in the buffer."""
    whole = memoryview(buffer)
    for done in range(0, size, len(buffer)):
        yield offset + done, whole[: min(len(buffer), size - done)]
