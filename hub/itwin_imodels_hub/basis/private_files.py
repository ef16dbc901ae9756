"""Files and folders that only their owner may read, because data folders and dumps contain secrets."""

import os
from pathlib import Path
from typing import BinaryIO, Literal

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


def private_folder(path: Path) -> None:
    """Create a folder with its missing parents, or remove the access of others from an existing folder.

    Raises:
        OSError: The folder cannot be created, or it belongs to another user and is not private.
    """
    path.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    if os.name != "nt" and path.stat().st_mode & 0o077:  # Windows has no such modes
        path.chmod(_FOLDER_MODE)


def private_file(path: Path) -> None:
    """Create an empty file, or remove the access of others from an existing file."""
    os.close(_opened(str(path), os.O_RDWR | os.O_CREAT))
    if os.name != "nt" and path.stat().st_mode & 0o077:
        path.chmod(_FILE_MODE)


def open_private(path: Path, mode: Literal["ab", "wb", "xb"]) -> BinaryIO:
    """Open a file for writing; a new file is private."""
    return open(path, mode, opener=_opened)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)
