"""The file beside a target whose blocks come in any order, and the older file that it may begin as."""

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from itwin_imodels._transfer.block_notes import BlockNotes, Note, block_line, head_line, read_notes, write_notes
from itwin_imodels._transfer.disk import told_of_disk
from itwin_imodels._transfer.part_file import MARK, NOTES, claimed, unmark
from itwin_imodels._transfer.positions import copy_into, read_at, write_at
from itwin_imodels.errors import TransferError

PIECE = 4 << 20
"""Bytes that are at hand at once at most, for each thread."""


class BlockFile:
    """`name.part`, which becomes `name` when it is whole; `name.part.blocks` notes which blocks are in.

    It is locked while it is open. Its blocks may be read and written by several threads, each by one at a time.
    """

    def __init__(self, target: Path, path: Path, file: FileIO, length: int) -> None:
        """Hold an open and locked file of so many bytes; see `opened_in_blocks`."""
        self.target = target
        self.path = path
        self._file = file
        self._notes_path = path.with_name(path.name + NOTES)
        self._notes_file: FileIO | None = None
        self._lock = threading.Lock()
        self._notes = load_notes(self._notes_path) if length else None
        self.noted: dict[int, Note] = dict(self._notes.blocks) if self._notes else {}
        """What is noted: of an earlier try, then of this one too."""

    def begin(self, block_size: int, count: int, old: Path | None, check: Callable[[], None]) -> None:
        """Get ready for so many blocks; what an earlier try has noted is kept if it fits.

        Args:
            block_size: Bytes of a block.
            count: How many there are.
            old: A file to begin as; it is left as it is.
            check: Called now and then; what it raises ends the work.

        Raises:
            TransferError: The disk failed, or there is no room.
        """
        self._close_notes()
        with told_of_disk(self.path, "written"):
            origin = "" if old is None else _state_of(old)
            notes = self._notes
            if notes is None or notes.block_size != block_size or (origin and notes.origin != origin):
                self._begin_anew(block_size, old, origin, check)
            self.path.with_name(self.path.name + MARK).unlink(missing_ok=True)
            self._check_room((count - 1) * block_size)
            os.ftruncate(self._file.fileno(), count * block_size)
            self._notes_file = FileIO(self._notes_path, "a")
            self._notes_file.write(b"\n")  # ends what was cut off

    def _begin_anew(self, block_size: int, old: Path | None, origin: str, check: Callable[[], None]) -> None:
        self._notes_path.unlink(missing_ok=True)
        os.ftruncate(self._file.fileno(), 0)
        if old is not None:
            copy_into(old, self._file, check)
        self._notes_path.write_text(head_line(block_size, origin), encoding="ascii")
        self._notes = BlockNotes(block_size=block_size, origin=origin)
        self.noted.clear()

    def _check_room(self, wanted: int) -> None:
        there = getattr(os.fstat(self._file.fileno()), "st_blocks", 0) * 512
        free = shutil.disk_usage(self.path.parent).free
        if wanted > there + free:
            raise TransferError(
                f"{self.path} cannot be written: there is no space left for it (it takes {wanted} bytes, "
                f"{there + free} are free)"
            )

    def write(self, offset: int, content: memoryview) -> None:
        """Write content at a place."""
        with told_of_disk(self.path, "written"):
            while content:
                written = write_at(self._file, content, offset, self._lock)
                offset, content = offset + written, content[written:]

    def read(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer from a place."""
        with told_of_disk(self.path, "read"):
            while buffer:
                count = read_at(self._file, buffer, offset, self._lock)
                if not count:
                    raise TransferError(f"{self.path} became shorter while it was written")
                offset, buffer = offset + count, buffer[count:]

    def md5(self, offset: int, size: int, buffer: bytearray, check: Callable[[], None]) -> bytes:
        """Give the MD5 of a part."""
        digest = hashlib.md5(usedforsecurity=False)
        for at, view in _cut(offset, size, buffer):
            check()
            self.read(at, view)
            digest.update(view)
        return digest.digest()

    def copy(self, offset: int, to: int, size: int, buffer: bytearray) -> None:
        """Copy a part to another place."""
        for at, view in _cut(offset, size, buffer):
            self.read(at, view)
            self.write(to + at - offset, view)

    def note(self, place: int, note: Note) -> None:
        """Note that a block is in."""
        with told_of_disk(self._notes_path, "written"), self._lock:
            self.noted[place] = note
            if self._notes_file is not None:
                self._notes_file.write(block_line(place, note).encode())

    def forget(self) -> None:
        """Take nothing for granted any more: the whole is wrong, and nobody knows which block is."""
        self._notes = None
        self.noted.clear()

    def end(self, size: int) -> None:
        """Cut the file to its real size, bytes."""
        with told_of_disk(self.path, "written"):
            os.ftruncate(self._file.fileno(), size)

    def publish(self) -> None:
        """Give the file its name."""
        self._close_notes()
        with told_of_disk(self.target, "written"):
            if os.name == "nt":
                self._file.close()  # there, open files keep their name
            unmark(self.path)
            self.path.replace(self.target)

    def drop(self) -> None:
        """Remove the file, which is of no use."""
        self._close_notes()
        with suppress(OSError):  # what cannot be removed does no harm
            unmark(self.path)
            self.path.unlink()

    def _close_notes(self) -> None:
        with self._lock:
            if self._notes_file is not None:
                self._notes_file.close()
                self._notes_file = None


@contextmanager
def opened_in_blocks(target: Path, wait: Callable[[float], None], patience: float) -> Iterator[BlockFile]:
    """Open the part file of a target, after whoever else works on it.

    Args:
        target: The final file.
        wait: Lets seconds pass.
        patience: Seconds for which another process may keep the file without writing to it.

    Raises:
        TransferError: The disk failed, or another process keeps the file without writing to it.
    """
    with claimed(target, wait, patience) as (path, file, length):
        opened = BlockFile(target, path, file, length)
        try:
            yield opened
        finally:
            opened._close_notes()  # noqa: SLF001 - its own


def load_notes(path: Path) -> BlockNotes | None:
    """Read notes from a file; None if there are none that can be used."""
    try:
        with path.open(encoding="ascii") as lines:
            return read_notes(lines)
    except (OSError, UnicodeDecodeError):
        return None


def save_notes(path: Path, notes: BlockNotes) -> None:
    """Write notes to a file, which is whole or not there.

    Raises:
        TransferError: The disk failed.
    """
    temporary = path.with_name(f"{path.name}.part")
    with told_of_disk(path, "written"):
        with temporary.open("w", encoding="ascii") as file:
            file.writelines(write_notes(notes))
        temporary.replace(path)


def _state_of(path: Path) -> str:
    state = path.stat()
    return f"{state.st_dev}-{state.st_ino}-{state.st_size}-{state.st_mtime_ns}"


def _cut(offset: int, size: int, buffer: bytearray) -> Iterator[tuple[int, memoryview]]:
    """Cut a part of a file into what a buffer holds."""
    whole = memoryview(buffer)
    for done in range(0, size, len(buffer)):
        yield offset + done, whole[: min(len(buffer), size - done)]
