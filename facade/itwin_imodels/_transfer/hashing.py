"""Hash content while it is transferred, in a separate thread if it is long."""

import hashlib
import queue
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress

UNIT = 64 << 10
"""Size in bytes of the units in which content is compared."""

_INLINE = 4 << 20
_AHEAD = 32


def md5_text(content: bytes) -> str:
    """Return the MD5 of content in the form of a Content-MD5 header."""
    return digest_text(hashlib.md5(content, usedforsecurity=False).digest())


def digest_text(digest: bytes) -> str:
    """Return an MD5 in the form of a Content-MD5 header."""
    return b64encode(digest).decode()


class UnitDigests:
    """The SHA-256 of each unit of a stream. Processors with SHA instructions compute it faster than MD5."""

    def __init__(self) -> None:
        """Start at the beginning of a unit."""
        self._digests: list[bytes] = []
        self._hash = hashlib.sha256(usedforsecurity=False)
        self._room = UNIT

    def update(self, piece: bytes) -> None:
        """Add a piece of any length."""
        view = memoryview(piece)
        while view:
            part, view = view[: self._room], view[self._room :]
            self._hash.update(part)
            self._room -= len(part)
            if not self._room:
                self._end_unit()

    def result(self) -> tuple[bytes, ...]:
        """End the last unit, which may be shorter, and return the digests."""
        if self._room < UNIT:
            self._end_unit()
        return tuple(self._digests)

    def _end_unit(self) -> None:
        self._digests.append(self._hash.digest())
        self._hash = hashlib.sha256(usedforsecurity=False)
        self._room = UNIT


def unit_digests(content: bytes) -> tuple[bytes, ...]:
    """Return the SHA-256 of each unit of some content."""
    digests = UnitDigests()
    digests.update(content)
    return digests.result()


class Follower:
    """Passes a stream to consumers, in a separate thread if the stream is long: hashing releases the GIL.

    Hashing in the thread that transfers the bytes makes long streams at least a quarter slower.
    """

    def __init__(self, size: int | None, *consumers: Callable[[bytes], None]) -> None:
        """Start with an empty stream.

        Args:
            size: Length of the stream in bytes; None if unknown.
            consumers: Called with each piece, such as the `update` of a hash.
        """
        self._consumers = consumers
        self._failure: BaseException | None = None
        self._pieces: queue.Queue[bytes | None] | None = None
        self._thread: threading.Thread | None = None
        if size is None or size > _INLINE:
            pieces: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
            thread = threading.Thread(target=self._work, args=(pieces,), name="transfer-hash", daemon=True)
            with suppress(RuntimeError):  # the system permits no more threads
                thread.start()
                self._pieces, self._thread = pieces, thread

    def update(self, piece: bytes) -> None:
        """Add a piece, which must not change afterwards."""
        if self._pieces is None:
            self._consume(piece)
        else:
            self._pieces.put(piece)

    def close(self) -> None:
        """Wait until all pieces are consumed; raise the exception of a consumer, such as `MemoryError`."""
        if self._pieces is not None and self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._pieces = self._thread = None
            if self._failure is not None:
                raise self._failure

    def _work(self, pieces: "queue.Queue[bytes | None]") -> None:
        try:
            while (piece := pieces.get()) is not None:
                self._consume(piece)
        except BaseException as error:  # noqa: BLE001 - close() raises it
            self._failure = error
            while pieces.get() is not None:  # otherwise, the thread that adds pieces would wait forever
                pass

    def _consume(self, piece: bytes) -> None:
        for consumer in self._consumers:
            consumer(piece)


class FollowingMd5(Follower):
    """The MD5 of a stream."""

    def __init__(self, size: int | None, *consumers: Callable[[bytes], None]) -> None:
        """Start with an empty stream; see `Follower`."""
        self._md5 = hashlib.md5(usedforsecurity=False)
        super().__init__(size, self._md5.update, *consumers)

    def text(self) -> str:
        """End the stream, and return its MD5 in the form of a Content-MD5 header."""
        self.close()
        return digest_text(self._md5.digest())
