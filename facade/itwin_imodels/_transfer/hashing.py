"""MD5 of content while it travels, beside the thread that moves it."""

import hashlib
import queue
import threading
from base64 import b64encode

Piece = bytes | memoryview

_INLINE = 4 << 20
_AHEAD = 32


def md5_text(content: bytes) -> str:
    """Return the MD5 of some bytes in the form of Content-MD5."""
    return digest_text(hashlib.md5(content, usedforsecurity=False).digest())


def digest_text(digest: bytes) -> str:
    """Return an MD5 in the form of Content-MD5."""
    return b64encode(digest).decode()


class FollowingMd5:
    """The MD5 of a stream. That of a long one is computed in a thread of its own, since hashlib releases the lock.

    Hashing in the thread that moves the bytes makes a long stream at least a quarter slower.
    """

    def __init__(self, size: int | None) -> None:
        """Begin.

        Args:
            size: Length of the stream, bytes, if it is known.
        """
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._pieces: queue.Queue[Piece | None] | None = None
        self._thread: threading.Thread | None = None
        if size is None or size > _INLINE:
            self._pieces = queue.Queue(_AHEAD)
            self._thread = threading.Thread(target=self._work, args=(self._pieces,), name="transfer-md5", daemon=True)
            self._thread.start()

    def update(self, piece: Piece) -> None:
        """Add a piece, which must not change afterwards."""
        if self._pieces is None:
            self._md5.update(piece)
        else:
            self._pieces.put(piece)

    def text(self) -> str:
        """End, and return the MD5 in the form of Content-MD5."""
        self.close()
        return digest_text(self._md5.digest())

    def close(self) -> None:
        """End."""
        if self._pieces is not None and self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._pieces = self._thread = None

    def _work(self, pieces: "queue.Queue[Piece | None]") -> None:
        while (piece := pieces.get()) is not None:
            self._md5.update(piece)
