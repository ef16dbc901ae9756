"""Small files, which are written in a single step, so that a killed process leaves no partial file behind."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from itwin_imodels._transfer.partial_file import PART

SMALL: Final = 1 << 20
"""Maximum size in bytes of files that are downloaded in a single step: resuming them would cost more than it saves."""

_NAMELESS: Final = getattr(os, "O_TMPFILE", None)


class Folders:
    """The contents of folders when an operation first used them. Safe to use from any thread.

    Listing a folder once saves several system calls for each file, each of which releases the GIL.
    """

    def __init__(self) -> None:
        """Create an empty cache."""
        self._names: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def is_free(self, target: Path) -> bool:
        """Return whether the folder of a target exists and contains neither the target nor its part file."""
        folder, name = os.path.split(target)
        with self._lock:
            names = self._names.get(folder)
            if names is None:
                try:
                    names = self._names[folder] = frozenset(each.name for each in os.scandir(folder or "."))
                except OSError:
                    return False
        return name not in names and f"{name}{PART}" not in names


def write_whole(target: Path, content: bytes) -> bool:
    """Write a new file, which appears only when complete; return False if that fails, or if the file now exists."""
    if _NAMELESS is None:
        return False
    with suppress(OSError):
        file = os.open(target.parent, os.O_WRONLY | _NAMELESS, 0o666)
        try:
            if os.write(file, content) == len(content):
                # Python asks the system to follow the link only if `src_dir_fd` is given, which is unused here.
                os.link(f"/proc/self/fd/{file}", target, src_dir_fd=file, follow_symlinks=True)
                return True
        finally:
            os.close(file)
    return False
