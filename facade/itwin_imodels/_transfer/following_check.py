"""Verification of a stream in a separate thread while it is transferred."""

import queue
import threading
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, Final, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_AHEAD: Final = 16
_BUFFER: Final = 256 << 10


class FollowingCheck(RawIOBase):
    """Passes a stream to a check that reads it as a file. Decompression and hashing release the GIL.

    Attributes:
        has_passed: Whether the check passed. If not, a check of the complete file raises the error.
    """

    def __init__(self, check: Callable[[BinaryIO], bool]) -> None:
        """Start at the beginning of the stream.

        Args:
            check: Reads the file from its beginning, and returns whether it is the expected one.
        """
        super().__init__()
        self._pieces: queue.Queue[bytes] = queue.Queue(_AHEAD)
        self._rest = memoryview(b"")
        self._ended = self.has_passed = False
        self._thread = threading.Thread(target=self._work, args=(check,), name="transfer-check", daemon=True)
        self._thread.start()

    def update(self, piece: bytes) -> None:
        """Add a piece, which must not be empty and must not change afterwards."""
        self._pieces.put(piece)

    def end(self) -> None:
        """Wait until the check has read all pieces, and end it."""
        self._pieces.put(b"")
        self._thread.join()

    def readable(self) -> bool:
        """Return True: a check can read this stream."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill a buffer; called by the check."""
        if not self._rest and not self._ended:
            self._rest = memoryview(self._pieces.get())
            self._ended = not self._rest
        view = memoryview(buffer)
        part = self._rest[: len(view)]
        view[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)

    def _work(self, check: Callable[[BinaryIO], bool]) -> None:
        try:
            self.has_passed = check(cast("BinaryIO", BufferedReader(self, _BUFFER)))
        except Exception:  # noqa: BLE001 - the check of the whole file raises it again
            self.has_passed = False
        while not self._ended:
            self._ended = not self._pieces.get()
