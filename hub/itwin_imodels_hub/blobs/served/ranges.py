"""Byte ranges of a blob."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"\s*bytes=(\d*)-(\d*)\s*", re.ASCII)


class UnsatisfiableError(ValueError):
    """A range contains no byte of the blob."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a blob within its size.

    Attributes:
        start: Offset of the first byte.
        length: Number of bytes, at least 1.
    """

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Return the Content-Range header for a blob of `size` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str, size: int, *, suffixes: bool) -> ByteRange | None:
    """Parse a Range header.

    Args:
        header: The value, for example `bytes=0-499`.
        size: Size of the blob in bytes.
        suffixes: Whether suffix ranges (`bytes=-500`) are supported; Azure does not support them.

    Returns:
        The part, limited to the size of the blob; None if the header is not a single valid range.

    Raises:
        UnsatisfiableError: The range contains no byte of the blob.
    """
    match = _RANGE.fullmatch(header)
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, size) if suffixes and last else None
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableError(header)
    end = min(int(last), size - 1) if last else size - 1
    return ByteRange(start, end - start + 1)


def _suffix(last: str, size: int) -> ByteRange:
    length = min(int(last), size)
    if not length:
        raise UnsatisfiableError(last)
    return ByteRange(size - length, length)
