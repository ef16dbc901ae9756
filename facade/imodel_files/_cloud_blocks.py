"""Blocks, their ids and their file names."""

import hashlib
import os
from typing import Final

from imodel_files._cloud_errors import BlockError

SMALLEST_ID: Final = 12
"""Minimum size of the id of a block, in bytes."""
LARGEST_ID: Final = 32
"""Maximum size of the id of a block, in bytes."""
SMALLEST_BLOCK: Final = 512
"""Minimum size of a block in bytes: the smallest page size of SQLite."""
LARGEST_BLOCK: Final = 64 << 20
"""Maximum accepted size of a block in bytes: far more than any writer uses, and small enough to hold several blocks in
memory."""

_DIGEST: Final = 16
_SMALLEST_WITH_DIGEST: Final = 24


def block_name(block_id: bytes) -> str:
    """Return the file name of a block.

    Example:
        >>> block_name(bytes.fromhex("a4cdf9739614019ade252db74e598682"))
        'A4CDF9739614019ADE252DB74E598682.bcv'
    """
    return f"{block_id.hex().upper()}.bcv"


def block_digest(block_id: bytes) -> bytes | None:
    """Return the MD5 of the block's content, the first 16 bytes of an id of 24 or more bytes; None for shorter ids."""
    return block_id[:_DIGEST] if len(block_id) >= _SMALLEST_WITH_DIGEST else None


def block_key(block_id: bytes) -> bytes:
    """Return a key that blocks of equal content share: the MD5 if the id contains it, else the id."""
    return block_digest(block_id) or block_id


def new_block_id(content: bytes | memoryview, id_size: int) -> bytes:
    """Return an id for a new block.

    Args:
        content: The whole block.
        id_size: Size of the id in bytes, 12 to 32. Ids of 24 or more bytes begin with the MD5 of the content; the rest
            is random.

    Returns:
        The id.

    Raises:
        ValueError: `id_size` is out of range.
    """
    if not SMALLEST_ID <= id_size <= LARGEST_ID:
        raise ValueError(f"id_size must be {SMALLEST_ID} to {LARGEST_ID} bytes, not {id_size}")
    return new_id_of(md5(content) if id_size >= _SMALLEST_WITH_DIGEST else b"", id_size)


def new_id_of(digest: bytes, id_size: int) -> bytes:
    """Return a random id that begins with `digest`, which may be empty."""
    return digest + os.urandom(id_size - len(digest))


def check_block(content: bytes | memoryview, block_id: bytes, block_size: int, *, source: str | None = None) -> None:
    """Check the length of a block, and its content if the id contains the MD5.

    Args:
        content: The content of the block.
        block_id: The id of the block.
        block_size: Size of every block in bytes, from the manifest.
        source: The name of the block in errors; None for its file name.

    Raises:
        BlockError: The length or the content does not match.
    """
    source = source or block_name(block_id)
    if len(content) != block_size:
        raise BlockError(source, f"it has {len(content)} bytes; a block must have {block_size}", None, "length")
    promised = block_digest(block_id)
    if promised is not None and (actual := md5(content)) != promised:
        raise BlockError(
            source, f"the MD5 of its content is {actual.hex()}, but its id requires {promised.hex()}", None, "content"
        )


def md5(content: bytes | memoryview) -> bytes:
    """Return the checksum of a block."""
    return hashlib.md5(content, usedforsecurity=False).digest()
