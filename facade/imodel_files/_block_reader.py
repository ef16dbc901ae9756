"""Read the bytes of a body block by block."""

from collections.abc import Iterator
from typing import Final

from imodel_files._errors import MalformedSessionError

_LARGEST_LENGTH: Final = (1 << 31) - 1
_VARINT_BYTES: Final = 9
_MORE_FOLLOWS: Final = 0x80


class BlockReader:
    """Reads bytes and lengths, even if they span blocks. A subclass may also read the current block directly."""

    def __init__(self, blocks: Iterator[bytes], path: str, offset: int) -> None:
        """Create a reader of blocks.

        Args:
            blocks: The body in blocks.
            path: The path of the file, for errors.
            offset: The offset of the body within the payload.
        """
        self._blocks = blocks
        self._path = path
        self._data = b""
        self._place = 0
        self._begin = offset

    @property
    def _offset(self) -> int:
        return self._begin + self._place

    def _has_byte(self) -> bool:
        """Return whether there is another byte; load its block if necessary."""
        return self._place < len(self._data) or self._load()

    def _load(self) -> bool:
        """Discard the bytes already read and append the next block; return False if there is none."""
        block = next(self._blocks, None)
        if block is None:
            return False
        self._begin += self._place
        self._data = self._data[self._place :] + block
        self._place = 0
        return True

    def _byte(self) -> int:
        if not self._has_byte():
            raise self._ended()
        self._place += 1
        return self._data[self._place - 1]

    def _varint(self) -> int:
        """Read an integer of up to 31 bits as a SQLite varint: 7 bits in each byte, 8 in the ninth."""
        at = self._offset
        value = 0
        for count in range(1, _VARINT_BYTES + 1):
            byte = self._byte()
            if count == _VARINT_BYTES:
                value = value << 8 | byte
            else:
                value = value << 7 | byte & 0x7F
                if byte < _MORE_FOLLOWS:
                    break
        if value > _LARGEST_LENGTH:
            raise self._malformed(f"the length {value} is too large", at)
        return value

    def _take(self, size: int) -> bytes:
        pieces = []
        while (have := len(self._data) - self._place) < size:
            pieces.append(self._data[self._place :])
            self._place = len(self._data)
            size -= have
            if not self._load():
                raise self._ended()
        pieces.append(self._data[self._place : self._place + size])
        self._place += size
        return b"".join(pieces)

    def _skip(self, size: int) -> None:
        while (have := len(self._data) - self._place) < size:
            self._place = len(self._data)
            size -= have
            if not self._load():
                raise self._ended()
        self._place += size

    def _ended(self) -> MalformedSessionError:
        return self._malformed("the changes are truncated", self._offset)

    def _malformed(self, reason: str, offset: int) -> MalformedSessionError:
        return MalformedSessionError(self._path, reason, offset)
