"""Lists of block ids, kept as small as a manifest holds them.

A list is whole, or the changes to that of a parent. Many children of one long list take little room in a manifest and
would take very much as tuples, so a list is only put together for who asks for it.
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
        id_size: Bytes of an id.
        count: How many blocks there are.
        packed: The list as a manifest holds it: ids, or with a base, numbers and ids.
        base: What the changes are made to; None where `packed` is whole.
    """

    id_size: int
    count: int
    packed: bytes
    base: "BlockList | None" = None

    @classmethod
    def whole(cls, ids: Sequence[bytes], id_size: int) -> "BlockList":
        """Create a list that depends on no other."""
        return cls(id_size, len(ids), b"".join(ids))

    @classmethod
    def changed(cls, base: "BlockList", ids: Sequence[bytes]) -> "BlockList":
        """Create a list of the changes that lead from another list to these ids."""
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
        """The ids in the order of the file."""
        return _resolved(self)

    @property
    def entries(self) -> int:
        """How many changes there are; 0 in a whole list."""
        return 0 if self.base is None else len(self.packed) // _entry(self.id_size).size

    def changes(self) -> Iterator[tuple[int, bytes]]:
        """Number and id of each block that the base has not; for lists with a base."""
        return _entry(self.id_size).iter_unpack(self.packed)

    def own_ids(self) -> Iterator[bytes]:
        """The ids that are written in this list, in no base of it."""
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
    """How many bytes a change takes."""
    return _entry(id_size).size


def _entry(id_size: int) -> struct.Struct:
    return struct.Struct(f">I{id_size}s")
