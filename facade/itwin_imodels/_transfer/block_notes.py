"""Notes of which blocks are in a file: how they are written and read. No I/O.

The first line applies to all blocks. Each further line is about one block, and is written only after the block is in
the file. Nothing is taken from such a file because of the notes alone: its content must have the digest that they
state.
"""

import json
import re
from collections.abc import Iterable, Mapping

from attrs import field, frozen

_FORMAT = 1
_LINE = re.compile(r"(\d{1,10}) ([0-9A-F]{24,64}) ([0-9a-f]{32})")


@frozen
class Note:
    """A block that is in the file.

    Attributes:
        id: The block's id.
        md5: MD5 of its whole content.
    """

    id: bytes
    md5: bytes


@frozen(kw_only=True)
class BlockNotes:
    """What is known of a file in blocks.

    Attributes:
        block_size: Bytes of a block.
        origin: Identifies the state of the file that it began as; empty if it began empty.
        blocks: The blocks that are in it, by their places from 0.
    """

    block_size: int
    origin: str = ""
    blocks: Mapping[int, Note] = field(factory=dict)


def head_line(block_size: int, origin: str = "") -> str:
    """Write the first line."""
    return json.dumps({"format": _FORMAT, "block_size": block_size, "origin": origin}) + "\n"


def block_line(place: int, note: Note) -> str:
    """Write the line of a block."""
    return f"{place} {note.id.hex().upper()} {note.md5.hex()}\n"


def write_notes(notes: BlockNotes) -> Iterable[str]:
    """Write everything, line by line."""
    yield head_line(notes.block_size, notes.origin)
    for place, note in sorted(notes.blocks.items()):
        yield block_line(place, note)


def read_notes(lines: Iterable[str]) -> BlockNotes | None:
    """Read what was written; None if the first line is invalid. Incomplete lines are skipped.

    Of two lines about a place the later one counts.
    """
    remaining = iter(lines)
    try:
        head = json.loads(next(remaining, ""))
        known, block_size, origin = head["format"] == _FORMAT, head["block_size"], head["origin"]
    except (ValueError, TypeError, KeyError):
        return None
    if not known or type(block_size) is not int or block_size < 1 or not isinstance(origin, str):
        return None
    found = (_LINE.fullmatch(line.removesuffix("\n")) for line in remaining if line.endswith("\n"))
    blocks = {int(each[1]): Note(bytes.fromhex(each[2]), bytes.fromhex(each[3])) for each in found if each}
    return BlockNotes(block_size=block_size, origin=origin, blocks=blocks)
