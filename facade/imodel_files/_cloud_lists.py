"""Lists of block ids, stored as compactly as in a manifest.

A list is whole, or consists of the changes to its base, the list of a parent. Many children of a long list take little
space in a manifest, but would take much memory as tuples. A list is therefore resolved only on request.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import attrs

_LISTS_KEPT: Final = 4


@attrs.frozen(eq=False)
class BlockList:
    """The blocks of one database.

    Attributes:
        id_size: Size of an id in bytes.
        count: Number of blocks.
        packed: The list as in a manifest: ids, or numbers and ids if there is a base.
        base: The list that the changes apply to; None if `packed` is whole.
    """

    id_size: int
    count: int
    packed: bytes
    base: "BlockList | None" = None

    @classmethod
    def whole(cls, ids: Sequence[bytes], id_size: int) -> "BlockList":
        """Create a list that has no base."""
        return cls(id_size, len(ids), b"".join(ids))

    @classmethod
    def changed(cls, base: "BlockList", ids: Sequence[bytes]) -> "BlockList":
        """Create a list of the changes that turn another list into these ids."""
        old = base.ids
        pack = _entry(base.id_size).pack
        changes = [
            pack(number, block_id)
            for number, block_id in enumerate(ids)
            if number >= len(old) or old[number] != block_id
        ]
        return cls(base.id_size, len(ids), b"".join(changes), base)

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The ids in the order of the database file."""
        return _resolved(self)

    @property
    def entries(self) -> int:
        """The number of changes; 0 for a whole list."""
        return 0 if self.base is None else len(self.packed) // _entry(self.id_size).size

    def changes(self) -> Iterator[tuple[int, bytes]]:
        """Return the number and the id of each changed block, for lists with a base."""
        return _entry(self.id_size).iter_unpack(self.packed)

    def own_ids(self) -> Iterator[bytes]:
        """Return the ids that this list itself contains, without those of its base."""
        if self.base is not None:
            return (block_id for _, block_id in self.changes())
        size = self.id_size
        return (self.packed[begin : begin + size] for begin in range(0, len(self.packed), size))


@lru_cache(maxsize=_LISTS_KEPT)
def _resolved(blocks: BlockList) -> tuple[bytes, ...]:
    chain = [blocks]
    while (base := chain[-1].base) is not None:
        chain.append(base)
    ids = list(chain.pop().own_ids())
    while chain:
        each = chain.pop()
        del ids[each.count :]
        ids.extend([b""] * (each.count - len(ids)))
        for number, block_id in each.changes():
            ids[number] = block_id
    return tuple(ids)


def entry_size(id_size: int) -> int:
    """Return the size of a change in bytes."""
    return _entry(id_size).size


def _entry(id_size: int) -> struct.Struct:
    return struct.Struct(f">I{id_size}s")
