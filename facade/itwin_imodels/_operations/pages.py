"""The pages of a list: each goes on where the one before it ended, and they have an end."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import attrs

from itwin_imodels._operations.call import Answer
from itwin_imodels._operations.common import Listed
from itwin_imodels.errors import UnexpectedResponse

_MOST_EMPTY: Final = 10
"""Empty pages in a row after which another link is rejected: a service that filters can send some."""

_MOST_PAGES: Final = 1_000_000
"""Pages that a list may have; far more than any service sends, and their hashes take less than 150 MB."""

_ADVICE: Final = "Read the list again; if that fails too, report it to the service."


class PageTrail:
    """The pages of one list so far. Of each page only hashes are kept.

    Raises:
        UnexpectedResponse: From `append`.
    """

    def __init__(self, name: str, entity: str, *, most_empty: int = _MOST_EMPTY, most_pages: int = _MOST_PAGES) -> None:
        """Start before the first page.

        Args:
            name: What lists the entities, such as `changesets.list`.
            entity: What the list belongs to, for error texts.
            most_empty: The greatest number of pages without entities that follow one another.
            most_pages: The greatest number of pages.
        """
        self._list = f"{name} on {entity}"
        self._most_empty = most_empty
        self._most_pages = most_pages
        self._addresses: set[int] = set()
        self._contents: set[int] = set()
        self._empty = self._count = 0
        self._position: int | None = None

    def append(self, page: Listed) -> None:
        """Continue with the next page.

        Raises:
            UnexpectedResponse: The page came before, links to one that did, does not follow the page before it, or is
                one more than a list can have.
        """
        self._count += 1
        if page.items:
            self._check_content(page)
        self._empty = 0 if page.items else self._empty + 1
        if page.next_link is not None:
            self._check_link(page.next_link)

    def _check_content(self, page: Listed) -> None:
        if page.content in self._contents:
            raise self._wrong("has the same entities as an earlier one")
        self._contents.add(page.content)
        if page.positions is not None:
            first, last = page.positions
            if self._position is not None and first <= self._position:
                raise self._wrong(
                    f"begins with index {abs(first)}, but the page before ended with {abs(self._position)}"
                )
            self._position = last

    def _check_link(self, link: str) -> None:
        address = hash(link)
        if address in self._addresses:
            raise self._wrong("links to an earlier one as the next one")
        self._addresses.add(address)
        if self._empty >= self._most_empty:
            raise self._wrong(f"is one of {self._empty} in a row that are empty, and links to another one")
        if self._count >= self._most_pages:
            raise self._wrong("links to another one, which is more than a list can have")

    def _wrong(self, what: str) -> UnexpectedResponse:
        return UnexpectedResponse(f"{self._list}: page {self._count} of the list {what}. {_ADVICE}")


def in_order(
    read: Callable[[Answer], Listed],
    index_of: Callable[[Any], int],
    *,
    after: int | None,
    last: int | None,
    descending: bool,
) -> Callable[[Answer], Listed]:
    """Make the reader of a page whose entities have indexes, each greater, or each less, than the one before it.

    Args:
        read: Reads the page.
        index_of: Returns the index of an entity.
        after: All indexes are above this one.
        last: No index is above this one; None if there is no bound.
        descending: Whether the greatest index comes first.
    """
    sign = -1 if descending else 1

    def read_page(answer: Answer) -> Listed:
        page = read(answer)
        indexes = [index_of(each) for each in page.items]
        for index in indexes:
            if index <= (after or 0) or (last is not None and index > last):
                raise UnexpectedResponse(f"it lists index {index}, which is not {_range(after, last)}")
        for before, index in pairwise(indexes):
            if sign * index <= sign * before:
                raise UnexpectedResponse(f"it lists index {index} after index {before}")
        positions = (sign * indexes[0], sign * indexes[-1]) if indexes else None
        return attrs.evolve(page, positions=positions)

    return read_page


def _range(after: int | None, last: int | None) -> str:
    return f"above {after or 0}" if last is None else f"above {after or 0} and at most {last}"
