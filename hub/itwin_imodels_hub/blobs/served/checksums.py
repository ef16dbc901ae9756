"""Content-MD5 headers and block ids, both in base64."""

import hashlib
from base64 import b64decode, b64encode

_MD5_LENGTH = 16
MAX_BLOCK_ID_LENGTH = 64  # bytes before base64


def parse_md5(value: str) -> bytes:
    """Parse a Content-MD5 header.

    Raises:
        ValueError: The value is not 16 bytes in base64.
    """
    digest = _decode(value)
    if len(digest) != _MD5_LENGTH:
        raise ValueError("an MD5 must be 16 bytes long")
    return digest


def md5_text(data: bytes) -> str:
    """Return the value of a Content-MD5 header for content."""
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def check_block_id(block_id: str) -> None:
    """Check that a block id is 1 to 64 bytes in base64.

    Raises:
        ValueError: The block id is invalid.
    """
    length = len(_decode(block_id))
    if not 1 <= length <= MAX_BLOCK_ID_LENGTH:
        raise ValueError("a block id must be 1 to 64 bytes long")


def _decode(value: str) -> bytes:
    try:
        decoded = b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError("not base64") from error
    # Several encodings decode to the same bytes; only the canonical one is accepted.
    if b64encode(decoded).decode() != value:
        raise ValueError("not canonical base64")
    return decoded
