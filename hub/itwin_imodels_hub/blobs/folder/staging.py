"""Uncommitted blocks: kept apart from blobs, across restarts, until they are committed or dropped."""

import shutil
import time
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from itwin_imodels_hub.blobs.folder.records import Block
from itwin_imodels_hub.blobs.folder.turns import Turn
from itwin_imodels_hub.blobs.folder.walk import names_below
from itwin_imodels_hub.blobs.folder.writing import Incoming, last_touched, remove_empty
from itwin_imodels_hub.blobs.name_syntax import folder_of

MAX_UNCOMMITTED_BLOCKS = 100_000


class BlockIdLengthError(ValueError):
    """The id of a block is not as long as those of the other blocks of its blob."""


class TooManyBlocksError(ValueError):
    """A blob has as many uncommitted blocks as it may have."""


class Staging:
    """A folder of uncommitted blocks: a folder for each blob, a file for each block."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        """Use `folder`, which is made when needed; `shared` says whether other processes do, too."""
        self._folder = folder
        self._lock = Turn(folder.with_name(f"{folder.name}.lock") if shared else None)
        # How many blocks a blob has and how long their ids are: looking each time would take quadratic time. It holds
        # for the time of the folder's last change that stands beside it: another process may have put blocks there.
        self._seen: dict[str, tuple[int, int, int]] = {}

    def put(self, name: str, block_id: str, content: Incoming) -> None:
        """Keep a finished block, in place of one with the same id.

        Raises:
            BlockIdLengthError: Other blocks of the blob have ids of another length.
            TooManyBlocksError: The blob has its fill of uncommitted blocks.
        """
        target = self.path(name, block_id)
        with self._lock:
            seen = self._seen.get(name)
            count, id_length = seen[1:] if seen and seen[0] == _changed(target.parent) else _look(target.parent)
            if count and id_length != len(target.name):
                raise BlockIdLengthError
            is_new = not target.exists()
            if is_new and count >= MAX_UNCOMMITTED_BLOCKS:
                raise TooManyBlocksError
            target.parent.mkdir(parents=True, exist_ok=True)
            content.path.replace(target)
            self._seen[name] = _changed(target.parent), count + is_new, len(target.name)

    def blocks(self, name: str) -> list[Block]:
        """List the uncommitted blocks of a blob in the order of their ids."""
        found = []
        for path in _files(self._folder / folder_of(name)):
            try:
                found.append(Block(b64encode(bytes.fromhex(path.name)).decode(), path.stat().st_size))
            except FileNotFoundError:  # committed or dropped meanwhile
                continue
        return sorted(found, key=lambda block: block.block_id)

    def path(self, name: str, block_id: str) -> Path:
        """Say where an uncommitted block is kept, if it is there."""
        return self._folder / folder_of(name) / a2b_base64(block_id).hex()

    def names(self, prefix: str) -> list[str]:
        """List the blobs with uncommitted blocks whose names begin with `prefix`."""
        return names_below(self._folder, prefix)

    def drop(self, name: str) -> None:
        """Forget all uncommitted blocks of a blob."""
        with self._lock:
            self._drop(name)

    def drop_older(self, age: timedelta) -> None:
        """Forget the uncommitted blocks of blobs that got no block for as long as `age`."""
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


def _changed(folder: Path) -> int:
    """Say when a folder changed last, in nanoseconds since the epoch; 0 when it is gone."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _look(folder: Path) -> tuple[int, int]:
    names = [path.name for path in _files(folder)]
    return len(names), len(names[0]) if names else 0
