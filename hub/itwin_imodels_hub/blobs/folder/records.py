"""What is known of a blob, and the small file that keeps it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

BlockSource = Literal["Committed", "Uncommitted", "Latest"]
"""Where a block list looks for a block; `Latest` means the uncommitted blocks, then those of the present blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """One committed version of a blob.

    Attributes:
        version: Name of this version's files; a new one with each write.
        size: Length in bytes.
        etag: Entity tag with its quotes; a new one with each write.
        content_md5: Base64 of the MD5 of the content; None when it was committed from blocks without one.
        content_type: Media type for readers.
        last_modified: When it was committed, UTC, whole seconds as HTTP dates are.
    """

    version: str
    size: int
    etag: str
    content_md5: str | None
    content_type: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a blob: its id as the client wrote it (base64) and its size in bytes."""

    block_id: str
    size: int


def dump_info(info: BlobInfo) -> bytes:
    """Write a record as JSON."""
    return json.dumps({**asdict(info), "last_modified": info.last_modified.isoformat()}).encode()


def load_info(data: bytes) -> BlobInfo:
    """Read a record written by `dump_info`."""
    values = json.loads(data)
    modified = datetime.fromisoformat(values.pop("last_modified")).astimezone(UTC)
    return BlobInfo(last_modified=modified, **values)


def dump_blocks(blocks: list[Block]) -> bytes:
    """Write the list of a blob's committed blocks, in order."""
    return "".join(f"{block.block_id} {block.size}\n" for block in blocks).encode()


def load_blocks(data: bytes) -> list[Block]:
    """Read a list written by `dump_blocks`."""
    fields = (line.split() for line in data.decode().splitlines())
    return [Block(block_id, int(size)) for block_id, size in fields]
