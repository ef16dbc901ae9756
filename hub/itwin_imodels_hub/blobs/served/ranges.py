"""Byte ranges of a blob."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"\s*bytes=(\d*)-(\d*)\s*", re.ASCII)


class UnsatisfiableError(ValueError):
    """A range begins behind the end of the blob."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a blob that is there.

    Attributes:
        start: Offset of the first byte.
        length: Number of bytes, at least 1.
    """

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Write the Content-Range header for a blob of `size` bytes."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str, size: int, *, suffixes: bool) -> ByteRange | None:
    """Read a Range header.

    Args:
        header: Its value, for example `bytes=0-499`.
        size: Length of the blob.
        suffixes: Whether the last so many bytes can be asked for (`bytes=-500`); Azure does not know it.

    Returns:
        The part, cut to what is there; None when the header has another form; several ranges are one.

    Raises:
        UnsatisfiableError: The range begins behind the end.
    """
    found = _FORM.fullmatch(header)
    if found is None:
        return None
    first, last = found.groups()
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
