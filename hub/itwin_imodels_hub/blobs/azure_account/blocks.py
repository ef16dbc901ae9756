"""Cutting a file into blocks."""

from collections.abc import Iterator
from typing import BinaryIO
from uuid import uuid4


def new_block_ids() -> Iterator[str]:
    """Give ids of one length that no other upload uses, in order."""
    upload, number = uuid4().hex, 0
    while True:
        yield f"{upload}-{number:05}"
        number += 1


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Read a file in pieces of at most `size` bytes."""
    while piece := file.read(size):
        yield piece
