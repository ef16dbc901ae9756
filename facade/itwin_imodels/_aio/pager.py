"""Lists that are read page by page while they are iterated."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._core import checks
from itwin_imodels._core.paging import Page
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.common import Listed
from itwin_imodels._operations.pages import PageTrail

if TYPE_CHECKING:
    from itwin_imodels._core.background import AsyncPending

T = TypeVar("T")
PageSource = Callable[[int, int | None], AsyncGenerator[Listed]]
NextPage = Callable[[Listed], tuple[Call[Listed], str | None]]
"""Returns the call for the page after a given one, and the link to it; None sends the call itself."""

PAGE_SIZE = 1000
"""Default page size: the maximum of the service, for the fewest requests."""


class AsyncPager(Generic[T]):
    """A list of entities that is read page by page during iteration.

    No request is sent before the iteration begins. Each iteration reads the list again. The next page is fetched while
    the current one is processed.

    Example:
        ```python
        async for changeset in client.changesets.list(imodel_id):
            print(changeset.index)
        newest = await client.changesets.list(imodel_id, order_by="index desc").first()
        ```
    """

    def __init__(
        self,
        source: PageSource,
        *,
        page_size: int | None = None,
        limit: int | None = None,
        join: Callable[[T, T], T | None] | None = None,
    ) -> None:
        """Create a list; only the client calls this.

        Args:
            source: Yields the pages. Its arguments are the page size and the number of entities after which no further
                page is fetched in advance; None for the latter sets no bound.
            page_size: Entities per page, 1 to 1000; None means 1000.
            limit: Maximum number of entities in total, 0 or more; None means all.
            join: Merges two successive entities that belong together, or returns None if they do not.
        """
        self._source = source
        self._page_size = checks.page_size(page_size) or PAGE_SIZE
        self._limit = checks.limit(limit)
        self._join = join

    def __aiter__(self) -> AsyncGenerator[T]:
        """Iterate over the entities."""
        return self._joined(self._join) if self._join is not None else self._single()

    async def pages(self) -> AsyncGenerator[Page[T]]:
        """Iterate over the pages of the list.

        Yields:
            Each page, with its entities and whether there is another page.
        """
        left = self._limit
        if left == 0:
            return
        async with aclosing(self._source(min(self._page_size, left or self._page_size), left)) as source:
            async for listed in source:
                items = cast("tuple[T, ...]", listed.items[:left])
                left = None if left is None else left - len(items)
                more = listed.next_link is not None and left != 0
                yield Page(items, has_next=more)
                if left == 0:
                    return

    async def first(self) -> T | None:
        """Return the first entity, or None if the list is empty."""
        if self._limit == 0:
            return None
        one = AsyncPager(self._source, page_size=None if self._join else 1, limit=1, join=self._join)
        async with aclosing(one.__aiter__()) as items:
            async for item in items:
                return item
        return None

    async def all(self) -> list[T]:
        """Return all entities in one list. Iterate over long lists instead."""
        if self._join is not None:
            return [item async for item in self]
        items: list[T] = []
        async for page in self.pages():
            items += page.items
        return items

    async def _single(self) -> AsyncGenerator[T]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def _joined(self, join: Callable[[T, T], T | None]) -> AsyncGenerator[T]:
        count = 0
        held: T | None = None
        async with aclosing(self._source(self._page_size, None)) as source:
            async for listed in source:
                for item in cast("tuple[T, ...]", listed.items):
                    both = None if held is None else join(held, item)
                    if held is not None and both is None:
                        if count == self._limit:
                            return
                        yield held
                        count += 1
                    held = item if both is None else both
        if held is not None and count != self._limit:
            yield held


def linked_pages(
    session: AsyncSession,
    build: Callable[[int], Call[Listed]],
    *,
    next_page: Callable[[Call[Listed], int, Listed], tuple[Call[Listed], str | None]] | None = None,
) -> PageSource:
    """Return a source of pages that follows the link from each page to the next.

    The source raises `UnexpectedResponse` if pages repeat or do not end.

    Args:
        session: Sends the calls.
        build: Creates the call for the first page, given the page size.
        next_page: Returns the call for the page after a given one. Its first arguments are the first call and the page
            size; see `NextPage`. None follows links.
    """

    async def source(top: int, enough: int | None) -> AsyncGenerator[Listed]:
        call = build(top)
        first = await session.send(call)
        trail = PageTrail(call.name, call.entity)
        trail.append(first)
        following = None if next_page is None else partial(next_page, call, top)
        async with aclosing(follow_links(session, call, first, trail, enough, next_page=following)) as pages:
            async for listed in pages:
                yield listed

    return source


async def follow_links(
    session: AsyncSession,
    call: Call[Listed],
    listed: Listed,
    trail: PageTrail,
    enough: int | None,
    *,
    next_page: NextPage | None = None,
) -> AsyncGenerator[Listed]:
    """Yield a page and all that follow it. Each page is fetched while the one before it is processed.

    Args:
        session: Sends the calls.
        call: The call of the list.
        listed: The page to begin with.
        trail: The pages so far, including this one.
        enough: Number of entities after which no further page is fetched in advance; None sets no bound.
        next_page: Returns the call for the page after one that is not the last; None follows its link.

    Raises:
        UnexpectedResponse: Pages repeat or do not end.
    """
    count = 0
    while True:
        count += len(listed.items)
        pending = None
        if listed.next_link is not None and (enough is None or count < enough):
            further, link = (call, listed.next_link) if next_page is None else next_page(listed)
            pending = session.background.start(session.follow, further, link)
        try:
            yield listed
            if pending is None:
                return
            listed = await pending.result()
            pending = None
        finally:
            if pending is not None:
                await pending.cancel()
        trail.append(listed)


async def in_parallel(
    session: AsyncSession,
    calls: Iterator[Call[Listed]],
    concurrency: int,
    *,
    learn: Callable[[int, int], None],
    before: Iterable[Listed] = (),
) -> AsyncGenerator[Listed]:
    """Yield the pages of many calls in order, sending several calls concurrently.

    The first pages of the calls are requested in advance, further ones only when their call's turn has come.

    Args:
        session: Sends the calls.
        calls: The calls.
        concurrency: Maximum number of calls in progress; their first pages are kept in memory.
        learn: Called with the number of pages and entities of each call, in order.
        before: Pages to yield first, while the first calls are in progress.
    """
    window: deque[tuple[Call[Listed], AsyncPending[Any]]] = deque()
    try:
        while True:
            for call in islice(calls, concurrency - len(window)):
                window.append((call, session.background.start(session.send, call)))
            for listed in before:
                yield listed
            before = ()
            if not window:
                return
            call, pending = window.popleft()
            first = await pending.result()
            trail = PageTrail(call.name, call.entity)
            trail.append(first)
            pages = entities = 0
            async with aclosing(follow_links(session, call, first, trail, None)) as following:
                async for listed in following:
                    pages, entities = pages + 1, entities + len(listed.items)
                    yield listed
            learn(pages, entities)
    finally:
        for _, pending in window:
            await pending.cancel()
