"""Update open pages live through server-sent events.

While a page is open, a single task polls the database about once per second; it also detects commits of other
processes. After a commit it reads the open pages again, and sends each stream the sections that differ from those the
browser already has. If reading is slow, the task polls less often.
"""

import logging
import time
from asyncio import Task, create_task
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime

from anyio import CancelScope, Event, move_on_after
from anyio.to_thread import run_sync
from attrs import define, field, frozen
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import ServerSentEvent

from itwin_imodels_hub.page.formats import iso
from itwin_imodels_hub.page.rendering import digests, render_section, write_mark
from itwin_imodels_hub.page.views import View
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.watching import Watcher

Read = Callable[[View, bool], tuple[Mapping[str, object] | None, datetime]]
"""Reads all sections of a page, or only those not stored in the database, and returns them with the current time."""

_logger = logging.getLogger(__name__)

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0
_PAUSE_FACTOR = 10
_RETRY_MILLISECONDS = 1000


@frozen
class _Shown:
    """The state of a page: digests (`known`) and HTML (`written`) of its sections.

    `known` is None if the page no longer exists.
    """

    known: Mapping[str, str] | None
    written: Mapping[str, str]
    now: datetime


@define(eq=False)
class _Watch:
    """A page with open streams."""

    view: View
    streams: int = 0
    shown: _Shown | None = None
    news: Event = field(factory=Event)


class Live:
    """The event streams of a process."""

    def __init__(self, database: Database, read: Read) -> None:
        """Prepare to watch a database.

        Args:
            database: The database.
            read: Reads a page.
        """
        self._database = database
        self._read = read
        self._watches: dict[View, _Watch] = {}
        self._poller: _Poller | None = None
        self._ended = False

    async def events(self, view: View, known: Mapping[str, str]) -> AsyncIterator[ServerSentEvent]:
        """Yield the changes of a page until the page no longer exists or the hub stops.

        Args:
            view: The page.
            known: Digests of the sections that the browser already has.

        Yields:
            `section` events with the HTML of a section, then one `now` event with the time of the hub and, as its id,
                the mark to resume from; `gone` if the page no longer exists.
        """
        watch = self._join(view)
        seen: _Shown | None = None
        try:
            while not self._ended:
                news = watch.news
                if watch.shown is not None and watch.shown is not seen:
                    seen = watch.shown
                    if seen.known is None:
                        yield ServerSentEvent(event="gone", data="")
                        return
                    for name, value in seen.known.items():
                        if known.get(name) != value:
                            yield ServerSentEvent(event="section", data=seen.written[name])
                    known = seen.known
                    yield ServerSentEvent(
                        event="now", data=iso(seen.now), id=write_mark(known), retry=_RETRY_MILLISECONDS
                    )
                await news.wait()
        finally:
            with CancelScope(shield=True):
                await self._leave(watch)

    def end(self) -> None:
        """End all streams; must be called in their event loop."""
        self._ended = True
        for watch in self._watches.values():
            watch.news.set()

    def _join(self, view: View) -> _Watch:
        watch = self._watches.setdefault(view, _Watch(view))
        watch.streams += 1
        if self._poller is None:
            self._poller = _Poller(self._refresh, self._database)
        if watch.shown is None:
            self._poller.hurry()
        return watch

    async def _leave(self, watch: _Watch) -> None:
        watch.streams -= 1
        if not watch.streams:
            del self._watches[watch.view]
        if not self._watches and self._poller is not None:
            poller, self._poller = self._poller, None
            await poller.end()

    async def _refresh(self, *, changed: bool) -> None:
        """Read the pages that may have changed and wake their streams."""
        for watch in list(self._watches.values()):
            before = watch.shown
            shown = await run_sync(self._read_page, watch.view, before, changed)
            if shown is not before:
                watch.shown = shown
                watch.news.set()
                watch.news = Event()

    def _read_page(self, view: View, before: _Shown | None, changed: bool) -> _Shown:  # noqa: FBT001 - through run_sync
        sections, now = self._read(view, changed or before is None)
        if sections is None:
            return _Shown(None, {}, now)
        known = {**(before.known or {} if before else {}), **digests(sections)}
        if before is not None and before.known == known:
            return before
        old = before.known or {} if before else {}
        fresh = {
            name: render_section(view, name, section, now)
            for name, section in sections.items()
            if old.get(name) != known[name]
        }
        return _Shown(known, {**(before.written if before else {}), **fresh}, now)


class _Poller:
    """A task that polls the database."""

    def __init__(self, refresh: Callable[..., Awaitable[None]], database: Database) -> None:
        self._refresh = refresh
        self._database = database
        self._ended = False
        self._wake = Event()
        self._task: Task[None] = create_task(self._run())

    def hurry(self) -> None:
        """Poll immediately."""
        self._wake.set()

    async def end(self) -> None:
        """Stop polling; return after the last poll has finished."""
        self._ended = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        watcher = await run_sync(Watcher, self._database)
        changed = True
        try:
            while not self._ended:
                begin = time.monotonic()
                self._wake = Event()
                try:
                    changed = await run_sync(watcher.has_changed) or changed
                    await self._refresh(changed=changed)
                    changed = False
                except SQLAlchemyError:
                    _logger.exception("Updating the page failed; retrying")
                with move_on_after(_pause(time.monotonic() - begin)):
                    await self._wake.wait()
        finally:
            await run_sync(watcher.close)


def _pause(taken: float) -> float:
    """Return the seconds to wait after a poll of the given duration."""
    return min(max(_SHORTEST_PAUSE, taken * _PAUSE_FACTOR), _LONGEST_PAUSE)
