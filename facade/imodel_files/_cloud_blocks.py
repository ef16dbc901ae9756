"""Blocks, their ids and their names."""

import hashlib
import os
from typing import Final

from imodel_files._cloud_errors import BlockError

SMALLEST_ID: Final = 12
LARGEST_ID: Final = 32
SMALLEST_BLOCK: Final = 512
"""A page of SQLite has no fewer bytes."""
LARGEST_BLOCK: Final = 64 << 20
"""Far more than any writer takes, and what a reader can hold a few of."""

_DIGEST: Final = 16
_SMALLEST_WITH_DIGEST: Final = 24


def block_name(block_id: bytes) -> str:
    """Return the name of the file that holds a block.

    Example:
        >>> block_name(bytes.fromhex("a4cdf9739614019ade252db74e598682"))
        'A4CDF9739614019ADE252DB74E598682.bcv'
    """
    return f"{block_id.hex().upper()}.bcv"


def block_digest(block_id: bytes) -> bytes | None:
    """Return the MD5 of the block's content, with which an id of 24 bytes or more begins; None for a shorter id."""
    return block_id[:_DIGEST] if len(block_id) >= _SMALLEST_WITH_DIGEST else None


def block_key(block_id: bytes) -> bytes:
    """Return what blocks of equal content share: the MD5 if the id contains it, else the id itself."""
    return block_digest(block_id) or block_id


def new_block_id(content: bytes | memoryview, id_size: int) -> bytes:
    """Return an id for a new block.

    Args:
        content: The whole block.
        id_size: Bytes of the id, 12 to 32. From 24 on it begins with the MD5 of the content; the rest is random.

    Returns:
        The id.

    Raises:
        ValueError: The size is out of its bounds.
    """
    if not SMALLEST_ID <= id_size <= LARGEST_ID:
        raise ValueError(f"id_size is {SMALLEST_ID} to {LARGEST_ID} bytes, not {id_size}")
    return new_id_of(md5(content) if id_size >= _SMALLEST_WITH_DIGEST else b"", id_size)


def new_id_of(digest: bytes, id_size: int) -> bytes:
    """Return a random id, after the MD5 of a block if one is given."""
    return digest + os.urandom(id_size - len(digest))


def check_block(content: bytes | memoryview, block_id: bytes, block_size: int, *, source: str | None = None) -> None:
    """Check that a block has the right length, and the content that its id promises where it promises one.

    Args:
        content: The block as it came.
        block_id: Its id.
        block_size: Bytes that every block of the manifest has.
        source: What errors call the block; by default its name.

    Raises:
        BlockError: It has not.
    """
    source = source or block_name(block_id)
    if len(content) != block_size:
        raise BlockError(source, f"{len(content)} bytes; a block has {block_size}", None, "length")
    promised = block_digest(block_id)
    if promised is not None and (actual := md5(content)) != promised:
        raise BlockError(source, f"its content has the MD5 {actual.hex()}, its id {promised.hex()}", None, "content")


def md5(content: bytes | memoryview) -> bytes:
    """Return the checksum of a block."""
    return hashlib.md5(content, usedforsecurity=False).digest()
