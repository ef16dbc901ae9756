"""Lists that are read page by page, while they are used."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
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

PAGE_SIZE = 1000
"""Entities of a page unless asked otherwise: the most the service gives, for the fewest requests."""


class AsyncPager(Generic[T]):
    """A list of entities. Nothing is sent until it is iterated, and each iteration reads it anew.

    While one page is used, the next one is fetched.

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
        """Prepare a list; the client's resources do this.

        Args:
            source: Gives the pages, each of at most so many entities, and fetches none ahead that begins after so many
                in total.
            page_size: Entities of a page, 1 to 1000.
            limit: Entities in total at most.
            join: Makes one of two successive entities that belong together; None if they do not.
        """
        self._source = source
        self._page_size = checks.page_size(page_size) or PAGE_SIZE
        self._limit = checks.limit(limit)
        self._join = join

    def __aiter__(self) -> AsyncGenerator[T]:
        """The entities, one after another."""
        return self._joined(self._join) if self._join is not None else self._single()

    async def pages(self) -> AsyncGenerator[Page[T]]:
        """Give the entities as the service does: page by page.

        Yields:
            Each page, with its entities and whether another one follows.
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
        """Give the first entity, or None when there is none."""
        if self._limit == 0:
            return None
        one = AsyncPager(self._source, page_size=None if self._join else 1, limit=1, join=self._join)
        async with aclosing(one.__aiter__()) as items:
            async for item in items:
                return item
        return None

    async def all(self) -> list[T]:
        """Give all entities at once. Long lists are better iterated."""
        return [item async for item in self]

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


def linked(session: AsyncSession, build: Callable[[int], Call[Listed]]) -> PageSource:
    """Make a source of pages, each of which links to the next; none comes twice, and they have an end.

    Args:
        session: Sends the calls.
        build: Makes the call of the first page, given how many entities a page has.
    """

    async def source(top: int, most: int | None) -> AsyncGenerator[Listed]:
        call = build(top)
        trail = PageTrail(call.name, call.entity)
        listed = await session.send(call)
        count = 0
        while True:
            trail.append(listed)
            count += len(listed.items)
            link = listed.next_link if most is None or count < most else None
            pending = None if link is None else session.background.start(session.follow, call, link)
            try:
                yield listed
                if pending is None:
                    return
                listed = await pending.result()
                pending = None
            finally:
                if pending is not None:
                    await pending.cancel()

    return source


async def in_parallel(session: AsyncSession, calls: Iterator[Call[Listed]], concurrency: int) -> AsyncGenerator[Listed]:
    """Give the pages of many calls in order, fetching some at once.

    Args:
        session: Sends the calls.
        calls: The calls.
        concurrency: How many are under way at once; as many pages are held.
    """
    window: deque[AsyncPending[Any]] = deque()
    try:
        while True:
            for call in islice(calls, concurrency - len(window)):
                window.append(session.background.start(_whole, session, call))
            if not window:
                return
            for listed in await window.popleft().result():
                yield listed
    finally:
        for pending in window:
            await pending.cancel()


async def _whole(session: AsyncSession, call: Call[Listed]) -> list[Listed]:
    trail = PageTrail(call.name, call.entity)
    found = [await session.send(call)]
    trail.append(found[-1])
    while (link := found[-1].next_link) is not None:
        found.append(await session.follow(call, link))
        trail.append(found[-1])
    return found
