"""Splitting a file into blocks."""

from collections.abc import Iterator
from typing import BinaryIO
from uuid import uuid4


def new_block_ids() -> Iterator[str]:
    """Yield block ids of equal length, in order, that no other upload uses."""
    upload, number = uuid4().hex, 0
    while True:
        yield f"{upload}-{number:05}"
        number += 1


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the content of a file in pieces of at most `size` bytes."""
    while piece := file.read(size):
        yield piece
