"""Response bodies of limited size, decoded while they are received."""

import zlib
from io import BytesIO
from typing import Final

ACCEPTED_ENCODING: Final = "gzip"
"""Value of `Accept-Encoding`: the encoding that `AnswerBody` supports."""

_GZIP: Final = frozenset({"gzip", "x-gzip"})
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


class InvalidBodyError(Exception):
    """The body cannot be decoded."""


class BodyTooLargeError(Exception):
    """The decoded body exceeds the limit."""


class AnswerBody:
    """Decoder of a body. It stops at the first byte beyond the limit, so that a gzip bomb cannot exhaust memory."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Create an empty body.

        Args:
            encoding: The value of `Content-Encoding`; empty if the header is missing.
            limit: Maximum size of the decoded body in bytes.
        """
        name = encoding.strip().lower() or "identity"
        self._unknown = name if name != "identity" and name not in _GZIP else None
        self._decoder = zlib.decompressobj(_GZIP_FORMAT) if name in _GZIP else None
        self._limit = limit
        self._content = BytesIO()

    @property
    def beginning(self) -> bytes:
        """The part that has been decoded so far, at most `limit` bytes."""
        return self._content.getvalue()[: self._limit]

    def add(self, piece: bytes) -> None:
        """Decode the next received piece.

        Raises:
            BodyTooLargeError: The body exceeds the limit.
            InvalidBodyError: The body cannot be decoded.
        """
        if self._unknown is not None:
            raise InvalidBodyError(f"its content encoding is {self._unknown!r}, which was not requested")
        room = self._limit + 1 - self._content.tell()
        if self._decoder is not None:
            try:
                piece = self._decoder.decompress(piece, room)
            except zlib.error as error:
                raise InvalidBodyError(f"it is not valid gzip ({error})") from None
        self._content.write(piece[:room])
        if self._content.tell() > self._limit:
            raise BodyTooLargeError

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            InvalidBodyError: The end of the body is missing.
        """
        if self._decoder is not None and self._content.tell() and not self._decoder.eof:
            raise InvalidBodyError("its gzip data is truncated")
        return self._content.getvalue()
