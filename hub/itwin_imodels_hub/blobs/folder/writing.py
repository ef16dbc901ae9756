"""Files that are either whole or not there: the only place that writes."""

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self
from uuid import uuid4

PIECE = 1 << 20
"""Bytes read, hashed or written at a time."""

_SPARSE = 1 << 16
"""Length from which on it is worth while to look for zeros."""
_ZEROS = bytes(4096)


class Incoming:
    """Content on its way into the store, in a temporary file that nobody else sees.

    Threads may call it in turn; `discard` waits for a write that is under way.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Prepare a temporary file in `folder`; it is made with the first write."""
        self.path = folder / uuid4().hex
        self._durable = durable
        self._file: BinaryIO | None = None
        self._hash = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._over = False
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Discard the file at the end of the block unless the store took it over."""
        return self

    def __exit__(self, *_: object) -> None:
        """See `__enter__`."""
        self.discard()

    @property
    def size(self) -> int:
        """Bytes written so far."""
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
        """Append `length` bytes from where an open file stands, without hashing them."""
        with self._lock:
            file = self._opened()
            file.truncate()
            file.flush()
            if not _copy_in_kernel(source, file, length):
                _copy_pieces(source, file, length)
            self._size += length

    def link(self, source: Path, length: int) -> bool:
        """Take a file of the store as the finished content without copying; false where that cannot be done."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.hardlink_to(source)
        except OSError:
            return False
        self._size = length
        self._over = True
        return True

    def finish(self) -> None:
        """Close the file with its content on the disk."""
        with self._lock:
            file = self._opened()
            file.truncate()
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
            file.close()
            self._over = True

    def discard(self) -> None:
        """Remove the file; does nothing once it was moved into the store."""
        with self._lock:
            self._over = True
            if self._file is not None:
                # Closing writes what is buffered, which a full disk refuses once more.
                with contextlib.suppress(OSError):
                    self._file.close()
            self.path.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._over:
            raise ValueError("This content was finished or discarded.")
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb")
        return self._file


def write_whole(path: Path, data: bytes, *, durable: bool) -> None:
    """Write a small new file and bring it to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def make_folder(folder: Path) -> list[Path]:
    """Make a folder with those above it.

    Returns:
        The folders whose entries changed by that, to be given to `sync_folders`.
    """
    changed: list[Path] = []
    missing = folder
    while not missing.exists():
        changed.append(missing.parent)
        missing = missing.parent
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def sync_folders(folders: Iterable[Path]) -> None:
    """Bring the entries of folders to the disk, where the system knows how to."""
    if os.name == "nt":  # pragma: no cover - Windows cannot open folders
        return
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):  # deleted meanwhile: nothing left to keep
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder and those above it as long as they are empty, but never `top`."""
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def last_touched(path: Path) -> float:
    """Say when a file was written or linked, in seconds since the epoch; 0 when it is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0
    return max(status.st_mtime, status.st_ctime)


def _write_sparse(file: BinaryIO, piece: bytes) -> None:
    """Write a piece, but pass over the zeros that it ends with: they take no space then, where the system can do that.

    A file that ends with them has to be told its length.
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
    """Let the system copy between two files; false when nothing was copied because it cannot."""
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
            raise EOFError("A file of the store is shorter than recorded.")
        done += count
    target.seek(0, os.SEEK_END)  # the descriptor moved behind the file object's back
    return True


def _copy_pieces(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length:
        piece = source.read(min(PIECE, length))
        if not piece:
            raise EOFError("A file of the store is shorter than recorded.")
        target.write(piece)
        length -= len(piece)
