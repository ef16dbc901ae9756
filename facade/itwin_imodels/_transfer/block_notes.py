"""Notes on the blocks that a file contains: their format. No I/O.

The first line applies to all blocks. Each further line describes one block, and is written only after the block is in
the file. Notes alone are never trusted: a block is reused only if its content has the recorded digest.
"""

import json
import re
from collections.abc import Iterable, Mapping

from attrs import field, frozen

_FORMAT = 1
_LINE = re.compile(r"(\d{1,10}) ([0-9A-F]{24,64}) ([0-9a-f]{32})")


@frozen
class Note:
    """A block that the file contains.

    Attributes:
        id: The id of the block.
        md5: The MD5 of its content.
    """

    id: bytes
    md5: bytes


@frozen(kw_only=True)
class BlockNotes:
    """The notes on a file that consists of blocks.

    Attributes:
        block_size: Size of a block in bytes.
        origin: Identifies the version of the file from which this one was copied; empty if it started empty.
        blocks: The blocks that the file contains, by position, starting at 0.
    """

    block_size: int
    origin: str = ""
    blocks: Mapping[int, Note] = field(factory=dict)


def head_line(block_size: int, origin: str = "") -> str:
    """Return the first line."""
    return json.dumps({"format": _FORMAT, "block_size": block_size, "origin": origin}) + "\n"


def block_line(place: int, note: Note) -> str:
    """Return the line of a block."""
    return f"{place} {note.id.hex().upper()} {note.md5.hex()}\n"


def write_notes(notes: BlockNotes) -> Iterable[str]:
    """Yield all lines."""
    yield head_line(notes.block_size, notes.origin)
    for place, note in sorted(notes.blocks.items()):
        yield block_line(place, note)


def read_notes(lines: Iterable[str]) -> BlockNotes | None:
    """Parse notes; return None if the first line is invalid. Invalid and incomplete lines are skipped.

    If two lines describe the same position, the later one applies.
    """
    remaining = iter(lines)
    try:
        head = json.loads(next(remaining, ""))
        known, block_size, origin = head["format"] == _FORMAT, head["block_size"], head["origin"]
    except (ValueError, TypeError, KeyError):
        return None
    if not known or type(block_size) is not int or block_size < 1 or not isinstance(origin, str):
        return None
    matches = (_LINE.fullmatch(line.removesuffix("\n")) for line in remaining if line.endswith("\n"))
    blocks = {int(each[1]): Note(bytes.fromhex(each[2]), bytes.fromhex(each[3])) for each in matches if each}
    return BlockNotes(block_size=block_size, origin=origin, blocks=blocks)
