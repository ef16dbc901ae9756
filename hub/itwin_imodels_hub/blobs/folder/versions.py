"""The versions of blobs in a folder, which replace each other atomically.

Each blob has a folder with the content of its current version (`<version>.data`), the list of its blocks if it was
committed from blocks (`<version>.blocks`), and `head.json`, which names the version and contains its metadata. A write
creates the files of a new version, then renames a new head over the old one. This rename makes the change atomic:
content and metadata always match, even if the process is killed. Versions that are not named by a head are deleted by a
sweep.
"""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from itwin_imodels_hub.blobs.folder.cross_process_lock import CrossProcessLock
from itwin_imodels_hub.blobs.folder.records import BlobInfo, Block, dump_blocks, dump_info, load_blocks, load_info
from itwin_imodels_hub.blobs.folder.walk import names_below
from itwin_imodels_hub.blobs.folder.writing import Incoming, make_folder, remove_empty, sync_folders, write_whole
from itwin_imodels_hub.blobs.name_syntax import folder_of

Precondition = Callable[[BlobInfo | None], None]
"""Receives the blob to be replaced or deleted, None if there is none, and raises an exception to prevent the change."""

_HEAD = "head.json"


class Versions:
    """The current version of each blob."""

    def __init__(self, folder: Path, temporary: Path, lock: CrossProcessLock, *, durable: bool) -> None:
        """Use `folder`; `temporary` must be on the same file system, and `lock` protects all changes."""
        self._folder = folder
        self._temporary = temporary
        self._lock = lock
        self._durable = durable

    def names(self, prefix: str, *, leftovers: bool = False) -> list[str]:
        """Return the sorted names of blobs that start with `prefix`; `leftovers` includes blobs with old files only."""
        names = names_below(self._folder, prefix)
        return [name for name in names if leftovers or (self._folder / folder_of(name) / _HEAD).exists()]

    def info(self, name: str) -> BlobInfo | None:
        """Return the metadata of a blob, or None if it is missing."""
        return _info(self._folder / folder_of(name))

    def require(self, name: str) -> BlobInfo:
        """Return the metadata of a blob.

        Raises:
            KeyError: The blob is missing.
        """
        info = self.info(name)
        if info is None:
            raise KeyError(name)
        return info

    def path(self, name: str, info: BlobInfo) -> Path:
        """Return the path of the content of a version; the next write of the blob deletes the file."""
        return self._folder / folder_of(name) / f"{info.version}.data"

    def open(self, name: str) -> tuple[BlobInfo, BinaryIO]:
        """Open a blob for reading; the open file remains readable if the blob is replaced or deleted.

        Raises:
            KeyError: The blob is missing.
        """
        while True:
            info = self.require(name)
            try:
                return info, self.path(name, info).open("rb")
            except FileNotFoundError:
                # If the head has changed, the blob was replaced between the two steps; otherwise it is damaged.
                if self.info(name) == info:
                    raise

    def blocks(self, name: str, info: BlobInfo) -> list[Block]:
        """Return the blocks that a version was committed from, in order; empty if it was written as a whole."""
        try:
            return load_blocks(self.path(name, info).with_suffix(".blocks").read_bytes())
        except FileNotFoundError:
            return []

    def replace(
        self,
        name: str,
        info: BlobInfo,
        content: Incoming,
        *,
        blocks: list[Block] | None = None,
        precondition: Precondition,
    ) -> None:
        """Make finished content the current version.

        Args:
            name: The blob.
            info: Metadata of the new version.
            content: Content of the new version.
            blocks: The blocks that it was committed from; None if it was written as a whole.
            precondition: Called immediately before the change, while the store is locked.
        """
        folder = self._folder / folder_of(name)
        moves = [(content.path, folder / f"{info.version}.data")]
        try:
            if blocks:
                moves.append((self._small_file(dump_blocks(blocks)), folder / f"{info.version}.blocks"))
            moves.append((self._small_file(dump_info(info)), folder / _HEAD))  # last, because this is the change
            with self._lock:
                precondition(_info(folder))
                changed = make_folder(folder)
                for source, target in moves:
                    source.replace(target)
                self._sweep(folder)
        finally:
            for source, _ in moves[1:]:
                source.unlink(missing_ok=True)
        if self._durable:
            sync_folders([folder, *changed])

    def delete(self, name: str, precondition: Precondition) -> bool:
        """Delete a blob and return whether it existed; if it exists, `precondition` is called first."""
        folder = self._folder / folder_of(name)
        with self._lock:
            info = _info(folder)
            if info is not None:
                precondition(info)
            if folder.exists():
                # Delete the head first: without it, the blob does not exist.
                (folder / _HEAD).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
                remove_empty(folder.parent, self._folder)
        return info is not None

    def sweep(self) -> None:
        """Delete files that no head names."""
        for name in self.names("", leftovers=True):
            with self._lock:
                self._sweep(self._folder / folder_of(name))

    def _small_file(self, data: bytes) -> Path:
        path = self._temporary / uuid4().hex
        write_whole(path, data, durable=self._durable)
        return path

    def _sweep(self, folder: Path) -> None:
        """Delete files that the head of a blob does not name; the caller must hold the lock."""
        info = _info(folder)
        kept = {_HEAD, f"{info.version}.data", f"{info.version}.blocks"} if info else set()
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name not in kept:
                with contextlib.suppress(OSError):  # open on Windows: the next sweep deletes it
                    path.unlink()
        if info is None:
            remove_empty(folder, self._folder)


def _info(folder: Path) -> BlobInfo | None:
    try:
        return load_info((folder / _HEAD).read_bytes())
    except FileNotFoundError:
        return None
