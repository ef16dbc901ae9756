"""Pages of a list of changesets: one after the other, or ranges of indexes in parallel."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Protocol

import attrs

from itwin_imodels._aio.pager import follow_links, in_parallel, linked_pages
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._core.paging import IndexRanges
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.common import Listed
from itwin_imodels._operations.pages import PageTrail
from itwin_imodels._workflows.timeline_end import TimelineContents
from itwin_imodels.models import Changeset

AUTO_CONCURRENCY = 16
"""Maximum number of concurrent requests with `concurrency="auto"`."""


class BuildPage(Protocol):
    """Function that creates the call for a range of indexes."""

    def __call__(self, *, after_index: int | None, last_index: int | None, top: int) -> Call[Listed]:
        """Create the call; `top` is the page size."""
        ...


class AsyncFindNewest(Protocol):
    """Function that returns the newest changeset."""

    async def __call__(self) -> Changeset | None:
        """Return the changeset; None if there is none."""
        ...


@attrs.frozen(kw_only=True)
class AsyncTimelinePages:
    """Sources of the pages of one list of changesets.

    Attributes:
        session: Sends the calls.
        build: Creates the calls.
        newest: Returns the newest changeset; None if there is none.
        after: The index after which the list begins; None means 0.
        last: The last index of the list; None means no bound.
        descending: Whether the list begins with the highest index.
    """

    session: AsyncSession
    build: BuildPage
    newest: AsyncFindNewest
    after: int | None
    last: int | None
    descending: bool

    def one_by_one(self, top: int, enough: int | None) -> AsyncGenerator[Listed]:
        """Yield the pages, each of which is requested after the one before it."""
        pages = linked_pages(
            self.session, lambda size: self._range(self.after, self.last, size), next_page=self._next_page
        )
        return pages(top, enough)

    async def in_ranges(self, top: int, enough: int | None, concurrency: int) -> AsyncGenerator[Listed]:
        """Yield the pages of ranges up to the newest changeset, then those of changesets pushed in the meantime."""
        newest = await self.newest()
        end = 0 if newest is None else newest.index
        end = end if self.last is None else min(end, self.last)
        ranges = IndexRanges(self.after or 0, end, top, descending=self.descending)
        contents = TimelineContents(newest, after_index=self.after, last_index=self.last)
        calls = (self._range(start, last, top) for start, last in ranges)
        async for listed in in_parallel(self.session, calls, concurrency, learn=ranges.learn):
            contents.add(listed.positions)
            yield listed
        contents.check()
        if self.last is None and not self.descending:
            seen = max(end, self.after or 0)
            async for listed in linked_pages(self.session, lambda size: self._range(seen, None, size))(top, enough):
                yield listed

    async def automatic(self, top: int, enough: int | None) -> AsyncGenerator[Listed]:
        """Yield the pages: ranges in parallel if all of many pages are read and this saves time, else one by one."""
        call = self._range(self.after, self.last, top)
        first = await self.session.send(call)
        trail = PageTrail(call.name, call.entity)
        trail.append(first)
        if first.next_link is None or first.positions is None or enough is not None:
            pages = self._following(call, first, trail, top, enough)
        else:
            pages = self._measured(call, first, trail, top)
        async with aclosing(pages):
            async for listed in pages:
                yield listed

    async def _measured(self, call: Call[Listed], first: Listed, trail: PageTrail, top: int) -> AsyncGenerator[Listed]:
        """Yield the pages, from the third one on in parallel if waiting for the second took longer than reading it.

        The newest changeset is requested together with the second page, unless the list is descending.
        """
        background = self.session.background
        following = background.start(self._timed, *self._next_page(call, top, first))
        finding = None if self.descending else background.start(self.newest)
        try:
            yield first
            second, concurrency = await following.result()
            newest = None if finding is None else await finding.result()
        except BaseException:
            await following.cancel()
            if finding is not None:
                await finding.cancel()
            raise
        trail.append(second)
        contents = TimelineContents(newest, after_index=self.after, last_index=self.last)
        contents.add(first.positions)
        seen, end = self._rest(second, newest)
        if concurrency > 1 and second.next_link is not None and seen < end:
            pages = self._parallel(second, seen, end, concurrency, top)
        else:
            pages = self._following(call, second, trail, top, None)
        async with aclosing(pages):
            async for listed in pages:
                contents.add(listed.positions)
                yield listed
        contents.check()

    async def _timed(self, call: Call[Listed], link: str | None) -> tuple[Listed, int]:
        """Request the next page; also return how many requests to send at a time from now on.

        Concurrent requests cost processor time. They save time only if waiting takes longer than reading.
        """
        begin, used = time.perf_counter(), time.thread_time()
        page = await self.session.follow(call, link)
        used = time.thread_time() - used
        waited = time.perf_counter() - begin - used
        return page, AUTO_CONCURRENCY if waited > used else 1

    def _following(
        self, call: Call[Listed], page: Listed, trail: PageTrail, top: int, enough: int | None
    ) -> AsyncGenerator[Listed]:
        """Yield a page and all that follow it."""
        return follow_links(self.session, call, page, trail, enough, next_page=partial(self._next_page, call, top))

    def _next_page(self, call: Call[Listed], top: int, page: Listed) -> tuple[Call[Listed], str | None]:
        """Return the call for the page after a given one, and its link; None if the call itself is sent.

        Links count changesets from the beginning of the list, so changesets pushed in the meantime would shift the
        pages of a descending list. Its pages are therefore requested by index.
        """
        lowest = 0 if page.positions is None else abs(page.positions[1])
        if not self.descending or lowest <= (self.after or 0) + 1:
            return call, page.next_link
        return self._range(self.after, lowest - 1, top), None

    def _rest(self, page: Listed, newest: Changeset | None) -> tuple[int, int]:
        """Return the bounds of the indexes that follow a page; both are 0 if they are unknown."""
        if page.positions is None:
            return 0, 0
        seen = abs(page.positions[1])
        if self.descending:
            return self.after or 0, seen - 1
        end = 0 if newest is None else newest.index
        return seen, end if self.last is None else min(end, self.last)

    def _parallel(self, before: Listed, after: int, end: int, concurrency: int, top: int) -> AsyncGenerator[Listed]:
        """Yield a page, then the ranges between two indexes, several at a time."""
        ranges = IndexRanges(after, end, top, descending=self.descending)
        newest = end if self.descending else self.last  # the last range includes changesets pushed in the meantime
        calls = (self._range(start, last if last < end else newest, top) for start, last in ranges)
        return in_parallel(self.session, calls, concurrency, learn=ranges.learn, before=(before,))

    def _range(self, after: int | None, last: int | None, top: int) -> Call[Listed]:
        return self.build(after_index=after, last_index=last, top=top)
