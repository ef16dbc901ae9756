"""Pages of lists."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Page(Generic[T_co]):
    """Some entities of a list, as they came together.

    Attributes:
        items: The entities.
        has_next: Whether another page follows.
    """

    items: tuple[T_co, ...]
    has_next: bool

    def __iter__(self) -> Iterator[T_co]:
        """The entities."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.items)


def index_ranges(after: int, last: int, size: int, *, descending: bool) -> Iterator[tuple[int, int]]:
    """Cut the indexes above `after`, up to and with `last`, into ranges of at most a size.

    Args:
        after: The index before the first one.
        last: The last index.
        size: How many indexes a range has at most.
        descending: Whether the highest range comes first.

    Yields:
        For each range the index before its first one, and its last one.
    """
    starts = range(after, last, size)
    for start in reversed(starts) if descending else starts:
        yield start, min(start + size, last)
