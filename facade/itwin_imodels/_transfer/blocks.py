"""How a large file is cut into blocks, and what the storage says of them. No I/O."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import unescape
from urllib.parse import quote

MAX_BLOCKS = 50_000
_MIB = 1 << 20
_UNCOMMITTED = re.compile(r"<UncommittedBlocks>(.*?)</UncommittedBlocks>", re.DOTALL)
_BLOCK = re.compile(r"<Block>\s*<Name>([^<]*)</Name>\s*<Size>(\d{1,19})</Size>\s*</Block>")


def block_size(size: int, wanted: int) -> int:
    """Give the size of the blocks of a file: what is wanted, or as much as 50,000 blocks need, in whole MiB.

    Args:
        size: Length of the file, bytes.
        wanted: Size of a block, bytes.
    """
    least = -(-size // MAX_BLOCKS)
    return wanted if least <= wanted else -(-least // _MIB) * _MIB


def block_id(number: int, md5: str) -> str:
    """Name a block by its place and content: whoever finds this name in the storage need not send the block.

    The names are as long as those of Microsoft's client for JavaScript, which the vendor's client uses, since all names
    of a blob must have one length and a blob may hold blocks that another client left behind.

    Args:
        number: Its place, from 0.
        md5: MD5 of its content, 32 hexadecimal digits.
    """
    return b64encode(f"{number:04x}{md5}".encode()).decode()


def block_query(block_id: str) -> str:
    """Write what is appended to a signed link to put a block."""
    return f"&comp=block&blockid={quote(block_id, safe='')}"


def block_list(block_ids: Iterable[str]) -> bytes:
    """Write the list that makes a file of its blocks."""
    entries = "".join(f"<Latest>{each}</Latest>" for each in block_ids)
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{entries}</BlockList>'.encode()


def uncommitted(xml: str) -> Mapping[str, int]:
    """Read which blocks of a file have arrived, and their sizes, bytes."""
    part = _UNCOMMITTED.search(xml)
    return {unescape(name): int(size) for name, size in _BLOCK.findall(part.group(1))} if part else {}
