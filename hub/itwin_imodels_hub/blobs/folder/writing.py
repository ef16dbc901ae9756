"""Write files atomically: they are complete or absent. The store writes files only through this module."""

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self
from uuid import uuid4

from itwin_imodels_hub.basis.private_files import open_private

PIECE = 1 << 20
"""Number of bytes to read, hash or write at a time."""

_SPARSE = 1 << 16
"""Minimum size of a piece to check for trailing zeros."""
_ZEROS = bytes(4096)


class Incoming:
    """New content for the store in a temporary file, invisible to others until it is committed.

    Methods may be called from several threads, one at a time; `discard` waits for a running write.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Prepare a temporary file in `folder`; the first write creates it."""
        self.path = folder / uuid4().hex
        self._durable = durable
        self._file: BinaryIO | None = None
        self._hash = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._is_closed = False
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Discard the file at the end of the block unless the store has taken it over."""
        return self

    def __exit__(self, *_: object) -> None:
        """Discard the file; see `__enter__`."""
        self.discard()

    @property
    def size(self) -> int:
        """Number of bytes written so far."""
        return self._size

    @property
    def md5(self) -> bytes:
        """MD5 of the bytes written so far, 16 bytes."""
        return self._hash.digest()

    def write(self, pieces: Iterable[bytes]) -> None:
        """Append pieces of content and hash them."""
        with self._lock:
            file = self._opened()
            for piece in pieces:
                _write_sparse(file, piece)
                self._hash.update(piece)
                self._size += len(piece)

    def append(self, source: BinaryIO, length: int) -> None:
        """Append `length` bytes from the current position of an open file, without hashing them."""
        with self._lock:
            file = self._opened()
            file.truncate()
            file.flush()
            if not _copy_in_kernel(source, file, length):
                _copy_pieces(source, file, length)
            self._size += length

    def link(self, source: Path, length: int) -> bool:
        """Use a file of the store as finished content via a hard link; return False if links are not supported."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.hardlink_to(source)
        except OSError:
            return False
        self._size = length
        self._is_closed = True
        return True

    def finish(self) -> None:
        """Write the content to the disk and close the file."""
        with self._lock:
            file = self._opened()
            file.truncate()
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
            file.close()
            self._is_closed = True

    def discard(self) -> None:
        """Delete the file, unless it was moved into the store."""
        with self._lock:
            self._is_closed = True
            if self._file is not None:
                # Closing flushes the buffer, which fails again if the disk is full.
                with contextlib.suppress(OSError):
                    self._file.close()
            self.path.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._is_closed:
            raise ValueError("the content is already finished or discarded")
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open_private(self.path, "xb")
        return self._file


def write_whole(path: Path, data: bytes, *, durable: bool) -> None:
    """Write a small new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_private(path, "xb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def make_folder(folder: Path) -> list[Path]:
    """Create a folder and its missing parents.

    Returns:
        The folders whose entries changed, for `sync_folders`.
    """
    changed: list[Path] = []
    missing = folder
    while not missing.exists():
        changed.append(missing.parent)
        missing = missing.parent
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def sync_folders(folders: Iterable[Path]) -> None:
    """Flush the entries of folders to the disk on operating systems that support it."""
    if os.name == "nt":  # pragma: no cover - Windows cannot open folders
        return
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):  # deleted in the meantime
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def remove_empty(folder: Path, top: Path) -> None:
    """Delete a folder and its parents while they are empty, but never `top`."""
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def last_touched(path: Path) -> float:
    """Return when a file was written or linked, in seconds since the epoch; 0 if it is missing."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0
    return max(status.st_mtime, status.st_ctime)


def _write_sparse(file: BinaryIO, piece: bytes) -> None:
    """Write a piece without its trailing zeros, so that they use no space on file systems that support sparse files.

    The caller must set the length of a file whose trailing zeros were skipped.
    """
    if len(piece) < _SPARSE or piece[-1]:
        file.write(piece)
        return
    end = len(piece)
    while end >= len(_ZEROS) and piece[end - len(_ZEROS) : end] == _ZEROS:
        end -= len(_ZEROS)
    file.write(piece[:end])
    file.seek(len(piece) - end, os.SEEK_CUR)


def _copy_in_kernel(source: BinaryIO, target: BinaryIO, length: int) -> bool:
    """Copy between two files in the kernel; return False if nothing was copied because it is unsupported."""
    if not hasattr(os, "copy_file_range"):  # pragma: no cover - only Linux has it
        return False
    start, done = source.tell(), 0
    while done < length:
        try:
            count = os.copy_file_range(source.fileno(), target.fileno(), length - done, start + done)
        except OSError:
            if done:
                raise
            return False
        if not count:
            raise EOFError("a file in the store is shorter than its recorded size")
        done += count
    target.seek(0, os.SEEK_END)  # copy_file_range moved the descriptor, not the file object
    return True


def _copy_pieces(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length:
        piece = source.read(min(PIECE, length))
        if not piece:
            raise EOFError("a file in the store is shorter than its recorded size")
        target.write(piece)
        length -= len(piece)
