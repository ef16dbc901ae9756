"""A folder of blobs with atomic writes and deletions; see `versions`."""

import contextlib
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from itwin_imodels_hub.blobs.folder.cross_process_lock import CrossProcessLock
from itwin_imodels_hub.blobs.folder.records import (
    BlobInfo,
    Block,
    BlockSource,
)
from itwin_imodels_hub.blobs.folder.staging import Staging
from itwin_imodels_hub.blobs.folder.versions import Precondition, Versions
from itwin_imodels_hub.blobs.folder.writing import (
    PIECE,
    Incoming,
    last_touched,
)
from itwin_imodels_hub.blobs.name_syntax import folder_of

DEFAULT_CONTENT_TYPE = "application/octet-stream"


class UnknownBlockError(KeyError):
    """A block list names a block that does not exist."""


def _allow(_: BlobInfo | None) -> None:
    """Accept every change."""


class FolderBlobStore:
    """Blobs in a folder, for one process with any number of threads, or for several processes that share it.

    A version never changes; a write creates new files. Names are keys with segments separated by `/`; every method
    raises ValueError for an invalid name.
    """

    def __init__(
        self, folder: Path, *, now: Callable[[], datetime] | None = None, durable: bool = True, shared: bool = False
    ) -> None:
        """Use `folder`, created if missing.

        Args:
            folder: Folder of all files, on one file system.
            now: Clock for `last_modified`; None is the system clock.
            durable: Whether writes wait for the disk. If False, blobs survive a crash of the process but not of the
                machine, which is sufficient for tests.
            shared: Whether other processes also use the folder; all must pass True.
        """
        self._temporary = folder / "incoming"
        self._staging = Staging(folder / "blocks", shared=shared)
        self._now = now or (lambda: datetime.now(UTC))
        self._durable = durable
        lock = CrossProcessLock(folder / "lock" if shared else None)
        self._versions = Versions(folder / "blobs", self._temporary, lock, durable=durable)

    # Reading.

    def info(self, name: str) -> BlobInfo | None:
        """Return the metadata of a blob, or None if it is missing."""
        return self._versions.info(name)

    def size(self, name: str) -> int | None:
        """Return the size of a blob in bytes, or None if it is missing."""
        info = self.info(name)
        return None if info is None else info.size

    def path(self, name: str) -> Path:
        """Return the path of the content of a blob, for reading only; the next write of the blob deletes the file.

        Raises:
            KeyError: The blob is missing.
        """
        return self._versions.path(name, self._versions.require(name))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yield the path of the content of a blob, for reading while no one writes the blob; see `path`."""
        yield self.path(name)

    def read(self, name: str) -> bytes:
        """Return the content of a small blob.

        Raises:
            KeyError: The blob is missing.
        """
        _, file = self.open(name)
        with file:
            return file.read()

    def etag(self, name: str) -> str:
        """Return the entity tag of a blob, including quotes; it differs after each write.

        Raises:
            KeyError: The blob is missing.
        """
        return self._versions.require(name).etag

    def content_md5(self, name: str) -> str | None:
        """Return the base64 MD5 of a blob; None if it was committed from blocks without one.

        Raises:
            KeyError: The blob is missing.
        """
        return self._versions.require(name).content_md5

    def last_modified(self, name: str) -> datetime:
        """Return the commit time of a blob, UTC, in whole seconds.

        Raises:
            KeyError: The blob is missing.
        """
        return self._versions.require(name).last_modified

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """Return the sorted names of the blobs that start with `prefix`; see `BlobStore`."""
        if unchanged_for:
            latest = self._now() - unchanged_for
            infos = {name: self.info(name) for name in self.names(prefix)}
            return [name for name, info in infos.items() if info is not None and info.last_modified <= latest]
        return self._versions.names(prefix)

    def open(self, name: str) -> tuple[BlobInfo, BinaryIO]:
        """Open a blob for reading; the open file remains readable if the blob is replaced or deleted.

        Raises:
            KeyError: The blob is missing.
        """
        return self._versions.open(name)

    # Writing.

    def incoming(self) -> Incoming:
        """Return a writer for new content; after writing, `commit` or `stage` it; always `discard` it at the end."""
        return Incoming(self._temporary, durable=self._durable)

    def commit(
        self,
        name: str,
        content: Incoming,
        *,
        content_type: str = DEFAULT_CONTENT_TYPE,
        precondition: Precondition = _allow,
    ) -> BlobInfo:
        """Store content as a blob and drop the uncommitted blocks of the blob.

        Args:
            name: Name of the blob; an existing one is replaced.
            content: Whole content.
            content_type: Media type.
            precondition: Called immediately before the change, while the store is locked.

        Returns:
            The metadata of the new version.
        """
        content.finish()
        info = self._describe(content.size, content_type, b64encode(content.md5).decode())
        self._versions.replace(name, info, content, precondition=precondition)
        self._staging.drop(name)
        return info

    def add(self, name: str, content: bytes, *, content_type: str = DEFAULT_CONTENT_TYPE) -> None:
        """Write or replace a small blob.

        Args:
            name: Name of the blob.
            content: Whole content.
            content_type: Media type.
        """
        folder_of(name)
        with self.incoming() as incoming:
            incoming.write([content])
            self.commit(name, incoming, content_type=content_type)

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file into the store.

        Args:
            name: Name of the blob; an existing one is replaced.
            source: The file; it is only read.
        """
        folder_of(name)
        with self.incoming() as content, source.open("rb") as file:
            while piece := file.read(PIECE):
                content.write([piece])
            self.commit(name, content)

    def copy(self, source: str, target: str) -> None:
        """Copy a blob; both share the disk space if the file system supports hard links.

        Args:
            source: Name of the blob to copy.
            target: Name of the copy; an existing blob is replaced.

        Raises:
            KeyError: The blob `source` is missing.
        """
        folder_of(target)
        info, file = self.open(source)
        with file, self.incoming() as content:
            if not content.link(self._versions.path(source, info), info.size):
                content.append(file, info.size)
                content.finish()
            copied = self._describe(info.size, info.content_type, info.content_md5)
            self._versions.replace(target, copied, content, precondition=_allow)
        self._staging.drop(target)

    def delete(self, name: str) -> None:
        """Delete a blob and its uncommitted blocks, if they exist."""
        self.discard(name)

    def discard(self, name: str, *, precondition: Precondition = _allow) -> bool:
        """Delete a blob and its uncommitted blocks.

        Args:
            name: The blob.
            precondition: Called immediately before the change, while the store is locked, if the blob exists.

        Returns:
            Whether the blob existed.
        """
        existed = self._versions.delete(name, precondition)
        self._staging.drop(name)
        return existed

    def delete_all(self, prefix: str) -> None:
        """Delete the blobs whose names start with `prefix`, and their uncommitted blocks; see `BlobStore`."""
        for name in [*self._versions.names(prefix, leftovers=True), *self._staging.names(prefix)]:
            self.delete(name)

    # Blocks.

    def stage(self, name: str, block_id: str, content: Incoming) -> None:
        """Store content as an uncommitted block; it replaces one with the same id.

        Args:
            name: The blob that the block is for, which need not exist.
            block_id: Block id in base64; the ids of all blocks of a blob must have the same length.
            content: The block.

        Raises:
            BlockIdLengthError: Other blocks of the blob have ids of a different length.
            TooManyBlocksError: The blob already has the maximum number of uncommitted blocks.
        """
        content.finish()
        self._staging.put(name, block_id, content)

    def uncommitted(self, name: str) -> list[Block]:
        """Return the uncommitted blocks of a blob, sorted by id."""
        return self._staging.blocks(name)

    def committed(self, name: str) -> list[Block]:
        """Return the blocks that a blob was committed from, in order; empty if it was written whole or is missing."""
        info = self.info(name)
        return [] if info is None else self._versions.blocks(name, info)

    def commit_blocks(
        self,
        name: str,
        entries: Iterable[tuple[BlockSource, str]],
        *,
        content_type: str = DEFAULT_CONTENT_TYPE,
        content_md5: str | None = None,
        precondition: Precondition = _allow,
    ) -> BlobInfo:
        """Commit a list of blocks as a blob; its other uncommitted blocks are dropped.

        Args:
            name: The blob.
            entries: Blocks of the blob in order, each with the list to look it up in.
            content_type: Media type.
            content_md5: The base64 MD5 of the whole content as sent by the client, not verified; None if it sent none.
            precondition: Called first, and again immediately before the change, while the store is locked.

        Returns:
            The metadata of the new version.

        Raises:
            UnknownBlockError: A block is missing from the list that its entry names.
        """
        precondition(self.info(name))
        with self.incoming() as content:
            blocks = self._concatenate(name, entries, content)
            content.finish()
            info = self._describe(content.size, content_type, content_md5)
            self._versions.replace(name, info, content, blocks=blocks, precondition=precondition)
        self._staging.drop(name)
        return info

    def drop_uncommitted(self, older_than: timedelta) -> None:
        """Delete old uncommitted blocks and temporary files of unfinished writes, and all files of replaced versions.

        Args:
            older_than: Minimum time since the last activity. A value shorter than the longest upload breaks running
                uploads.
        """
        self._staging.drop_older(older_than)
        limit = time.time() - older_than.total_seconds()
        if self._temporary.is_dir():
            for path in self._temporary.iterdir():
                if last_touched(path) <= limit:
                    path.unlink(missing_ok=True)
        self._versions.sweep()

    # Helpers.

    def _concatenate(self, name: str, entries: Iterable[tuple[BlockSource, str]], content: Incoming) -> list[Block]:
        blocks = []
        with ExitStack() as opened:
            present: dict[str, tuple[BinaryIO, int, int]] = {}
            with contextlib.suppress(KeyError):
                info, file = self.open(name)
                opened.enter_context(file)
                offset = 0
                for block in self._versions.blocks(name, info):
                    present[block.block_id] = (file, offset, block.size)
                    offset += block.size
            for source, block_id in entries:
                size = self._append_staged(name, block_id, content) if source != "Committed" else None
                if size is None:
                    if source == "Uncommitted" or block_id not in present:
                        raise UnknownBlockError(block_id)
                    file, offset, size = present[block_id]
                    file.seek(offset)
                    content.append(file, size)
                blocks.append(Block(block_id, size))
        return blocks

    def _append_staged(self, name: str, block_id: str, content: Incoming) -> int | None:
        """Append an uncommitted block and return its size; return None if it is missing."""
        try:
            with self._staging.path(name, block_id).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(0)
                content.append(file, size)
                return size
        except FileNotFoundError:
            return None

    def _describe(self, size: int, content_type: str, md5: str | None) -> BlobInfo:
        return BlobInfo(
            version=uuid4().hex,
            size=size,
            etag=f'"0x{secrets.token_hex(8).upper()}"',
            content_md5=md5,
            content_type=content_type,
            last_modified=self._now().astimezone(UTC).replace(microsecond=0),
        )
