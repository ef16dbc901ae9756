"""Read and write open files at any position from several threads, and copy files efficiently."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path

_COPIED_AT_ONCE = 64 << 20
_READ_AT_ONCE = 1 << 20

if sys.platform == "win32":  # pragma: no cover - covered on other systems

    def write_at(file: FileIO, content: memoryview, offset: int, lock: threading.Lock) -> int:
        """Write at a position, and return the number of bytes written."""
        with lock:
            file.seek(offset)
            return file.write(content)

    def read_at(file: FileIO, buffer: memoryview, offset: int, lock: threading.Lock) -> int:
        """Read from a position, and return the number of bytes read."""
        with lock:
            file.seek(offset)
            return file.readinto(buffer)
else:

    def write_at(file: FileIO, content: memoryview, offset: int, _: threading.Lock) -> int:
        """Write at a position, and return the number of bytes written."""
        return os.pwrite(file.fileno(), content, offset)

    def read_at(file: FileIO, buffer: memoryview, offset: int, _: threading.Lock) -> int:
        """Read from a position, and return the number of bytes read."""
        return os.preadv(file.fileno(), [buffer], offset)


if sys.platform == "linux":
    import fcntl

    _FICLONE = 0x40049409

    def _share(source: FileIO, file: FileIO) -> bool:
        """Share the content of another file, if the file system supports it; return whether it does."""
        try:
            fcntl.ioctl(file.fileno(), _FICLONE, source.fileno())
        except OSError:
            return False
        return True

    def _copy_inside(source: FileIO, file: FileIO, count: int) -> int:
        """Copy within the operating system; return the number of bytes copied, 0 if it does not support that."""
        with suppress(OSError):
            return os.copy_file_range(source.fileno(), file.fileno(), count)
        return 0
else:  # pragma: no cover - covered on other systems

    def _share(_: FileIO, __: FileIO) -> bool:
        """Return False: sharing is not supported."""
        return False

    def _copy_inside(_: FileIO, __: FileIO, ___: int) -> int:
        """Return 0: copying within the operating system is not supported."""
        return 0


def copy_into(old: Path, file: FileIO, check: Callable[[], None]) -> None:
    """Copy the content of another file into an empty one; they share it if the file system supports that.

    Args:
        old: The file to copy.
        file: The empty file.
        check: Called regularly; an exception that it raises aborts the work.
    """
    with old.open("rb", buffering=0) as source:
        if _share(source, file):
            return
        file.seek(0)
        while _copy_some(source, file):
            check()


def _copy_some(source: FileIO, file: FileIO) -> int:
    copied = _copy_inside(source, file, _COPIED_AT_ONCE)
    if copied:
        return copied
    content = memoryview(source.read(_READ_AT_ONCE))
    left = content
    while left:
        left = left[file.write(left) :]
    return len(content)
