"""Checks that the pages of a list follow one another, do not repeat, and end."""

import math
from collections.abc import Callable
from itertools import pairwise
from operator import gt, lt
from typing import Any, Final

import attrs

from itwin_imodels._operations.call import ServiceResponse
from itwin_imodels._operations.common import Listed
from itwin_imodels.errors import UnexpectedResponse

_MAX_EMPTY: Final = 10
"""Maximum number of consecutive empty pages; a service that filters can return some."""

_MAX_PAGES: Final = 1_000_000
"""Maximum number of pages of a list, far more than is realistic; their hashes take about 160 MB."""

_ADVICE: Final = "Read the list again; if that fails too, report the problem to the operator of the service."


class PageTrail:
    """The pages of one list so far. Only their hashes are kept."""

    def __init__(self, name: str, entity: str, *, max_empty: int = _MAX_EMPTY, max_pages: int = _MAX_PAGES) -> None:
        """Create an empty trail.

        Args:
            name: Name of the method that lists the entities, such as `changesets.list`.
            entity: The entity that the list belongs to, for error messages.
            max_empty: Maximum number of consecutive pages without entities.
            max_pages: Maximum number of pages.
        """
        self._list = f"{name} on {entity}"
        self._max_empty = max_empty
        self._max_pages = max_pages
        self._addresses: set[int] = set()
        self._contents: set[int] = set()
        self._empty = self._count = 0
        self._position: int | None = None

    def append(self, page: Listed) -> None:
        """Check the next page and record it.

        Raises:
            UnexpectedResponse: The page repeats an earlier page or links to one, does not follow the previous page, or
                links to another page although the maximum number of pages or of consecutive empty ones is reached.
        """
        self._count += 1
        if page.items:
            self._check_content(page)
        self._empty = 0 if page.items else self._empty + 1
        if page.next_link is not None:
            self._check_link(page.next_link)

    def _check_content(self, page: Listed) -> None:
        if page.content in self._contents:
            raise self._wrong("has the same entities as an earlier page")
        self._contents.add(page.content)
        if page.positions is not None:
            first, last = page.positions
            if self._position is not None and first <= self._position:
                raise self._wrong(
                    f"begins with index {abs(first)}, but the previous page ended with {abs(self._position)}"
                )
            self._position = last

    def _check_link(self, link: str) -> None:
        address = hash(link)
        if address in self._addresses:
            raise self._wrong("links to an earlier page as the next page")
        self._addresses.add(address)
        if self._empty >= self._max_empty:
            raise self._wrong(
                f"links to another page, but a list can have at most {self._max_empty} consecutive empty pages"
            )
        if self._count >= self._max_pages:
            raise self._wrong(f"links to another page, but a list can have at most {self._max_pages} pages")

    def _wrong(self, what: str) -> UnexpectedResponse:
        return UnexpectedResponse(f"{self._list}: page {self._count} of the list {what}. {_ADVICE}")


def in_order(
    read: Callable[[ServiceResponse], Listed],
    index_of: Callable[[Any], int],
    *,
    after: int | None,
    last: int | None,
    descending: bool,
) -> Callable[[ServiceResponse], Listed]:
    """Return a reader of pages that checks the indexes of the entities: their range and their order.

    Args:
        read: Reads the page.
        index_of: Returns the index of an entity.
        after: Lower bound of all indexes, exclusive; None means 0.
        last: Upper bound of all indexes, inclusive; None means no bound.
        descending: Whether the indexes decrease.
    """
    sign = -1 if descending else 1
    least, most = (after or 0) + 1, math.inf if last is None else last

    def read_page(answer: ServiceResponse) -> Listed:
        page = read(answer)
        indexes = [index_of(each) for each in page.items]
        if not indexes:
            return page
        first, end = indexes[0], indexes[-1]
        lowest, highest = (end, first) if descending else (first, end)
        if lowest < least or highest > most or not all(map(gt if descending else lt, indexes, indexes[1:])):
            raise _wrong_indexes(indexes)
        return attrs.evolve(page, positions=(sign * first, sign * end))

    def _wrong_indexes(indexes: list[int]) -> UnexpectedResponse:
        for index in indexes:
            if not least <= index <= most:
                return UnexpectedResponse(f"it contains index {index}, which is not {_range(after, last)}")
        before, index = next((a, b) for a, b in pairwise(indexes) if sign * b <= sign * a)
        return UnexpectedResponse(f"it contains index {index} after index {before}")

    return read_page


def _range(after: int | None, last: int | None) -> str:
    return f"above {after or 0}" if last is None else f"above {after or 0} and at most {last}"
