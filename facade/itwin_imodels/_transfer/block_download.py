"""The download of blocks: each is fetched, unless what is there already is proven to be it."""

import hashlib
import threading
from base64 import b64decode
from contextlib import suppress

from attrs import define, field

from imodel_files.cloud_sqlite import block_digest, block_name
from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.asking import Asking
from itwin_imodels._transfer.block_file import PIECE, BlockFile
from itwin_imodels._transfer.block_notes import BlockNotes, Note
from itwin_imodels._transfer.containers import Container
from itwin_imodels._transfer.context import Context, refused
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import digest_text
from itwin_imodels._transfer.headers import told_md5
from itwin_imodels._transfer.layouts import Job, Layout
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.wire import Answer
from itwin_imodels.errors import ConnectionFailed, IntegrityError

_OK, _GONE = 200, 404


class BlockGone(Exception):  # noqa: N818 - no error yet: the manifest may name another by now
    """The storage does not have a block.

    Attributes:
        place: Its place in the database.
        block_id: Its id.
    """

    def __init__(self, place: int, block_id: bytes) -> None:
        """Name it."""
        super().__init__(place, block_id)
        self.place = place
        self.block_id = block_id


@define
class Tally:
    """Counts what was done. Safe to use from any thread.

    Attributes:
        fetched: Blocks that were received.
        received: Bytes that were received for them, those of failed tries included.
        reused: Blocks that were there.
    """

    fetched: int = 0
    received: int = 0
    reused: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def add(self, *, fetched: int = 0, received: int = 0, reused: int = 0) -> None:
        """Count."""
        with self._lock:
            self.fetched += fetched
            self.received += received
            self.reused += reused


@define
class BlockDownload:
    """Brings the blocks of one layout into a file.

    Attributes:
        context: The operation.
        containers: Where the blocks are.
        layout: Which blocks.
        file: Where they go.
        old: What is known of the file that `file` began as.
        old_size: Bytes of that file; 0 if there was none.
        tally: Counts.
        size: Bytes of the database, once they are known.
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
    _told: bool = True
    """Whether the storage seems to tell the MD5 of blocks."""
    _buffers: threading.local = field(factory=threading.local)

    def __attrs_post_init__(self) -> None:
        """Begin with all workers, and nothing done."""
        self.workers = Adaptive(self.context.options.block_parallelism)
        self._progress = self.context.progress.file()

    def learn(self, size: int) -> None:
        """Be told the size of the database, bytes, once the first block is there."""
        self.size = size
        self._progress.at(self._length(0))

    def rewind(self) -> None:
        """Take back what was told of progress."""
        self._progress.at(0)

    def bring(self, job: Job) -> None:
        """Have a block at all its places.

        Raises:
            BlockGone: The storage does not have it.
            Cancelled: The operation was ended.
            ConnectionFailed: The storage could not be reached for too long.
            IntegrityError: The storage has another content.
            TransferError: The storage refused, or the disk failed.
        """
        missing = [place for place in job.places if not self._is_there(place, job.block_id)]
        if not missing:
            return
        first, *others = missing
        note = Note(job.block_id, self._fetch(first, job.block_id))
        self._have(first, note)
        for place in others:
            self.file.copy(first * self._block_size, place * self._block_size, self._block_size, self._buffer)
            self._have(place, note)

    @property
    def _block_size(self) -> int:
        return self.layout.block_size

    @property
    def _buffer(self) -> bytearray:
        """The memory of this thread."""
        if not hasattr(self._buffers, "own"):
            self._buffers.own = bytearray(min(self._block_size, PIECE))
        buffer: bytearray = self._buffers.own
        return buffer

    def _length(self, place: int) -> int:
        """How many bytes of a block are of the database, as far as that is known."""
        return max(0, min(self._block_size, self.size - place * self._block_size))

    def _have(self, place: int, note: Note) -> None:
        if self.file.noted.get(place) != note:
            self.file.note(place, note)
        self._progress.add(self._length(place))

    # What is there.

    def _is_there(self, place: int, block_id: bytes) -> bool:
        """Tell whether the file has the right content at a place, which is proven and not believed."""
        noted = self._noted(place, block_id)
        if noted is None and place * self._block_size >= self.old_size:
            return False
        promised = noted or block_digest(block_id) or self._asked(place, block_id)
        if promised is None:
            return False
        check = self.context.cancellation.check
        if self.file.md5(place * self._block_size, self._block_size, self._buffer, check) != promised:
            return False
        self.tally.add(reused=1)
        self._have(place, Note(block_id, promised))
        return True

    def _noted(self, place: int, block_id: bytes) -> bytes | None:
        """Give the MD5 of a block that was at a place, by what was noted."""
        for blocks in (self.file.noted, self.old.blocks if self.old else {}):
            note = blocks.get(place)
            if note is not None and note.id == block_id:
                return note.md5
        return None

    def _asked(self, place: int, block_id: bytes) -> bytes | None:
        """Ask the storage for the MD5 of a block."""
        if not self._told:
            return None
        asking = self._asking(place)

        def ask() -> str | None:
            with self.context.exchange(asking.container().call("HEAD", block_name(block_id))) as answer:
                self._check_head(answer, place, asking)
                return told_md5(answer.header)

        told = asking.keep_trying(ask)
        self._told = told is not None
        return None if told is None else _digest(told)

    # What is not.

    def _fetch(self, place: int, block_id: bytes) -> bytes:
        """Fetch a block to a place, and give its MD5."""
        progress = self.context.progress.file()
        asking = self._asking(place)

        def fetch() -> bytes:
            progress.at(0)
            with self.context.exchange(asking.container().call("GET", block_name(block_id))) as answer:
                self._check_head(answer, place, asking)
                md5 = self._receive(answer, place, progress, asking)
                told = told_md5(answer.header)
            self._check_content(place, block_id, md5, told)
            return md5

        try:
            md5 = asking.keep_trying(fetch)
        finally:
            progress.at(0)
        self.context.cancellation.check()
        self.tally.add(fetched=1)
        self.workers.succeeded()
        return md5

    def _asking(self, place: int) -> Asking:
        era = self.workers.era

        def busy() -> None:
            nonlocal era
            self.workers.busy(era)
            era = self.workers.era

        return Asking(self.context, self.containers, self.layout.told(place), busy)

    def _check_head(self, answer: Answer, place: int, asking: Asking) -> None:
        """Check what comes before the content of a block."""
        if answer.status == _GONE:
            raise BlockGone(place, self.layout.ids[place])
        if answer.status != _OK:
            raise refused(answer)
        asking.worked()
        length = answer.header("content-length")
        if length is not None and length != str(self._block_size):
            raise IntegrityError(f"{self.layout.told(place)} has {length} bytes in place of {self._block_size}")

    def _receive(self, answer: Answer, place: int, progress: FileProgress, asking: Asking) -> bytes:
        """Take the body to its place, and give its MD5."""
        view, filled, done, begin = memoryview(self._buffer), 0, 0, place * self._block_size
        shown = self._length(place)
        digest = hashlib.md5(usedforsecurity=False)

        def flush() -> None:
            digest.update(view[:filled])
            self.file.write(begin + done - filled, view[:filled])

        for piece in answer.pieces():
            self.context.cancellation.check()
            rest = memoryview(piece)
            if done + len(rest) > self._block_size:
                raise IntegrityError(f"{self.layout.told(place)} has more than {self._block_size} bytes")
            self.tally.add(received=len(rest))
            while rest:
                part = rest[: len(view) - filled]
                view[filled : filled + len(part)] = part
                filled, done, rest = filled + len(part), done + len(part), rest[len(part) :]
                if filled == len(view):
                    flush()
                    filled = 0
            progress.at(min(done, shown))
            asking.moved(done)
        if done < self._block_size:
            raise ConnectionFailed(f"{self.layout.told(place)}: only {done} of {self._block_size} bytes arrived")
        if filled:
            flush()
        return digest.digest()

    def _check_content(self, place: int, block_id: bytes, md5: bytes, told: str | None) -> None:
        if told is not None and told != digest_text(md5):
            raise IntegrityError(f"{self.layout.told(place)} does not have the MD5 that the storage tells")
        if block_digest(block_id) not in {None, md5}:
            raise IntegrityError(f"{self.layout.told(place)} does not have the MD5 that its name tells")


def _digest(told: str) -> bytes | None:
    """Read a Content-MD5."""
    with suppress(ValueError):
        return b64decode(told, validate=True)
    return None
