"""Content-MD5 headers and ids of blocks: both base64."""

import hashlib
from base64 import b64decode, b64encode

_MD5_LENGTH = 16
MAX_BLOCK_ID_LENGTH = 64  # bytes before base64


def parse_md5(value: str) -> bytes:
    """Read a Content-MD5 header.

    Raises:
        ValueError: It is not the base64 of 16 bytes.
    """
    digest = _decode(value)
    if len(digest) != _MD5_LENGTH:
        raise ValueError("An MD5 has 16 bytes.")
    return digest


def md5_text(data: bytes) -> str:
    """Give the Content-MD5 of some bytes."""
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def check_block_id(block_id: str) -> None:
    """Check that the id of a block is the base64 of 1 to 64 bytes.

    Raises:
        ValueError: It is not.
    """
    length = len(_decode(block_id))
    if not 1 <= length <= MAX_BLOCK_ID_LENGTH:
        raise ValueError("The id of a block has 1 to 64 bytes.")


def _decode(value: str) -> bytes:
    try:
        decoded = b64decode(value, validate=True)
    except ValueError as error:
        raise ValueError("This is not base64.") from error
    # Several spellings can decode to the same bytes; only one of them counts.
    if b64encode(decoded).decode() != value:
        raise ValueError("This is not base64 as it is written.")
    return decoded
