"""The body of an answer, decoded while it arrives and never larger than it may be."""

import zlib
from typing import Final

ACCEPTED_ENCODING: Final = "gzip"
"""The value of `Accept-Encoding`: what `AnswerBody` decodes."""

_GZIP: Final = frozenset({"gzip", "x-gzip"})
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


class InvalidBodyError(Exception):
    """The body cannot be decoded."""


class BodyTooLargeError(Exception):
    """The decoded body is larger than it may be."""


class AnswerBody:
    """Collects the pieces of a body. A few bytes of gzip may stand for a million: no more than allowed is decoded."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Start without content.

        Args:
            encoding: The value of `Content-Encoding`; empty without one.
            limit: Bytes that the decoded body may have.
        """
        name = encoding.strip().lower() or "identity"
        self._unknown = name if name != "identity" and name not in _GZIP else None
        self._decoder = zlib.decompressobj(_GZIP_FORMAT) if name in _GZIP else None
        self._limit = limit
        self._content = bytearray()

    @property
    def beginning(self) -> bytes:
        """What has been decoded so far, at most as much as is allowed."""
        return bytes(self._content[: self._limit])

    def add(self, piece: bytes) -> None:
        """Add the next piece as it was received.

        Raises:
            BodyTooLargeError: The body is too large.
            InvalidBodyError: It cannot be decoded.
        """
        if self._unknown is not None:
            raise InvalidBodyError(f"its content encoding is {self._unknown!r}, which was not requested")
        if self._decoder is not None:
            try:
                piece = self._decoder.decompress(piece, self._limit + 1 - len(self._content))
            except zlib.error as error:
                raise InvalidBodyError(f"it is not valid gzip ({error})") from None
        self._content += piece[: self._limit + 1 - len(self._content)]
        if len(self._content) > self._limit:
            raise BodyTooLargeError

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            InvalidBodyError: Its end is missing.
        """
        if self._decoder is not None and self._content and not self._decoder.eof:
            raise InvalidBodyError("its gzip is cut")
        return bytes(self._content)
