"""Download the blocks that the file does not contain yet."""

import hashlib
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from attrs import define, field

from imodel_files.cloud_sqlite import block_digest, block_name
from itwin_imodels._transfer.adaptive import START, Adaptive
from itwin_imodels._transfer.attempts import Attempts
from itwin_imodels._transfer.block_file import PIECE, BlockFile
from itwin_imodels._transfer.block_notes import BlockNotes, Note
from itwin_imodels._transfer.context import Context, refusal
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import digest_text
from itwin_imodels._transfer.layouts import BlockJob, Layout
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.storage import Container, Storage
from itwin_imodels._transfer.wire import OK, StorageResponse
from itwin_imodels.errors import ConnectionFailed, IntegrityError

_NOT_FOUND = 404


class BlockGone(Exception):  # noqa: N818 - not an error yet: the manifest may have changed
    """A block is missing from the storage.

    Attributes:
        place: The index of the block in the database, from 0.
        block_id: The id of the block.
    """

    def __init__(self, place: int, block_id: bytes) -> None:
        """Create the exception for a block."""
        super().__init__(place, block_id)
        self.place = place
        self.block_id = block_id


@define
class Tally:
    """Counts of blocks and bytes. Safe to use from any thread.

    Attributes:
        fetched: Number of blocks that were downloaded.
        received: Number of bytes received for them, including failed attempts.
        reused: Number of blocks that the file already contained.
    """

    fetched: int = 0
    received: int = 0
    reused: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def add(self, *, fetched: int = 0, received: int = 0, reused: int = 0) -> None:
        """Add to the counts."""
        with self._lock:
            self.fetched += fetched
            self.received += received
            self.reused += reused


@define
class BlockDownload:
    """Downloads the blocks of one layout into a file.

    Attributes:
        context: The operation.
        containers: The containers of the blocks.
        layout: The blocks of the database.
        file: The file to write.
        old: The notes of the file that `file` was copied from.
        old_size: Size of that file in bytes; 0 if there was none.
        tally: The counts.
        size: Size of the database in bytes, once it is known.
    """

    context: Context
    containers: Links[Container]
    layout: Layout
    file: BlockFile
    old: BlockNotes | None
    old_size: int
    tally: Tally
    size: int = 0
    workers: Adaptive = field(init=False)
    _progress: FileProgress = field(init=False)
    _sends_md5: bool = True
    """Whether the storage seems to send the MD5 of blocks."""
    _buffers: threading.local = field(factory=threading.local)

    def __attrs_post_init__(self) -> None:
        """Prepare the workers and the counts."""
        self.workers = Adaptive(self.context.options.block_parallelism, START)
        self._progress = self.context.progress.file()

    def learn(self, size: int) -> None:
        """Set the size of the database in bytes, once the first block has arrived."""
        self.size = size
        self._progress.at(self._length(0))

    def rewind(self) -> None:
        """Reset the progress."""
        self._progress.at(0)

    def fetch_block(self, job: BlockJob) -> None:
        """Write a block to all its positions.

        Raises:
            BlockGone: The block is missing from the storage.
            Cancelled: The operation was cancelled.
            ConnectionFailed: The storage could not be reached for too long.
            IntegrityError: The content in the storage does not match the block.
            TransferError: The storage rejected a request, or a file could not be read or written.
        """
        missing = [place for place in job.places if not self._exists(place, job.block_id)]
        if not missing:
            return
        first, *others = missing
        note = Note(job.block_id, self._fetch(first, job.block_id))
        self._record(first, note)
        for place in others:
            self.file.copy(first * self._block_size, place * self._block_size, self._block_size, self._buffer)
            self._record(place, note)

    @property
    def _block_size(self) -> int:
        return self.layout.block_size

    @property
    def _buffer(self) -> bytearray:
        """The buffer of this thread."""
        if not hasattr(self._buffers, "own"):
            self._buffers.own = bytearray(min(self._block_size, PIECE))
        buffer: bytearray = self._buffers.own
        return buffer

    def _length(self, place: int) -> int:
        """Return the number of bytes of a block that belong to the database, as far as that is known."""
        return max(0, min(self._block_size, self.size - place * self._block_size))

    def _record(self, place: int, note: Note) -> None:
        if self.file.noted.get(place) != note:
            self.file.note(place, note)
        self._progress.add(self._length(place))

    # Existing blocks.

    def _exists(self, place: int, block_id: bytes) -> bool:
        """Verify the block at a position by its MD5; if it matches, record it as reused and return True."""
        noted = self._noted(place, block_id)
        if noted is None and place * self._block_size >= self.old_size:
            return False
        expected = noted or block_digest(block_id) or self._stored_md5(place, block_id)
        if expected is None:
            return False
        check = self.context.cancellation.check
        if self.file.md5(place * self._block_size, self._block_size, self._buffer, check) != expected:
            return False
        self.tally.add(reused=1)
        self._record(place, Note(block_id, expected))
        return True

    def _noted(self, place: int, block_id: bytes) -> bytes | None:
        """Return the noted MD5 of the block at a position."""
        for blocks in (self.file.noted, self.old.blocks if self.old else {}):
            note = blocks.get(place)
            if note is not None and note.id == block_id:
                return note.md5
        return None

    def _stored_md5(self, place: int, block_id: bytes) -> bytes | None:
        """Request the MD5 of a block from the storage."""
        if not self._sends_md5:
            return None
        attempts = self._attempts(place)

        def ask() -> str | None:
            with self._exchange("HEAD", block_id, place, attempts) as (response, storage):
                return storage.content_md5(response.header)

        md5 = attempts.keep_trying(ask)
        self._sends_md5 = md5 is not None
        return None if md5 is None else _digest(md5)

    # Missing blocks.

    def _fetch(self, place: int, block_id: bytes) -> bytes:
        """Download a block to a position, and return its MD5."""
        progress = self.context.progress.file()
        attempts = self._attempts(place)

        def fetch() -> bytes:
            progress.at(0)
            with self._exchange("GET", block_id, place, attempts) as (response, storage):
                md5 = self._receive(response, place, progress, attempts)
                stored = storage.content_md5(response.header)
            self._check_content(place, block_id, md5, stored)
            return md5

        try:
            md5 = attempts.keep_trying(fetch)
        finally:
            progress.at(0)
        self.context.cancellation.check()
        self.tally.add(fetched=1)
        self.workers.succeeded(self._block_size)
        return md5

    def _attempts(self, place: int) -> Attempts[Container]:
        return Attempts(self.context, self.containers, self.layout.title(place), self.workers)

    @contextmanager
    def _exchange(
        self, method: str, block_id: bytes, place: int, attempts: Attempts[Container]
    ) -> Iterator[tuple[StorageResponse, Storage]]:
        """Request a block, and check the head of the response."""
        container = attempts.link()
        with self.context.exchange(container.request(method, block_name(block_id))) as response:
            if response.status == _NOT_FOUND:
                raise BlockGone(place, self.layout.ids[place])
            if response.status != OK:
                raise refusal(container.storage, response)
            attempts.accepted()
            length = response.header("content-length")
            if length is not None and length != str(self._block_size):
                raise IntegrityError(f"{self.layout.title(place)} has {length} bytes instead of {self._block_size}")
            yield response, container.storage

    def _receive(
        self, response: StorageResponse, place: int, progress: FileProgress, attempts: Attempts[Container]
    ) -> bytes:
        """Write the body to its position, and return its MD5."""
        view, filled, done, begin = memoryview(self._buffer), 0, 0, place * self._block_size
        shown = self._length(place)
        digest = hashlib.md5(usedforsecurity=False)

        def flush() -> None:
            digest.update(view[:filled])
            self.file.write(begin + done - filled, view[:filled])

        for piece in response.pieces():
            self.context.cancellation.check()
            rest = memoryview(piece)
            if done + len(rest) > self._block_size:
                raise IntegrityError(f"{self.layout.title(place)} has more than {self._block_size} bytes")
            self.tally.add(received=len(rest))
            while rest:
                part = rest[: len(view) - filled]
                view[filled : filled + len(part)] = part
                filled, done, rest = filled + len(part), done + len(part), rest[len(part) :]
                if filled == len(view):
                    flush()
                    filled = 0
            progress.at(min(done, shown))
            attempts.moved(done)
        if done < self._block_size:
            raise ConnectionFailed(f"{self.layout.title(place)}: received only {done} of {self._block_size} bytes")
        if filled:
            flush()
        return digest.digest()

    def _check_content(self, place: int, block_id: bytes, md5: bytes, stored: str | None) -> None:
        if stored is not None and stored != digest_text(md5):
            raise IntegrityError(f"{self.layout.title(place)} does not have the MD5 that the storage reports")
        if block_digest(block_id) not in {None, md5}:
            raise IntegrityError(f"{self.layout.title(place)} does not have the MD5 in its name")


def _digest(text: str) -> bytes | None:
    """Decode a Content-MD5; return None if it is invalid."""
    with suppress(ValueError):
        return b64decode(text, validate=True)
    return None
