"""Metadata of a blob, and its file format."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

BlockSource = Literal["Committed", "Uncommitted", "Latest"]
"""The list in which a block is looked up; `Latest` means uncommitted blocks first, then those of the current blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """One committed version of a blob.

    Attributes:
        version: Name of the files of this version; new for each write.
        size: Size in bytes.
        etag: Entity tag with its quotes; new for each write.
        content_md5: Base64 of the MD5 of the content; None if it was committed from blocks without one.
        content_type: Media type.
        last_modified: Time of the commit, UTC, in whole seconds like HTTP dates.
    """

    version: str
    size: int
    etag: str
    content_md5: str | None
    content_type: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a blob: the base64 id from the client and the size in bytes."""

    block_id: str
    size: int


def dump_info(info: BlobInfo) -> bytes:
    """Serialize metadata as JSON."""
    return json.dumps({**asdict(info), "last_modified": info.last_modified.isoformat()}).encode()


def load_info(data: bytes) -> BlobInfo:
    """Parse metadata written by `dump_info`."""
    values = json.loads(data)
    modified = datetime.fromisoformat(values.pop("last_modified")).astimezone(UTC)
    return BlobInfo(last_modified=modified, **values)


def dump_blocks(blocks: list[Block]) -> bytes:
    """Serialize the committed blocks of a blob, in order."""
    return "".join(f"{block.block_id} {block.size}\n" for block in blocks).encode()


def load_blocks(data: bytes) -> list[Block]:
    """Parse a list written by `dump_blocks`."""
    fields = (line.split() for line in data.decode().splitlines())
    return [Block(block_id, int(size)) for block_id, size in fields]
