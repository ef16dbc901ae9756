"""What the disk says when it fails, and locks of files between processes."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itwin_imodels.errors import TransferError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}

if sys.platform == "win32":  # pragma: no cover - the other branch there
    import msvcrt

    _BEYOND = 1 << 62

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this process if nobody else has; closing it unlocks."""
        import os  # noqa: PLC0415 - only here

        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this process if nobody else has; closing it unlocks."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def disk_errors(path: Path, what: str) -> Iterator[None]:
    """Turn failures of the disk into the package's error.

    Args:
        path: The file.
        what: What was done to it, such as `written`.

    Raises:
        TransferError: The disk failed.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = f"there is no space left for it ({error.strerror})"
        else:
            reason = error.strerror or type(error).__name__
        raise TransferError(f"{path} cannot be {what}: {reason}") from error
