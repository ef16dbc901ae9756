"""Pages of lists and ranges of indexes."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Page(Generic[T_co]):
    """One page of a list.

    Attributes:
        items: The entities.
        has_next: Whether another page follows.
    """

    items: tuple[T_co, ...]
    has_next: bool

    def __iter__(self) -> Iterator[T_co]:
        """Iterate over the entities."""
        return iter(self.items)

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(self.items)


def index_ranges(after: int, last: int, size: int, *, descending: bool) -> Iterator[tuple[int, int]]:
    """Split the indexes after `after`, up to and including `last`, into ranges.

    Args:
        after: The index before the first one.
        last: The last index.
        size: Maximum number of indexes per range.
        descending: Whether the highest range comes first.

    Yields:
        For each range, the index before its first one and its last index.
    """
    starts = range(after, last, size)
    for start in reversed(starts) if descending else starts:
        yield start, min(start + size, last)
