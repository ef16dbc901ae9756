"""Files and folders that only their owner may read: data folders contain secrets, and so do dumps."""

import os
from pathlib import Path
from typing import BinaryIO, Literal

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


def private_folder(path: Path) -> None:
    """Create a folder, with missing parents, or take the access of others away from an existing one.

    Raises:
        OSError: The folder cannot be created, or belongs to somebody else and others may access it.
    """
    path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & 0o077:  # Windows has no such modes
        path.chmod(_FOLDER_MODE)


def private_file(path: Path) -> None:
    """Create an empty file unless it exists, and take the access of others away from an existing one."""
    os.close(_opened(str(path), os.O_RDWR | os.O_CREAT))
    if os.name != "nt" and path.stat().st_mode & 0o077:
        path.chmod(_FILE_MODE)


def open_private(path: Path, mode: Literal["ab", "wb", "xb"]) -> BinaryIO:
    """Open a file for writing; a new one is private."""
    return open(path, mode, opener=_opened)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)
