"""Pages of lists and ranges of indexes."""

from collections import deque
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


class IndexRanges:
    """Splits a range of indexes into ranges of about one page each.

    Indexes may have gaps, and a service may send smaller pages than requested. The width of a range therefore adapts to
    the number of entities in earlier ranges, so that the number of requests does not grow with the gaps.
    """

    def __init__(self, after: int, last: int, size: int, *, descending: bool) -> None:
        """Start with ranges as wide as a page without gaps.

        Args:
            after: The index before the first one.
            last: The last index.
            size: Maximum number of entities per page.
            descending: Whether the highest range comes first.
        """
        self._after, self._last = after, last
        self._size = self._width = size
        self._descending = descending
        self._widths: deque[int] = deque()

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield, for each range, the index before its first one and its last index."""
        while self._after < self._last:
            width = min(self._width, self._last - self._after)
            self._widths.append(width)
            if self._descending:
                self._last -= width
                yield self._last, self._last + width
            else:
                self._after += width
                yield self._after - width, self._after

    def learn(self, pages: int, entities: int) -> None:
        """Adapt the width to the content of the oldest range whose content was not yet known."""
        width = self._widths.popleft()
        if pages > 1:
            self._width = max(1, min(self._width, width // pages))
        elif entities * 2 < self._size:
            self._width = max(self._width, width * 2)
