"""The folder of blobs: whole versions that appear, replace each other and go in one step each.

Each blob has a folder with the content of its version (`<version>.data`), the list of blocks it was made of
(`<version>.blocks`, when it was) and `head.json`, which names the version and holds what is known of it. A write makes
the files of a new version and then renames a new head over the old one: that rename is the moment of the change, so
content and record belong together whenever the process ends. Versions that no head names are left-overs and are swept.
"""

import contextlib
import secrets
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from itwin_imodels_hub.blobs.folder.records import (
    BlobInfo,
    Block,
    BlockSource,
    dump_blocks,
    dump_info,
    load_blocks,
    load_info,
)
from itwin_imodels_hub.blobs.folder.staging import Staging
from itwin_imodels_hub.blobs.folder.turns import Turn
from itwin_imodels_hub.blobs.folder.walk import names_below
from itwin_imodels_hub.blobs.folder.writing import (
    PIECE,
    Incoming,
    last_touched,
    make_folder,
    remove_empty,
    sync_folders,
    write_whole,
)
from itwin_imodels_hub.blobs.name_syntax import folder_of

DEFAULT_CONTENT_TYPE = "application/octet-stream"

Precondition = Callable[[BlobInfo | None], None]
"""Looks at the blob that is about to be replaced (None: there is none) and raises when it must stay."""


_HEAD = "head.json"


class UnknownBlockError(KeyError):
    """A block list names a block that is not there."""


def _allow(_: BlobInfo | None) -> None:
    """Precondition that lets everything pass."""


class FolderBlobStore:
    """Blobs in a folder, for one process with any number of threads, or for several processes that share it.

    A blob never changes: writing one anew makes other files. Names are keys with `/` between their segments; a name
    that no blob can have raises ValueError, also where not mentioned.
    """

    def __init__(
        self, folder: Path, *, now: Callable[[], datetime] | None = None, durable: bool = True, shared: bool = False
    ) -> None:
        """Use `folder`, which is made when needed.

        Args:
            folder: Where everything is kept, on one file system.
            now: Clock for `last_modified`; the system's by default.
            durable: Wait until the disk has what was written. Without it a blob survives the end of the process but not
                that of the machine, which suits tests.
            shared: Whether other processes, who say so too, work on the folder.
        """
        self._blobs = folder / "blobs"
        self._temporary = folder / "incoming"
        self._staging = Staging(folder / "blocks", shared=shared)
        self._now = now or (lambda: datetime.now(UTC))
        self._durable = durable
        self._lock = Turn(folder / "lock" if shared else None)

    # What is there.

    def info(self, name: str) -> BlobInfo | None:
        """Give what is known of a blob; None when there is none."""
        return _info(self._blobs / folder_of(name))

    def size(self, name: str) -> int | None:
        """Give the length of a blob in bytes; None when there is none."""
        info = self.info(name)
        return None if info is None else info.size

    def path(self, name: str) -> Path:
        """Give the file with the content of a blob: to read, never to write; it goes with the next write of the blob.

        Raises:
            KeyError: There is no such blob.
        """
        return self._content(name, self._known(name))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give the file with the content of a blob, to read, for as long as nobody writes the blob; see `path`."""
        yield self.path(name)

    def read(self, name: str) -> bytes:
        """Give the content of a small blob.

        Raises:
            KeyError: There is no such blob.
        """
        _, file = self.open(name)
        with file:
            return file.read()

    def etag(self, name: str) -> str:
        """Give the entity tag of a blob, quotes included; each write makes a new one.

        Raises:
            KeyError: There is no such blob.
        """
        return self._known(name).etag

    def content_md5(self, name: str) -> str | None:
        """Give the MD5 of a blob in base64; None when it was committed from blocks without one.

        Raises:
            KeyError: There is no such blob.
        """
        return self._known(name).content_md5

    def last_modified(self, name: str) -> datetime:
        """Give the time a blob was committed, UTC, whole seconds.

        Raises:
            KeyError: There is no such blob.
        """
        return self._known(name).last_modified

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """List the blobs whose names begin with `prefix`, sorted; see `BlobStore`."""
        if unchanged_for:
            latest = self._now() - unchanged_for
            infos = {name: self.info(name) for name in self.names(prefix)}
            return [name for name, info in infos.items() if info is not None and info.last_modified <= latest]
        return [name for name in names_below(self._blobs, prefix) if (self._blobs / folder_of(name) / _HEAD).exists()]

    def open(self, name: str) -> tuple[BlobInfo, BinaryIO]:
        """Open a blob for reading; the open file stays whole when the blob is replaced or deleted.

        Raises:
            KeyError: There is no such blob.
        """
        while True:
            info = self._known(name)
            try:
                return info, self._content(name, info).open("rb")
            except FileNotFoundError:
                # Replaced between the two steps: the new head names the new file. Anything else is damage.
                if self.info(name) == info:
                    raise

    # Writing.

    def incoming(self) -> Incoming:
        """Begin content that is not in the store yet: write to it, then `commit` or `stage` it, and `discard` it."""
        return Incoming(self._temporary, durable=self._durable)

    def commit(
        self,
        name: str,
        content: Incoming,
        *,
        content_type: str = DEFAULT_CONTENT_TYPE,
        precondition: Precondition = _allow,
    ) -> BlobInfo:
        """Make content the blob of this name; its uncommitted blocks are dropped.

        Args:
            name: The blob.
            content: All of its content.
            content_type: Media type for readers.
            precondition: Asked in the moment of the change.

        Returns:
            What is known of the new version.
        """
        content.finish()
        info = self._describe(content.size, content_type, b64encode(content.md5).decode())
        self._swap(name, info, content, precondition=precondition)
        return info

    def add(self, name: str, content: bytes, *, content_type: str = DEFAULT_CONTENT_TYPE) -> None:
        """Make a small blob, or replace it.

        Args:
            name: The blob to make or replace.
            content: All of its content.
            content_type: Media type for readers.
        """
        folder_of(name)
        with self.incoming() as incoming:
            incoming.write([content])
            self.commit(name, incoming, content_type=content_type)

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file into the store.

        Args:
            name: The blob to make or replace.
            source: The file; it is only read.
        """
        folder_of(name)
        with self.incoming() as content, source.open("rb") as file:
            while piece := file.read(PIECE):
                content.write([piece])
            self.commit(name, content)

    def copy(self, source: str, target: str) -> None:
        """Make a second blob of the same content, sharing its disk space where the file system can.

        Args:
            source: A blob.
            target: The blob to make or replace.

        Raises:
            KeyError: There is no blob `source`.
        """
        folder_of(target)
        info, file = self.open(source)
        with file, self.incoming() as content:
            if not content.link(self._content(source, info), info.size):
                content.append(file, info.size)
                content.finish()
            self._swap(target, self._describe(info.size, info.content_type, info.content_md5), content)

    def delete(self, name: str) -> None:
        """Remove a blob and its uncommitted blocks; nothing happens when there is none."""
        self.discard(name)

    def discard(self, name: str, *, precondition: Precondition = _allow) -> bool:
        """Remove a blob and its uncommitted blocks.

        Args:
            name: The blob.
            precondition: Asked in the moment of the change, if there is a blob.

        Returns:
            Whether there was a blob.
        """
        folder = self._blobs / folder_of(name)
        with self._lock:
            info = _info(folder)
            if info is not None:
                precondition(info)
            if folder.exists():
                # The head first: from then on there is no blob.
                (folder / _HEAD).unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
                remove_empty(folder.parent, self._blobs)
        self._staging.drop(name)
        return info is not None

    def delete_all(self, prefix: str) -> None:
        """Remove all blobs whose names begin with `prefix`, and their blocks. End it with `/` to mean a folder."""
        for name in [*names_below(self._blobs, prefix), *self._staging.names(prefix)]:
            self.delete(name)

    # Blocks.

    def stage(self, name: str, block_id: str, content: Incoming) -> None:
        """Keep content as an uncommitted block, in place of one with the same id.

        Args:
            name: The blob it is meant for, which need not exist.
            block_id: Base64, of the same length for all blocks of a blob.
            content: The block.

        Raises:
            BlockIdLengthError: Other blocks of the blob have ids of another length.
            TooManyBlocksError: The blob has its fill of uncommitted blocks.
        """
        content.finish()
        self._staging.put(name, block_id, content)

    def uncommitted(self, name: str) -> list[Block]:
        """List the uncommitted blocks of a blob in the order of their ids."""
        return self._staging.blocks(name)

    def committed(self, name: str) -> list[Block]:
        """List the blocks a blob was committed from, in order; none when it was written in one go or is not there."""
        info = self.info(name)
        return [] if info is None else self._committed(name, info)

    def commit_blocks(
        self,
        name: str,
        entries: Iterable[tuple[BlockSource, str]],
        *,
        content_type: str = DEFAULT_CONTENT_TYPE,
        content_md5: str | None = None,
        precondition: Precondition = _allow,
    ) -> BlobInfo:
        """Make a blob of blocks; its other uncommitted blocks are dropped.

        Args:
            name: The blob.
            entries: Its blocks in order, each with the list it is looked for in.
            content_type: Media type for readers.
            content_md5: Base64 of the MD5 of the whole, kept as the client gave it.
            precondition: Asked in the moment of the change.

        Returns:
            What is known of the new version.

        Raises:
            UnknownBlockError: A block is not in the list it is looked for in.
        """
        precondition(self.info(name))
        with self.incoming() as content:
            blocks = self._concatenate(name, entries, content)
            content.finish()
            info = self._describe(content.size, content_type, content_md5)
            self._swap(name, info, content, blocks=blocks, precondition=precondition)
            return info

    def drop_uncommitted(self, older_than: timedelta) -> None:
        """Forget what was begun and not finished: blocks of blobs that got none for this long, and left-over files.

        Args:
            older_than: How long ago the last sign of life must be. Shorter than the longest upload, it takes files away
                from uploads under way.
        """
        self._staging.drop_older(older_than)
        limit = time.time() - older_than.total_seconds()
        if self._temporary.is_dir():
            for path in self._temporary.iterdir():
                if last_touched(path) <= limit:
                    path.unlink(missing_ok=True)
        for name in names_below(self._blobs, ""):
            with self._lock:
                self._sweep(self._blobs / folder_of(name))

    # How it is done.

    def _known(self, name: str) -> BlobInfo:
        info = self.info(name)
        if info is None:
            raise KeyError(name)
        return info

    def _content(self, name: str, info: BlobInfo) -> Path:
        return self._blobs / folder_of(name) / f"{info.version}.data"

    def _committed(self, name: str, info: BlobInfo) -> list[Block]:
        try:
            return load_blocks(self._content(name, info).with_suffix(".blocks").read_bytes())
        except FileNotFoundError:
            return []

    def _concatenate(self, name: str, entries: Iterable[tuple[BlockSource, str]], content: Incoming) -> list[Block]:
        blocks = []
        with ExitStack() as opened:
            present: dict[str, tuple[BinaryIO, int, int]] = {}
            with contextlib.suppress(KeyError):
                info, file = self.open(name)
                opened.enter_context(file)
                offset = 0
                for block in self._committed(name, info):
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
        """Append an uncommitted block and give its size; None when there is none."""
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

    def _swap(
        self,
        name: str,
        info: BlobInfo,
        content: Incoming,
        *,
        blocks: list[Block] | None = None,
        precondition: Precondition = _allow,
    ) -> None:
        """Make finished content the present version."""
        folder = self._blobs / folder_of(name)
        moves = [(content.path, folder / f"{info.version}.data")]
        try:
            if blocks:
                moves.append((self._small_file(dump_blocks(blocks)), folder / f"{info.version}.blocks"))
            moves.append((self._small_file(dump_info(info)), folder / _HEAD))  # the last: this is the change
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
        self._staging.drop(name)

    def _small_file(self, data: bytes) -> Path:
        path = self._temporary / uuid4().hex
        write_whole(path, data, durable=self._durable)
        return path

    def _sweep(self, folder: Path) -> None:
        """Remove from the folder of a blob what its head does not name; with the lock held, nobody else needs it."""
        info = _info(folder)
        kept = {_HEAD, f"{info.version}.data", f"{info.version}.blocks"} if info else set()
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name not in kept:
                with contextlib.suppress(OSError):  # still open, where that forbids removal: the next sweep gets it
                    path.unlink()
        if info is None:
            remove_empty(folder, self._blobs)


def _info(folder: Path) -> BlobInfo | None:
    try:
        return load_info((folder / _HEAD).read_bytes())
    except FileNotFoundError:
        return None
