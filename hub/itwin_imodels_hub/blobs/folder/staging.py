"""Uncommitted blocks, stored separately from blobs until they are committed or dropped."""

import shutil
import time
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from itwin_imodels_hub.blobs.folder.cross_process_lock import CrossProcessLock
from itwin_imodels_hub.blobs.folder.records import Block
from itwin_imodels_hub.blobs.folder.walk import names_below
from itwin_imodels_hub.blobs.folder.writing import Incoming, last_touched, remove_empty
from itwin_imodels_hub.blobs.name_syntax import folder_of

MAX_UNCOMMITTED_BLOCKS = 100_000


class BlockIdLengthError(ValueError):
    """The id of a block differs in length from the other block ids of the blob."""


class TooManyBlocksError(ValueError):
    """A blob already has the maximum number of uncommitted blocks."""


class Staging:
    """A folder of uncommitted blocks, with one folder per blob and one file per block."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        """Use `folder`, created if missing; set `shared` if other processes also use it."""
        self._folder = folder
        self._lock = CrossProcessLock(folder.with_name(f"{folder.name}.lock") if shared else None)
        # Per blob: modification time of the folder, number of blocks and length of their ids. Scanning the folder for
        # each block would take quadratic time. Another process may add blocks, which changes the modification time.
        self._seen: dict[str, tuple[int, int, int]] = {}

    def put(self, name: str, block_id: str, content: Incoming) -> None:
        """Store a finished block; it replaces one with the same id.

        Raises:
            BlockIdLengthError: Other blocks of the blob have ids of a different length.
            TooManyBlocksError: The blob already has the maximum number of uncommitted blocks.
        """
        target = self.path(name, block_id)
        with self._lock:
            seen = self._seen.get(name)
            count, id_length = seen[1:] if seen and seen[0] == _modified_at(target.parent) else _scan(target.parent)
            if count and id_length != len(target.name):
                raise BlockIdLengthError
            is_new = not target.exists()
            if is_new and count >= MAX_UNCOMMITTED_BLOCKS:
                raise TooManyBlocksError
            target.parent.mkdir(parents=True, exist_ok=True)
            content.path.replace(target)
            self._seen[name] = _modified_at(target.parent), count + is_new, len(target.name)

    def blocks(self, name: str) -> list[Block]:
        """Return the uncommitted blocks of a blob, sorted by id."""
        blocks = []
        for path in _files(self._folder / folder_of(name)):
            try:
                blocks.append(Block(b64encode(bytes.fromhex(path.name)).decode(), path.stat().st_size))
            except FileNotFoundError:  # committed or dropped in the meantime
                continue
        return sorted(blocks, key=lambda block: block.block_id)

    def path(self, name: str, block_id: str) -> Path:
        """Return the path of an uncommitted block, whether or not it exists."""
        return self._folder / folder_of(name) / a2b_base64(block_id).hex()

    def names(self, prefix: str) -> list[str]:
        """Return the names, starting with `prefix`, of the blobs that have uncommitted blocks."""
        return names_below(self._folder, prefix)

    def drop(self, name: str) -> None:
        """Delete all uncommitted blocks of a blob."""
        with self._lock:
            self._drop(name)

    def drop_older(self, age: timedelta) -> None:
        """Delete the uncommitted blocks of blobs that have received no block for `age`."""
        limit = time.time() - age.total_seconds()
        for name in self.names(""):
            with self._lock:
                if max(map(last_touched, _files(self._folder / folder_of(name))), default=limit) <= limit:
                    self._drop(name)

    def _drop(self, name: str) -> None:
        self._seen.pop(name, None)
        folder = self._folder / folder_of(name)
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
            remove_empty(folder.parent, self._folder)


def _files(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _modified_at(folder: Path) -> int:
    """Return the modification time of a folder in nanoseconds since the epoch; 0 if it is missing."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _scan(folder: Path) -> tuple[int, int]:
    names = [path.name for path in _files(folder)]
    return len(names), len(names[0]) if names else 0
